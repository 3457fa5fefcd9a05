/** The edits of one document, one after the other: VS Code refuses an edit that was made before another one arrived. */
import type * as vscode from "vscode";
import { Limiter } from "../core/limiter";

const turns = new WeakMap<vscode.TextDocument, Limiter>();

/** Waits for its turn. Within it nothing may wait for a person, or for KMS. */
export function inTurn<Result>(document: vscode.TextDocument, edit: () => Promise<Result>): Promise<Result> {
  const turn = turns.get(document) ?? new Limiter(1);
  turns.set(document, turn);
  return turn.run(edit);
}
