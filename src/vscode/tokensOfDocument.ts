/** All tokens of a document, for commands that work on the whole of it. */
import type * as vscode from "vscode";
import { KmsSelectionError } from "../core/errors";
import { findTokens } from "../core/findInText";
import type { Token } from "../core/tokens";
import type { SelectedPart } from "./workingSelections";

export interface DocumentTokens {
  readonly parts: readonly SelectedPart<Token>[];
  /** How many are cut off or altered. */
  readonly damaged: number;
}

/** Throws `no-tokens`. */
export function tokensOfDocument(document: vscode.TextDocument): DocumentTokens {
  const { tokens, damaged } = findTokens(document.getText());
  if (tokens.length + damaged === 0) throw new KmsSelectionError({ code: "no-tokens" });
  const parts = tokens.map((content, selection) => ({
    content,
    start: content.start,
    end: content.end,
    line: document.positionAt(content.start).line + 1,
    selection,
  }));
  return { parts, damaged };
}
