/** Decrypt All in File: every token of the document that is yours becomes text; the others stay. */
import * as vscode from "vscode";
import { KmsSelectionError } from "../../core/errors";
import { findTokens } from "../../core/findInText";
import type { TextRange } from "../../core/trackedRanges";
import { decryptReadableTokens, type Opened } from "../../core/transform";
import type { App } from "../app";
import { rememberDecrypted } from "../rememberDecrypted";
import { replaceParts } from "../replaceParts";
import { runOperation, type Outcome, type Run } from "../runOperation";
import { tellUnreadable } from "../tellUnreadable";
import { WorkingSelections, type SelectedPart } from "../workingSelections";
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
  const { tokens, damaged } = findTokens(text);
  if (tokens.length + damaged === 0) throw new KmsSelectionError({ code: "no-tokens" });
  const parts = tokens.map((content, selection) => ({
    content,
    start: content.start,
    end: content.end,
    line: document.positionAt(content.start).line + 1,
    selection,
  }));
  const following = new WorkingSelections(editor, parts);
  try {
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
      const written = await replace(editor, readable, following, opened);
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

/** The tokens that stay are not followed any more: nothing has happened since they were looked at. */
async function replace(
  editor: vscode.TextEditor,
  readable: readonly SelectedPart<unknown>[],
  following: WorkingSelections,
  opened: readonly { readonly text: string }[],
): Promise<TextRange[]> {
  const places = following.verify();
  const working = new WorkingSelections(
    editor,
    readable.map((part) => ({ ...part, ...places[part.selection] })),
    { keepSelections: true },
  );
  try {
    return await replaceParts(
      working,
      opened.map(({ text }) => text),
    );
  } finally {
    working.dispose();
  }
}
