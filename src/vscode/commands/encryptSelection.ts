/** Encrypt Selection: every selected text becomes a token. */
import * as vscode from "vscode";
import { KmsSelectionError } from "../../core/errors";
import { isCertain, parseToken } from "../../core/tokens";
import { checkTexts } from "../../core/transform";
import type { App } from "../app";
import { encryptParts } from "../encryptParts";
import { runOperation, type Run } from "../runOperation";
import type { Outcome } from "../runningOperation";
import { selectedTexts, WorkingSelections } from "../workingSelections";

export async function encryptSelection(app: App): Promise<void> {
  await runOperation(
    app,
    "encrypt",
    (run) => work(app, run),
    () => encryptSelection(app),
  );
}

async function work(app: App, run: Run): Promise<Outcome> {
  const { editor, target } = run;
  const parts = selectedTexts(editor);
  checkTexts(parts, target.envelope);
  const working = new WorkingSelections(editor, parts);
  try {
    await confirmTokens(parts.map(({ content }) => content));
    return await encryptParts(app, run, parts, working, count(parts.length));
  } finally {
    working.dispose();
  }
}

export function count(selections: number): string {
  return selections === 1 ? "1 selection" : `${selections} selections`;
}

/** Asks before what looks like a token is encrypted once more. Throws `cancelled`. */
async function confirmTokens(texts: readonly string[]): Promise<void> {
  const kinds = texts.map(tokenCertainty).filter((kind) => kind !== undefined);
  if (kinds.length === 0) return;
  const isCertainly = kinds.includes("certain");
  const subject = texts.length === 1 ? "The selection" : `${kinds.length} of ${texts.length} selections`;
  const isOne = kinds.length === 1;
  const state = isCertainly
    ? `${isOne ? "is" : "are"} encrypted already`
    : `${isOne ? "looks" : "look"} like ciphertext already`;
  const answer = await vscode.window.showWarningMessage(
    `${subject} ${state}.`,
    { modal: true, detail: "Encrypted twice, it has to be decrypted twice to be readable." },
    "Encrypt Again",
  );
  if (answer !== "Encrypt Again") throw new KmsSelectionError({ code: "cancelled" });
}

function tokenCertainty(text: string): "certain" | "likely" | undefined {
  try {
    const token = parseToken(text);
    return token && (isCertain(token) ? "certain" : "likely");
  } catch {
    // A damaged token is a token all the same.
    return "certain";
  }
}
