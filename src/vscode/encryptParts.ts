/** Encrypts parts of a document and writes their tokens: what every encrypting command does once it has its parts. */
import { encryptTexts } from "../core/transform";
import type { App } from "./app";
import { replaceParts } from "./replaceParts";
import type { Run } from "./runOperation";
import type { Outcome } from "./runningOperation";
import type { SelectedPart, WorkingSelections } from "./workingSelections";

/** `what`: "3 selections", for the progress and the result. */
export async function encryptParts(
  app: App,
  { target, prepare }: Run,
  parts: readonly SelectedPart<string>[],
  working: WorkingSelections,
  what: string,
): Promise<Outcome> {
  const { ciphers, keyId, context, request } = await prepare();
  working.verify();
  const output = { ...target, format: target.outputFormat };
  const tokens = await request(`Encrypting ${what} with ${keyId}…`, (signal) =>
    encryptTexts(ciphers, parts, { keyId, context }, output, signal),
  );
  await replaceParts(working, tokens);
  app.decryptedValues.encrypted(working.document, tokens);
  const bytes = parts.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
  return { summary: `${what} encrypted`, bytes };
}
