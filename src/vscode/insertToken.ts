/** Encrypts a text that is in no document, and writes its token at every cursor, in place of what is selected. */
import type * as vscode from "vscode";
import { KmsSelectionError } from "../core/errors";
import type { Target } from "../core/target";
import { checkTexts, encryptTexts } from "../core/transform";
import { replaceParts } from "./replaceParts";
import type { Run } from "./runOperation";
import type { Outcome, Prepared } from "./runningOperation";
import { WorkingSelections } from "./workingSelections";

/**
 * `ask` gets the secret from the person, who is asked only when all is known to be in order that can be known without a
 * request; `undefined`: dismissed. Throws `cancelled` besides what encrypting throws.
 */
export async function insertToken(
  { editor, target, prepare }: Run,
  ask: () => Promise<string | undefined>,
): Promise<Outcome> {
  const working = insertionPoints(editor);
  try {
    const prepared = await prepare();
    const secret = await ask();
    if (!secret) throw new KmsSelectionError({ code: "cancelled" });
    return await insertAt(working, prepared, target, secret);
  } finally {
    working.dispose();
  }
}

/** Every selection and every cursor. */
export function insertionPoints(editor: vscode.TextEditor): WorkingSelections {
  const { document, selections } = editor;
  const places = selections
    .map((range, selection) => ({
      content: undefined,
      start: document.offsetAt(range.start),
      end: document.offsetAt(range.end),
      line: range.start.line + 1,
      selection,
    }))
    .sort((a, b) => a.start - b.start);
  return new WorkingSelections(editor, places);
}

export async function insertAt(
  working: WorkingSelections,
  { ciphers, keyId, context, request }: Prepared,
  target: Target,
  secret: string,
): Promise<Outcome> {
  const places = working.verify();
  const parts = [{ content: secret, line: working.document.positionAt(places[0]?.start ?? 0).line + 1 }];
  checkTexts(parts, target.envelope);
  const output = { ...target, format: target.outputFormat };
  const tokens = await request(`Encrypting a secret with ${keyId}…`, (signal) =>
    encryptTexts(ciphers, parts, { keyId, context }, output, signal),
  );
  await replaceParts(
    working,
    places.flatMap(() => tokens),
  );
  return { summary: "1 secret encrypted", bytes: Buffer.byteLength(secret) };
}
