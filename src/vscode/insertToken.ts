/** Encrypts a text that is in no document, and writes its token at every cursor, in place of what is selected. */
import type * as vscode from "vscode";
import { KmsSelectionError } from "../core/errors";
import { checkTexts, encryptTexts } from "../core/transform";
import { replaceParts } from "./replaceParts";
import type { Run } from "./runOperation";
import type { Outcome, Prepared } from "./runningOperation";
import { WorkingSelections, type SelectedPart } from "./workingSelections";

/**
 * `ask` gets the secret from the person, who is asked only when all is known to be in order that can be known without a
 * request; `undefined`: dismissed. Throws `cancelled` besides what encrypting throws.
 */
export async function insertToken(
  { editor, target, prepare }: Run,
  ask: (prepared: Prepared) => Promise<string | undefined>,
): Promise<Outcome> {
  const places = placesOf(editor);
  const working = new WorkingSelections(editor, places);
  try {
    const prepared = await prepare();
    const { ciphers, keyId, context, request } = prepared;
    const secret = await ask(prepared);
    if (!secret) throw new KmsSelectionError({ code: "cancelled" });
    const parts = [{ content: secret, line: places[0]?.line ?? 1 }];
    checkTexts(parts, target.envelope);
    working.verify();
    const output = { ...target, format: target.outputFormat };
    const tokens = await request(`Encrypting a secret with ${keyId}…`, (signal) =>
      encryptTexts(ciphers, parts, { keyId, context }, output, signal),
    );
    await replaceParts(
      working,
      places.flatMap(() => tokens),
    );
    return { summary: "1 secret encrypted", bytes: Buffer.byteLength(secret) };
  } finally {
    working.dispose();
  }
}

/** Every selection and every cursor, in document order. */
function placesOf({ document, selections }: vscode.TextEditor): SelectedPart<undefined>[] {
  return selections
    .map((range, selection) => ({
      content: undefined,
      start: document.offsetAt(range.start),
      end: document.offsetAt(range.end),
      line: range.start.line + 1,
      selection,
    }))
    .sort((a, b) => a.start - b.start);
}
