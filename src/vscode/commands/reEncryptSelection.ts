/** Re-encrypt Selection: every selected token, or the one at the cursor, goes to another key, identity or form. */
import * as vscode from "vscode";
import { reEncryptTokens } from "../../core/reEncryption";
import type { Wish } from "../../core/reEncryptionWish";
import { checkTokens } from "../../core/transform";
import type { App } from "../app";
import { fileOf } from "../inForce";
import { firstWish, nowFor, ReEncryptionRun } from "../reEncryptionRun";
import { replaceParts } from "../replaceParts";
import { runOperation, type Run } from "../runOperation";
import type { Outcome } from "../runningOperation";
import { selectedTokens, WorkingSelections } from "../workingSelections";
import { askWish } from "./askWish";
import { count } from "./encryptSelection";

/** `wish` is asked for unless it is known already. */
export async function reEncryptSelection(app: App, wish?: Wish): Promise<void> {
  let asked = wish;
  await runOperation(
    app,
    "re-encrypt",
    (run) => work(app, run, wish, (answer) => (asked = answer)),
    (again) =>
      reEncryptSelection(app, again?.letKmsFindKey && asked ? { ...asked, fromKey: undefined } : undefined),
  );
}

async function work(
  app: App,
  { editor, prepare }: Run,
  known: Wish | undefined,
  remember: (wish: Wish) => void,
): Promise<Outcome> {
  const parts = selectedTokens(editor);
  checkTokens(parts);
  const text = editor.document.getText();
  const file = fileOf(editor.document);
  const working = new WorkingSelections(editor, parts);
  try {
    const now = nowFor(app, file);
    const wish = known ?? (await askWish(app, "Re-encrypt Selection", firstWish(now), now));
    remember(wish);
    const reEncryption = new ReEncryptionRun(app, wish, [file]);
    const prepared = await reEncryption.prepare((journey) => prepare({ journey, tokens: parts }));
    working.verify();
    const { keyId, request } = prepared;
    const hasMessages = parts.some(({ content }) => content.kind === "encryption-sdk");
    const title = `Re-encrypting ${count(parts.length)} under ${keyId}…`;
    const texts = await request(title, async (signal) => {
      if (hasMessages) await reEncryption.lookAtKeys(signal);
      const { ciphers, plan } = reEncryption.readyFor(file);
      return reEncryptTokens(ciphers, parts, plan, signal);
    });
    const kept = texts.filter((each) => each === undefined).length;
    if (kept < texts.length) {
      const bytesKept = parts.map(({ start, end }) => text.slice(start, end));
      await replaceParts(
        working,
        texts.map((each, index) => each ?? bytesKept[index] ?? ""),
      );
    }
    if (kept > 0) tellKept(kept, texts.length, keyId);
    const bytes = parts.reduce((sum, { content }) => sum + content.bytes.length, 0);
    return { summary: `${count(texts.length - kept)} re-encrypted`, bytes };
  } finally {
    working.dispose();
  }
}

function tellKept(kept: number, all: number, keyId: string): void {
  const subject =
    all === 1 ? "The token was" : kept === all ? "All of them were" : `${kept} of ${all} selections were`;
  void vscode.window.showInformationMessage(
    `${subject} under ${keyId} already, as asked for, and nothing of ${kept === 1 ? "it" : "them"} was changed.`,
  );
}
