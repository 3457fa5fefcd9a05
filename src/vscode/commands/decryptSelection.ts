/** Decrypt Selection: every selected token, or the one at the cursor, becomes text again. */
import * as vscode from "vscode";
import { KmsSelectionError } from "../../core/errors";
import { wishInForce, type Wish } from "../../core/reEncryptionWish";
import { withLineBreaks } from "../../core/text";
import type { Token } from "../../core/tokens";
import { checkTokens, decryptTokens, type Opened } from "../../core/transform";
import type { App } from "../app";
import { confirmAutoSave } from "../confirmAutoSave";
import { rememberDecrypted } from "../rememberDecrypted";
import { replaceParts } from "../replaceParts";
import { runOperation, type Run } from "../runOperation";
import type { Outcome } from "../runningOperation";
import { selectedTokens, WorkingSelections, type SelectedPart } from "../workingSelections";
import { count } from "./encryptSelection";
import { reEncryptSelection } from "./reEncryptSelection";

/** With `letKmsFindKey` the configured key is not demanded; the person sees which key it was before text is written. */
export async function decryptSelection(app: App, options = { letKmsFindKey: false }): Promise<void> {
  let wish: Wish | undefined;
  const toReEncrypt = (wanted: Wish): void => {
    wish = wanted;
  };
  const work = (run: Run): Promise<Outcome> => decrypt(app, run, options.letKmsFindKey, toReEncrypt);
  await runOperation(app, "decrypt", work, (again) => decryptSelection(app, again));
  // An operation of its own: it fails in words of its own.
  if (wish) await reEncryptSelection(app, wish);
}

async function decrypt(
  app: App,
  run: Run,
  letKmsFindKey: boolean,
  toReEncrypt: (wish: Wish) => void,
): Promise<Outcome> {
  const { editor, target, prepare } = run;
  const parts = selectedTokens(editor);
  checkTokens(parts);
  const text = editor.document.getText();
  const texts = parts.map(({ start, end }) => text.slice(start, end));
  const working = new WorkingSelections(editor, parts);
  try {
    await confirmAutoSave(app, editor.document);
    const prepared = await prepare({ tokens: parts });
    const { ciphers, context, request } = prepared;
    working.verify();
    const keyId = letKmsFindKey ? undefined : prepared.keyId;
    const opened = await request(
      `Decrypting ${count(parts.length)} with ${keyId ?? "the key that KMS finds"}…`,
      (signal) => decryptTokens(ciphers, parts, { keyId, context }, signal),
    );
    if (letKmsFindKey && (await askAboutKey(opened, prepared.keyId)) === "re-encrypt") {
      toReEncrypt({ ...wishInForce(target, prepared.keyId), fromKey: undefined });
      return outcome("found under another key", parts);
    }
    const written = await replaceParts(
      working,
      opened.map(({ text }) => text),
    );
    const replaced = opened.map((each, index) => ({
      token: (parts[index] as SelectedPart<Token>).content,
      text: texts[index] ?? "",
      opened: each,
    }));
    rememberDecrypted(app, run, { keyId, context }, written, replaced);
    tellAboutLineBreaks(opened, editor.document);
    return outcome("decrypted", parts);
  } finally {
    working.dispose();
  }
}

/** Throws `cancelled`. */
async function askAboutKey(opened: readonly Opened[], keyId: string): Promise<"decrypt" | "re-encrypt"> {
  const arns = [...new Set(opened.map(({ keyArn }) => keyArn))];
  const decryptButton = "Decrypt";
  const reEncryptButton = `Re-encrypt under ${keyId}`;
  const answer = await vscode.window.showWarningMessage(
    arns.length === 1 ? "KMS found the key of this text." : "KMS found the keys of these texts.",
    {
      modal: true,
      detail: `${arns.join("\n")}\n\nDecrypt writes the text into the document. Re-encrypt puts it under ${keyId}, and the text stays hidden.`,
    },
    decryptButton,
    reEncryptButton,
  );
  if (answer === undefined) throw new KmsSelectionError({ code: "cancelled" });
  return answer === decryptButton ? "decrypt" : "re-encrypt";
}

function outcome(done: string, parts: readonly SelectedPart<Token>[]): Outcome {
  const bytes = parts.reduce((sum, { content }) => sum + content.bytes.length, 0);
  return { summary: `${count(parts.length)} ${done}`, bytes };
}

/** A document has one kind of line break; text that was encrypted elsewhere may have another. */
export function tellAboutLineBreaks(opened: readonly Opened[], document: vscode.TextDocument): void {
  const eol = document.eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n";
  if (opened.every(({ text }) => withLineBreaks(text, eol) === text)) return;
  const name = eol === "\n" ? "LF" : "CRLF";
  void vscode.window.showWarningMessage(
    `The decrypted text had other line breaks than this document; the editor made them ${name}.`,
  );
}
