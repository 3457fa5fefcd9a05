/** Insert Secret: asks for a text out of sight, and writes its token. The text itself is never in a document. */
import { contextDifference, showContext, type EncryptionContext } from "../../core/encryptionContext";
import { KmsSelectionError } from "../../core/errors";
import type { App } from "../app";
import { whyNot } from "../editSurface";
import { editText } from "../editText";
import { insertAt, insertionPoints } from "../insertToken";
import { attempt, runOperation, type Run } from "../runOperation";
import type { Outcome } from "../runningOperation";
import type { WorkingSelections } from "../workingSelections";

/** Where a secret is to be inserted, and what the person was told about it. */
interface Asked {
  readonly working: WorkingSelections;
  readonly keyId: string;
  readonly context: EncryptionContext;
}

/** The person is asked only when all is known to be in order that can be known without a request. */
export async function insertSecret(app: App): Promise<void> {
  let asked: Asked | undefined;
  await runOperation(
    app,
    "encrypt",
    async (run) => {
      asked = await prepare(run);
      return { summary: "ready for a secret", bytes: 0 };
    },
    () => insertSecret(app),
  );
  if (asked) await ask(app, asked);
}

async function prepare({ editor, prepare }: Run): Promise<Asked> {
  const working = insertionPoints(editor);
  try {
    const { keyId, context } = await prepare();
    return { working, keyId, context };
  } catch (error) {
    working.dispose();
    throw error;
  }
}

async function ask(app: App, asked: Asked): Promise<void> {
  const { working, keyId, context } = asked;
  try {
    await editText(app, {
      title: "Insert Secret",
      text: "",
      prompt: `Type or paste the secret. It is encrypted with ${keyId} for ${showContext(context)}, and only then inserted.`,
      action: "Encrypt and Insert",
      // Enter on nothing inserts nothing.
      save: async (secret, again) =>
        secret === ""
          ? undefined
          : whyNot(await attempt(app, "encrypt", (run) => insert(run, asked, secret), working.editor, again)),
    });
  } finally {
    working.dispose();
  }
}

async function insert(run: Run, { working, context: before }: Asked, secret: string): Promise<Outcome> {
  const prepared = await run.prepare();
  const difference = contextDifference(before, prepared.context);
  if (difference) throw new KmsSelectionError({ code: "identity-changed", difference });
  return insertAt(working, prepared, run.target, secret);
}
