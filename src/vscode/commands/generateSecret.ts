/** Generate Secret: makes a random text, and writes its token. Nobody sees the text. */
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
import { runOperation, type Outcome, type Run } from "../runOperation";

const DEFAULT_LENGTH = "32";

export async function generateSecret(app: App): Promise<void> {
  await runOperation(app, "encrypt", work, () => generateSecret(app));
}

function work(run: Run): Promise<Outcome> {
  return insertToken(run, async () => {
    const alphabet = await askForAlphabet();
    const length = alphabet && (await askForLength(alphabet));
    return alphabet && length ? generate(length, alphabet) : undefined;
  });
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
