/** Encrypt All Marked: every `DEC[KMS,text]DEC` of the document becomes a token. */
import { KmsSelectionError } from "../../core/errors";
import { findMarked } from "../../core/findInText";
import { checkTexts, encryptTexts } from "../../core/transform";
import type { App } from "../app";
import { replaceParts } from "../replaceParts";
import { runOperation, type Outcome, type Run } from "../runOperation";
import { WorkingSelections } from "../workingSelections";
import { count } from "./encryptSelection";

export async function encryptAllMarked(app: App): Promise<void> {
  await runOperation(app, "encrypt", work, () => encryptAllMarked(app));
}

async function work({ editor, target, prepare }: Run): Promise<Outcome> {
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
    const { ciphers, keyId, context, request } = await prepare();
    working.verify();
    const output = { ...target, format: target.outputFormat };
    const title = `Encrypting ${count(parts.length)} with ${keyId}…`;
    const tokens = await request(title, (signal) =>
      encryptTexts(ciphers, parts, { keyId, context }, output, signal),
    );
    await replaceParts(working, tokens);
    const bytes = parts.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
    return { summary: `${count(parts.length)} encrypted`, bytes };
  } finally {
    working.dispose();
  }
}
