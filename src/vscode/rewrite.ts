/** Replaces parts of a document in one undo step, whether it is in view or not. Asks nobody. */
import * as vscode from "vscode";
import type { TextRange } from "../core/trackedRanges";
import { rangeOf } from "./decryptedValues";
import { inTurn } from "./inTurn";
import { nextChange } from "./replaceParts";

export interface Replacement extends TextRange {
  readonly text: string;
}

/** How often it is tried again after the person typed at the very moment when it was made. */
const ATTEMPTS = 5;

/**
 * `replacements` is asked before each attempt, for the document as it is then. Answers whether they were written;
 * then all of them are. `joins`: in one undo step with the edit before it, or behind it.
 */
export async function rewrite(
  document: vscode.TextDocument,
  replacements: () => readonly Replacement[],
  joins?: "before" | "behind",
): Promise<boolean> {
  return inTurn(document, () => rewriteNow(document, replacements, joins));
}

async function rewriteNow(
  document: vscode.TextDocument,
  replacements: () => readonly Replacement[],
  joins?: "before" | "behind",
): Promise<boolean> {
  for (let attempt = 1; attempt <= ATTEMPTS && !document.isClosed; attempt++) {
    const wanted = replacements();
    if (wanted.length === 0) return true;
    const { version } = document;
    if (await edit(document, wanted, joins)) return true;
    // The editor was a change ahead of this process. Once that has arrived, the places are right again.
    if (document.version === version) await nextChange(document);
  }
  return false;
}

/** Both ways VS Code refuses an edit that was made for another version of the document. */
async function edit(
  document: vscode.TextDocument,
  replacements: readonly Replacement[],
  joins: "before" | "behind" | undefined,
): Promise<boolean> {
  const editor = vscode.window.visibleTextEditors.find((each) => each.document === document);
  if (editor) {
    const options = { undoStopBefore: joins !== "before", undoStopAfter: joins !== "behind" };
    return editor
      .edit((builder) => {
        for (const { text, ...range } of replacements) builder.replace(rangeOf(document, range), text);
      }, options)
      .then(undefined, () => false);
  }
  const changes = new vscode.WorkspaceEdit();
  for (const { text, ...range } of replacements) {
    changes.replace(document.uri, rangeOf(document, range), text);
  }
  return vscode.workspace.applyEdit(changes);
}
