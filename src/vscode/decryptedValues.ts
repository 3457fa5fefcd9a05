/** Where text is that was decrypted in this window, for as long as its document is open. Never the text itself. */
import * as vscode from "vscode";
import { findTokens } from "../core/findInText";
import { followEdits, type TextRange } from "../core/trackedRanges";

interface Values {
  ranges: readonly TextRange[];
  /** Tokens that stood in their places, or do so again after an undo. */
  readonly tokens: Set<string>;
}

export class DecryptedValues implements vscode.Disposable {
  private readonly values = new Map<vscode.TextDocument, Values>();
  private subscriptions: readonly vscode.Disposable[] = [];

  /** What has just been written, and the tokens that stood there before. */
  add(document: vscode.TextDocument, written: readonly TextRange[], tokens: readonly string[]): void {
    if (this.subscriptions.length === 0) this.subscribe();
    const known = this.values.get(document) ?? { ranges: [], tokens: new Set() };
    const others = known.ranges.filter((range) => !written.some((place) => overlap(range, place)));
    this.values.set(document, {
      ranges: [...others, ...written],
      tokens: new Set([...known.tokens, ...tokens]),
    });
  }

  /** Some of them may have been encrypted. */
  encrypted(document: vscode.TextDocument, tokens: readonly string[]): void {
    for (const token of tokens) this.values.get(document)?.tokens.add(token);
  }

  /** Those that are readable now, in no order. */
  in(document: vscode.TextDocument): readonly TextRange[] {
    const { ranges, tokens } = this.values.get(document) ?? { ranges: [], tokens: new Set() };
    const text = document.getText();
    return ranges.filter(({ start, end }) => {
      const value = text.slice(start, end);
      return !tokens.has(value) && !isToken(value);
    });
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private subscribe(): void {
    this.subscriptions = [
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        const values = this.values.get(document);
        if (!values) return;
        const edits = contentChanges.map(({ rangeOffset, rangeLength, text }) => ({
          offset: rangeOffset,
          length: rangeLength,
          newLength: text.length,
          joins: !/\s/.test(text),
        }));
        values.ranges = followEdits(values.ranges, edits);
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        this.values.delete(document);
      }),
    ];
  }
}

export function overlap(one: TextRange, other: TextRange): boolean {
  return one.start < other.end && other.start < one.end;
}

/** A token that somebody put there, and nothing else. */
function isToken(text: string): boolean {
  const [token] = findTokens(text).tokens;
  return token?.start === 0 && token.end === text.length;
}
