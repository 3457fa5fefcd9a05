/** Encrypt All Marked: every `DEC[KMS,text]DEC` of the document becomes a token. */
import { KmsSelectionError } from "../../core/errors";
import { findMarked } from "../../core/findInText";
import { checkTexts } from "../../core/transform";
import type { App } from "../app";
import { encryptParts } from "../encryptParts";
import { runOperation, type Outcome, type Run } from "../runOperation";
import { WorkingSelections } from "../workingSelections";

export async function encryptAllMarked(app: App): Promise<void> {
  await runOperation(app, "encrypt", work, () => encryptAllMarked(app));
}

async function work(run: Run): Promise<Outcome> {
  const { editor, target } = run;
  const { document } = editor;
  const parts = findMarked(document.getText()).map((marked, selection) => ({
    ...marked,
    line: document.positionAt(marked.start).line + 1,
    selection,
  }));
  if (parts.length === 0) throw new KmsSelectionError({ code: "nothing-marked" });
  checkTexts(parts, target.envelope);
  const working = new WorkingSelections(editor, parts, { keepSelections: true });
  try {
    const what = parts.length === 1 ? "1 marked text" : `${parts.length} marked texts`;
    return await encryptParts(run, parts, working, what);
  } finally {
    working.dispose();
  }
}
