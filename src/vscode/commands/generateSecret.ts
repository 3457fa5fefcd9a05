/** Generate Secret: makes a random text, and writes its token. Nobody sees the text, unless it is copied. */
import * as vscode from "vscode";
import {
  alphabets,
  entropyBits,
  generateSecret as generate,
  MAX_LENGTH,
  parseLength,
} from "../../core/generateSecret";
import type { App } from "../app";
import { insertToken } from "../insertToken";
import { offerGenerated } from "./offerGenerated";
import { runOperation, type Run } from "../runOperation";
import type { Outcome } from "../runningOperation";

const DEFAULT_LENGTH = "32";

export async function generateSecret(app: App): Promise<void> {
  await runOperation(
    app,
    "encrypt",
    (run) => work(app, run),
    () => generateSecret(app),
  );
}

async function work(app: App, run: Run): Promise<Outcome> {
  let secret = "";
  const outcome = await insertToken(run, async () => {
    const alphabet = await askForAlphabet();
    const length = alphabet && (await askForLength(alphabet));
    return alphabet && length ? (secret = generate(length, alphabet)) : undefined;
  });
  void offerGenerated(app, secret, run.settings.clipboardSeconds.value);
  return outcome;
}

async function askForAlphabet(): Promise<string | undefined> {
  const items = Object.entries(alphabets).map(([label, alphabet]) => ({
    label,
    description: `${alphabet.length} characters`,
    alphabet,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: "Generate Secret",
    placeHolder: "Choose what the secret is made of",
  });
  return picked?.alphabet;
}

async function askForLength(alphabet: string): Promise<number | undefined> {
  const text = await vscode.window.showInputBox({
    title: "Generate Secret",
    prompt: "The number of characters",
    value: DEFAULT_LENGTH,
    validateInput: (typed) => {
      const length = parseLength(typed);
      return length === undefined
        ? `A number from 1 to ${MAX_LENGTH}`
        : {
            message: `${entropyBits(length, alphabet)} bits of entropy`,
            severity: vscode.InputBoxValidationSeverity.Info,
          };
    },
  });
  return text === undefined ? undefined : parseLength(text);
}
