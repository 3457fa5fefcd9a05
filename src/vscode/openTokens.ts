/** Decrypts tokens for a command that shows, copies or edits them, and writes nothing. */
import * as vscode from "vscode";
import { KmsSelectionError } from "../core/errors";
import type { Token } from "../core/tokens";
import { checkTokens, decryptTokens, type Opened } from "../core/transform";
import type { AgainOptions, Prepared } from "./runningOperation";
import type { SelectedPart } from "./workingSelections";

/**
 * With `letKmsFindKey` the configured key is not demanded; the person sees which key it was before any text is shown.
 * `verb`: what is done with the texts, as a button says it. Throws `cancelled` besides what decrypting
 * throws.
 */
export async function openTokens(
  prepared: Prepared,
  parts: readonly SelectedPart<Token>[],
  { letKmsFindKey }: AgainOptions,
  verb: string,
): Promise<Opened[]> {
  const { ciphers, context, request } = prepared;
  checkTokens(parts);
  const keyId = letKmsFindKey ? undefined : prepared.keyId;
  const what = parts.length === 1 ? "1 secret" : `${parts.length} secrets`;
  const opened = await request(`Decrypting ${what} with ${keyId ?? "the key that KMS finds"}…`, (signal) =>
    decryptTokens(ciphers, parts, { keyId, context }, signal),
  );
  if (letKmsFindKey) await confirmKeys(opened, verb);
  return opened;
}

/** Throws `cancelled`. */
async function confirmKeys(opened: readonly Opened[], verb: string): Promise<void> {
  const arns = [...new Set(opened.map(({ keyArn }) => keyArn))];
  const answer = await vscode.window.showWarningMessage(
    arns.length === 1 ? "KMS found the key of this secret." : "KMS found the keys of these secrets.",
    { modal: true, detail: arns.join("\n") },
    verb,
  );
  if (answer !== verb) throw new KmsSelectionError({ code: "cancelled" });
}
