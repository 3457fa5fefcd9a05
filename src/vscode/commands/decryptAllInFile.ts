/** Decrypt All in File: every token of the document that is yours becomes text; the others stay. */
import { decryptReadableTokens, type Opened } from "../../core/transform";
import type { App } from "../app";
import { confirmAutoSave } from "../confirmAutoSave";
import { rememberDecrypted } from "../rememberDecrypted";
import { replaceSome } from "../replaceSome";
import { runOperation, type Run } from "../runOperation";
import type { Outcome } from "../runningOperation";
import { tellUnreadable } from "../tellUnreadable";
import { tokensOfDocument } from "../tokensOfDocument";
import { WorkingSelections } from "../workingSelections";
import { tellAboutLineBreaks } from "./decryptSelection";

export async function decryptAllInFile(app: App): Promise<void> {
  await runOperation(
    app,
    "decrypt",
    (run) => work(app, run),
    () => decryptAllInFile(app),
  );
}

async function work(app: App, run: Run): Promise<Outcome> {
  const { editor, prepare } = run;
  const { document } = editor;
  const text = document.getText();
  const { parts, damaged } = tokensOfDocument(document);
  const following = new WorkingSelections(editor, parts);
  try {
    await confirmAutoSave(app, document);
    const { ciphers, isAws, keyId, context, request } = await prepare();
    following.verify();
    const title = `Decrypting ${parts.length} tokens with ${keyId}…`;
    const results = await request(title, (signal) =>
      decryptReadableTokens(ciphers, parts, { keyId, context, isAws }, signal),
    );
    following.verify();
    const readable = parts.filter((_, index) => "text" in (results[index] ?? {}));
    const opened = results.filter((result) => "text" in result);
    if (opened.length > 0) {
      const texts = results.map((result) => ("text" in result ? result.text : undefined));
      const written = await replaceSome(editor, following, parts, texts);
      const replaced = readable.map(({ content: token }, index) => ({
        token,
        text: text.slice(token.start, token.end),
        opened: opened[index] as Opened,
      }));
      rememberDecrypted(app, run, { keyId, context }, written, replaced);
      tellAboutLineBreaks(opened, document);
    }
    const unreadable = results.filter((result) => "unreadable" in result);
    tellUnreadable(`${opened.length} decrypted`, unreadable, damaged);
    const bytes = readable.reduce((sum, { content }) => sum + content.bytes.length, 0);
    return { summary: `${opened.length} of ${parts.length + damaged} tokens decrypted`, bytes };
  } finally {
    following.dispose();
  }
}
