/** Writes the results: one edit, one undo stop, or nothing at all. */
import { basename } from "node:path/posix";
import * as vscode from "vscode";
import { KmsSelectionError } from "../core/errors";
import { withLineBreaks } from "../core/text";
import type { TextRange } from "../core/trackedRanges";
import { fileOf } from "./inForce";
import { inTurn } from "./inTurn";
import type { WorkingSelections } from "./workingSelections";

/** How often an edit is tried again after the person typed at the very moment when it was made. */
const ATTEMPTS = 5;

/** Throws `document-read-only` as far as the file system tells; an editor may be read-only besides. */
export async function requireWritable(document: vscode.TextDocument): Promise<void> {
  const file = fileOf(document);
  if (file.scheme === "untitled") return;
  const isReadOnly =
    vscode.workspace.fs.isWritableFileSystem(file.scheme) === false ||
    (await vscode.workspace.fs.stat(file).then(
      ({ permissions }) => ((permissions ?? 0) & vscode.FilePermission.Readonly) !== 0,
      // A file that is not there yet, or a file system that does not tell: the edit itself will show.
      () => false,
    ));
  if (isReadOnly) throw new KmsSelectionError({ code: "document-read-only" });
}

/**
 * Replaces each part by the text at its index, and answers where the new texts are. Afterwards the selections cover
 * them, unless the person has moved on. Throws `document-closed`, `text-changed`, `document-read-only`, `edit-rejected`, and `cancelled` when the
 * document went out of view and is not to be shown; then nothing was written.
 */
export async function replaceParts(
  working: WorkingSelections,
  texts: readonly string[],
): Promise<TextRange[]> {
  const { document } = working;
  const eol = document.eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n";
  const replacements = texts.map((text) => withLineBreaks(text, eol));
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    working.verify();
    const editor = await inView(working);
    const written = await inTurn(document, () => replaceNow(working, editor, replacements));
    if (written) return written;
  }
  throw new KmsSelectionError({ code: "edit-rejected" });
}

/** `undefined`: the editor was a change ahead of this process, or has been closed. */
async function replaceNow(
  working: WorkingSelections,
  editor: vscode.TextEditor,
  replacements: readonly string[],
): Promise<TextRange[] | undefined> {
  const { document } = working;
  const parts = working.verify();
  const { version } = document;
  const isSame = parts.every(({ start, end }, index) => textAt(document, start, end) === replacements[index]);
  const isTaken = await editor
    .edit((builder) => {
      for (const [index, { start, end }] of parts.entries()) {
        builder.replace(rangeOf(document, start, end), replacements[index] ?? "");
      }
    })
    // The editor was closed at this very moment.
    .then(undefined, () => false);
  if (!isTaken) {
    // Once the change has arrived, the places are right again.
    if (document.version === version) await nextChange(document);
    return undefined;
  }
  // A read-only editor takes an edit without a word and does nothing. What is inserted at a cursor touches no text.
  const isInserted = parts.every(({ start, end }) => start === end) && document.version !== version;
  if (!isSame && !working.isTouched && !isInserted)
    throw new KmsSelectionError({ code: "document-read-only" });
  const written = placesOf(parts, replacements);
  select(working, editor, written);
  return written;
}

/**
 * An editor that shows the document. A document behind another tab is shown only when the person says so: VS Code would
 * write into it unseen, even if it is read-only.
 */
async function inView({ document, editor }: WorkingSelections): Promise<vscode.TextEditor> {
  const { visibleTextEditors } = vscode.window;
  const visible = visibleTextEditors.includes(editor)
    ? editor
    : visibleTextEditors.find((each) => each.document === document);
  if (visible) return visible;
  const name = basename(document.uri.path);
  const answer = await vscode.window.showInformationMessage(
    `${name} went out of view while KMS answered. Show it to write the result?`,
    "Show and Write",
  );
  if (answer === undefined) throw new KmsSelectionError({ code: "cancelled" });
  if (document.isClosed) throw new KmsSelectionError({ code: "document-closed" });
  return vscode.window.showTextDocument(document);
}

function rangeOf(document: vscode.TextDocument, start: number, end: number): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}

function textAt(document: vscode.TextDocument, start: number, end: number): string {
  return document.getText(rangeOf(document, start, end));
}

type Place = ReturnType<WorkingSelections["verify"]>[number];

/** Where the new texts are, once all are written. */
function placesOf(parts: readonly Place[], replacements: readonly string[]): Place[] {
  let shift = 0;
  return parts.map(({ start, end, selection }, index) => {
    const length = replacements[index]?.length ?? 0;
    const place = { start: start + shift, end: start + shift + length, selection };
    shift += length - (end - start);
    return place;
  });
}

function select(working: WorkingSelections, editor: vscode.TextEditor, written: readonly Place[]): void {
  if (working.isAbandoned) return;
  const { document } = editor;
  const selections = written.map(({ start, end, selection }) => {
    const { start: from, end: to } = rangeOf(document, start, end);
    return { selection, range: new vscode.Selection(from, to) };
  });
  // The first selection is the primary one; document order need not be the order in which they were made.
  editor.selections = selections.sort((a, b) => a.selection - b.selection).map(({ range }) => range);
}

/** Milliseconds. A change that the editor already has arrives within one turn of the message loop. */
const CHANGE_TIMEOUT = 500;

/** Resolves with the next change of the document, or when none comes. */
export function nextChange(document: vscode.TextDocument): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      subscription.dispose();
      resolve();
    };
    const timer = setTimeout(done, CHANGE_TIMEOUT);
    const subscription = vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document === document) done();
    });
  });
}
