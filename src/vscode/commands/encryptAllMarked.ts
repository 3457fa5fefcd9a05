/** Encrypt All Marked: every `DEC[KMS,text]DEC` of the document, and all that was decrypted in it, becomes a token. */
import type * as vscode from "vscode";
import { KmsSelectionError } from "../../core/errors";
import { findMarked, type MarkedText } from "../../core/findInText";
import { checkTexts } from "../../core/transform";
import type { App } from "../app";
import { overlap } from "../decryptedValues";
import { encryptParts } from "../encryptParts";
import { runOperation, type Run } from "../runOperation";
import type { Outcome } from "../runningOperation";
import { WorkingSelections } from "../workingSelections";

export async function encryptAllMarked(app: App): Promise<void> {
  await runOperation(
    app,
    "encrypt",
    (run) => work(app, run),
    () => encryptAllMarked(app),
  );
}

async function work(app: App, run: Run): Promise<Outcome> {
  const { editor, target } = run;
  const { document } = editor;
  const marked = findMarked(document.getText());
  const texts = [...marked, ...decryptedIn(document, app, marked)].sort((a, b) => a.start - b.start);
  const parts = texts.map((text, selection) => ({
    ...text,
    line: document.positionAt(text.start).line + 1,
    selection,
  }));
  if (parts.length === 0) throw new KmsSelectionError({ code: "nothing-marked" });
  checkTexts(parts, target.envelope);
  const working = new WorkingSelections(editor, parts, { keepSelections: true });
  try {
    const what = parts.length === 1 ? "1 marked text" : `${parts.length} marked texts`;
    return await encryptParts(app, run, parts, working, what);
  } finally {
    working.dispose();
  }
}

/** What was decrypted here and is still readable; what is marked besides is the mark's. */
function decryptedIn(
  document: vscode.TextDocument,
  { decryptedValues }: App,
  marked: readonly MarkedText[],
): MarkedText[] {
  const text = document.getText();
  return decryptedValues
    .unsealed(document)
    .filter((range) => !marked.some((mark) => overlap(range, mark)))
    .map(({ start, end }) => ({ content: text.slice(start, end), start, end }));
}
