/** Writes the results: one edit, one undo stop, or nothing at all. */
import * as vscode from "vscode";
import { KmsSelectionError } from "../core/errors";
import { withLineBreaks } from "../core/text";
import type { WorkingSelections } from "./workingSelections";

/** How often an edit is tried again after the person typed at the very moment when it was made. */
const ATTEMPTS = 5;

/** Throws `document-read-only` as far as the file system tells; an editor may be read-only besides. */
export async function requireWritable(document: vscode.TextDocument): Promise<void> {
  const { scheme } = document.uri;
  if (scheme === "untitled") return;
  const isReadOnly =
    vscode.workspace.fs.isWritableFileSystem(scheme) === false ||
    (await vscode.workspace.fs.stat(document.uri).then(
      ({ permissions }) => ((permissions ?? 0) & vscode.FilePermission.Readonly) !== 0,
      // A file that is not there yet, or a file system that does not tell: the edit itself will show.
      () => false,
    ));
  if (isReadOnly) throw new KmsSelectionError({ code: "document-read-only" });
}

/**
 * Replaces each part by the text at its index. Afterwards the selections cover the new texts, unless the person has
 * moved on. Throws `document-closed`, `text-changed`, `document-read-only`, `edit-rejected`; then nothing was written.
 */
export async function replaceParts(working: WorkingSelections, texts: readonly string[]): Promise<void> {
  const { document } = working;
  const eol = document.eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n";
  const replacements = texts.map((text) => withLineBreaks(text, eol));
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const parts = working.verify();
    const version = document.version;
    const edits = parts.map(({ start, end }, index) => {
      const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
      return new vscode.TextEdit(range, replacements[index] ?? "");
    });
    const before = document.getText();
    const after = spliced(before, parts, replacements);
    if (await apply(working.editor, document, edits)) {
      // A read-only editor takes an edit without a word and does nothing.
      if (before !== after && document.version === version)
        throw new KmsSelectionError({ code: "document-read-only" });
      select(working, parts, replacements);
      return;
    }
    if (document.isClosed) throw new KmsSelectionError({ code: "document-closed" });
    // The editor was a change ahead of this process. Once that has arrived, the places are right again.
    if (document.version === version) await nextChange(document);
  }
  throw new KmsSelectionError({ code: "edit-rejected" });
}

async function apply(
  editor: vscode.TextEditor,
  document: vscode.TextDocument,
  edits: readonly vscode.TextEdit[],
): Promise<boolean> {
  const visible = [editor, ...vscode.window.visibleTextEditors].find(
    (each) => each.document === document && vscode.window.visibleTextEditors.includes(each),
  );
  if (visible) {
    return visible.edit((builder) => {
      for (const { range, newText } of edits) builder.replace(range, newText);
    });
  }
  // The document is open behind another tab.
  const edit = new vscode.WorkspaceEdit();
  edit.set(document.uri, [...edits]);
  return vscode.workspace.applyEdit(edit);
}

type Place = ReturnType<WorkingSelections["verify"]>[number];

function spliced(text: string, parts: readonly Place[], replacements: readonly string[]): string {
  let result = "";
  let end = 0;
  for (const [index, part] of parts.entries()) {
    result += text.slice(end, part.start) + (replacements[index] ?? "");
    end = part.end;
  }
  return result + text.slice(end);
}

function select(working: WorkingSelections, parts: readonly Place[], replacements: readonly string[]): void {
  const { document, editor } = working;
  if (working.abandoned || !vscode.window.visibleTextEditors.includes(editor)) return;
  let shift = 0;
  const selections = parts.map(({ start, end, selection }, index) => {
    const length = replacements[index]?.length ?? 0;
    const from = document.positionAt(start + shift);
    const to = document.positionAt(start + shift + length);
    shift += length - (end - start);
    return { selection, range: new vscode.Selection(from, to) };
  });
  // The first selection is the primary one; document order need not be the order in which they were made.
  editor.selections = selections.sort((a, b) => a.selection - b.selection).map(({ range }) => range);
}

/** Milliseconds. A change that the editor already has arrives within one turn of the message loop. */
const CHANGE_TIMEOUT = 500;

function nextChange(document: vscode.TextDocument): Promise<void> {
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
