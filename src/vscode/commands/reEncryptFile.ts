/** Re-encrypt File: every token of the document that is the person's goes to another key, identity or form. */
import * as vscode from "vscode";
import { mapConcurrently } from "../../core/mapConcurrently";
import { reEncryptReadableToken } from "../../core/reEncryption";
import { MAX_CONCURRENT_REQUESTS } from "../../core/transform";
import type { App } from "../app";
import { fileOf } from "../inForce";
import { firstWish, nowFor, ReEncryptionRun } from "../reEncryptionRun";
import { replaceSome } from "../replaceSome";
import { runOperation, type Run } from "../runOperation";
import type { Outcome } from "../runningOperation";
import { tokensOfDocument } from "../tokensOfDocument";
import { WorkingSelections } from "../workingSelections";
import { askWish } from "./askWish";

export async function reEncryptFile(app: App): Promise<void> {
  await runOperation(
    app,
    "re-encrypt",
    (run) => work(app, run),
    () => reEncryptFile(app),
  );
}

async function work(app: App, { editor, prepare }: Run): Promise<Outcome> {
  const { document } = editor;
  const file = fileOf(document);
  const { parts, damaged } = tokensOfDocument(document);
  const following = new WorkingSelections(editor, parts);
  try {
    const now = nowFor(app, file);
    const title = `Re-encrypt ${parts.length} Tokens in File`;
    const reEncryption = new ReEncryptionRun(app, await askWish(app, title, firstWish(now), now), [file]);
    const { keyId, request } = await reEncryption.prepare((journey) => prepare({ journey }));
    following.verify();
    const results = await request(`Re-encrypting ${parts.length} tokens under ${keyId}…`, async (signal) => {
      await reEncryption.lookAtKeys(signal);
      const { ciphers, plan } = reEncryption.readyFor(file);
      return mapConcurrently(parts, MAX_CONCURRENT_REQUESTS, signal, (part, _, either) =>
        reEncryptReadableToken(ciphers, part, plan, either),
      );
    });
    const texts = results.map((result) => (typeof result === "string" ? result : undefined));
    await replaceSome(editor, following, parts, texts);
    const changed = texts.filter((each) => each !== undefined).length;
    const kept = results.filter((result) => result === undefined).length;
    tell(changed, kept, results.length - changed - kept, damaged);
    const bytes = parts.reduce((sum, { content }) => sum + content.bytes.length, 0);
    return { summary: `${changed} of ${parts.length + damaged} tokens re-encrypted`, bytes };
  } finally {
    following.dispose();
  }
}

function tell(changed: number, kept: number, unreadable: number, damaged: number): void {
  const parts = [
    `${changed} re-encrypted`,
    ...(kept > 0 ? [`${kept} done already`] : []),
    ...(unreadable > 0 ? [`${unreadable} not readable from there`] : []),
    ...(damaged > 0 ? [`${damaged} damaged`] : []),
  ];
  const message = `${parts.join(", ")}.`;
  if (unreadable + damaged === 0) void vscode.window.showInformationMessage(message);
  else void vscode.window.showWarningMessage(message);
}
