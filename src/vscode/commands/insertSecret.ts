/** Insert Secret: asks for a text out of sight, and writes its token. The text itself is never in a document. */
import * as vscode from "vscode";
import { explainFailure } from "../../core/describeFailure";
import { toKmsSelectionError } from "../../core/errors";
import type { Envelope } from "../../core/messages";
import { checkTexts } from "../../core/transform";
import type { App } from "../app";
import { insertToken } from "../insertToken";
import { runOperation, type Run } from "../runOperation";
import type { Outcome } from "../runningOperation";

export async function insertSecret(app: App): Promise<void> {
  await runOperation(app, "encrypt", work, () => insertSecret(app));
}

function work(run: Run): Promise<Outcome> {
  const { envelope, identity } = run.target;
  return insertToken(run, async ({ keyId }) =>
    vscode.window.showInputBox({
      title: "Insert Secret",
      prompt: `Type or paste the secret. It is encrypted with ${keyId} for ${identity.value}, and only then inserted`,
      password: true,
      // So that it can be fetched from another window.
      ignoreFocusOut: true,
      validateInput: (text) => validate(text, envelope),
    }),
  );
}

function validate(text: string, envelope: Envelope): string | undefined {
  // Nothing typed yet. Enter on it inserts nothing.
  if (text === "") return undefined;
  try {
    checkTexts([{ content: text, line: 1 }], envelope);
    return undefined;
  } catch (error) {
    return explainFailure(toKmsSelectionError(error));
  }
}
