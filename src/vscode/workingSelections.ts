/** The parts of a document that a command works on, kept in view while it waits for KMS. */
import * as vscode from "vscode";
import { KmsSelectionError, toKmsSelectionError } from "../core/errors";
import { lengthWithoutTrailingLineBreak } from "../core/text";
import { findTokenAt } from "../core/findTokenAt";
import { parseToken, type Token } from "../core/tokens";
import { applyChanges, type TrackedRange } from "../core/trackedRanges";
import type { Part } from "../core/transform";

/** A part with its place, in UTF-16 code units from the start of the document. */
export interface SelectedPart<Content> extends Part<Content> {
  readonly start: number;
  readonly end: number;
  /** Which of the editor's selections it came from. */
  readonly selection: number;
}

function inDocumentOrder<Content>(parts: SelectedPart<Content>[]): SelectedPart<Content>[] {
  return parts.sort((a, b) => a.start - b.start);
}

/** Throws `nothing-selected`. */
export function selectedTexts({ document, selections }: vscode.TextEditor): SelectedPart<string>[] {
  const parts = selections.flatMap((range, selection): SelectedPart<string>[] => {
    const text = document.getText(range);
    const content = text.slice(0, lengthWithoutTrailingLineBreak(text));
    if (content === "") return [];
    const start = document.offsetAt(range.start);
    return [{ content, start, end: start + content.length, line: range.start.line + 1, selection }];
  });
  if (parts.length === 0) throw new KmsSelectionError({ code: "nothing-selected" });
  return inDocumentOrder(parts);
}

/** The selected tokens; with nothing selected, those around the cursors. Throws for whatever is not a token. */
export function selectedTokens({
  document,
  selections,
}: Pick<vscode.TextEditor, "document" | "selections">): SelectedPart<Token>[] {
  const ranges = selections.filter((range) => !range.isEmpty);
  if (ranges.length === 0) return tokensAtCursors(document, selections);
  const parts = selections.flatMap((range, selection): SelectedPart<Token>[] => {
    if (range.isEmpty) return [];
    const line = range.start.line + 1;
    const offset = document.offsetAt(range.start);
    try {
      const token = parseToken(document.getText(range));
      if (!token) throw new KmsSelectionError({ code: "not-a-token" });
      return [{ content: token, start: offset + token.start, end: offset + token.end, line, selection }];
    } catch (error) {
      const number = ranges.filter((other) => other.start.isBeforeOrEqual(range.start)).length;
      throw toKmsSelectionError(error).at({ number, count: ranges.length, line });
    }
  });
  return inDocumentOrder(parts);
}

function tokensAtCursors(
  document: vscode.TextDocument,
  cursors: readonly vscode.Selection[],
): SelectedPart<Token>[] {
  const text = document.getText();
  const parts = new Map<number, SelectedPart<Token>>();
  for (const [selection, { active }] of cursors.entries()) {
    const token = findTokenAt(text, document.offsetAt(active));
    if (!token) throw new KmsSelectionError({ code: "no-token-at-cursor" });
    const { start, end } = token;
    // Two cursors may be in one token.
    if (!parts.has(start)) parts.set(start, { content: token, start, end, line: active.line + 1, selection });
  }
  return inDocumentOrder([...parts.values()]);
}

/**
 * Follows parts of a document through edits elsewhere. Whatever was read before an `await` is asked for again with
 * `verify` after it.
 */
export class WorkingSelections implements vscode.Disposable {
  readonly editor: vscode.TextEditor;
  private readonly parts: readonly (TrackedRange & { readonly text: string; readonly selection: number })[];
  private readonly subscriptions: vscode.Disposable[];
  private moved: boolean;

  /** `keepSelections`: nothing was selected for the command, and nothing is to be selected after it. */
  constructor(
    editor: vscode.TextEditor,
    parts: readonly SelectedPart<unknown>[],
    options = { keepSelections: false },
  ) {
    this.editor = editor;
    this.moved = options.keepSelections;
    const selected = editor.selections;
    const text = editor.document.getText();
    this.parts = parts.map(({ start, end, selection }) => ({
      start,
      end,
      selection,
      text: text.slice(start, end),
      touched: false,
    }));
    this.subscriptions = [
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (document !== editor.document) return;
        const changes = contentChanges.map((change) => ({
          offset: change.rangeOffset,
          length: change.rangeLength,
          newLength: change.text.length,
        }));
        applyChanges(this.parts, changes);
      }),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor, selections, kind }) => {
        // Without a kind it was not the person: ranges also move with edits made elsewhere. And the editor may only be
        // late to confirm what an extension selected before the command ran.
        const isSame =
          selections.length === selected.length &&
          selections.every((range, index) => range.isEqual(selected[index] as vscode.Selection));
        if (textEditor === editor && kind !== undefined && !isSame) this.moved = true;
      }),
    ];
  }

  get document(): vscode.TextDocument {
    return this.editor.document;
  }

  /** Whether the person went elsewhere in the meantime: then the selections are theirs. */
  get isAbandoned(): boolean {
    return this.moved;
  }

  /** Whether an edit, one's own included, went into a part since the beginning. */
  get isTouched(): boolean {
    return this.parts.some(({ touched }) => touched);
  }

  /** Where the parts are now, in document order. Throws `document-closed`, `text-changed`. */
  verify(): readonly { readonly start: number; readonly end: number; readonly selection: number }[] {
    if (this.document.isClosed) throw new KmsSelectionError({ code: "document-closed" });
    const text = this.document.getText();
    for (const part of this.parts) {
      if (part.touched || text.slice(part.start, part.end) !== part.text) {
        throw new KmsSelectionError({ code: "text-changed" });
      }
    }
    return this.parts.map(({ start, end, selection }) => ({ start, end, selection }));
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}
