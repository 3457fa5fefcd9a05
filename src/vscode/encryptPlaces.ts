/** Encrypts texts that were decrypted in place and edited since, the way in which they were decrypted. */
import type * as vscode from "vscode";
import { fingerprintOf } from "../core/fingerprint";
import { remember, tokenOf } from "../core/decryptedTexts";
import { KmsSelectionError } from "../core/errors";
import { withLineBreaks } from "../core/text";
import { encryptTexts } from "../core/transform";
import type { App } from "./app";
import { textOf, type DecryptedPlace } from "./decryptedValues";
import { confirmWorkspaceTarget, isConfirmed, type Destination } from "./trustOnFirstUse";

/** What the secret is told to be, and which text of a place it is. */
export interface EditedText {
  readonly place: DecryptedPlace;
  readonly text: string;
  readonly line: number;
}

/** Those whose tokens are not known. */
export function editedTexts(
  document: vscode.TextDocument,
  places: readonly DecryptedPlace[],
): readonly EditedText[] {
  return places
    .filter((place) => tokenOf(place) === undefined)
    .map((place) => ({
      place,
      text: textOf(document, place),
      line: document.positionAt(place.start).line + 1,
    }));
}

/**
 * Its token is known afterwards. Without `ask` nobody is asked anything: `cancelled` where somebody would have to be.
 * Throws besides what encrypting throws.
 */
export async function encryptEdited(
  app: App,
  { place, text, line }: EditedText,
  ask: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { target, keyId, context, format, eol } = place.secret.origin;
  const requestIds: string[] = [];
  const started = performance.now();
  const connected = await app.connections.connect(target, "encrypt", keyId, (id) => requestIds.push(id));
  const destination = { ...connected, target, keyId, context };
  if (ask) await confirmWorkspaceTarget(app.workspaceState, destination, (task) => task(signal));
  else if (!isConfirmed(app.workspaceState, destination) || needsPerson(destination))
    throw new KmsSelectionError({ code: "cancelled" });
  const { kms, messages } = connected;
  const content = eol === undefined ? text : withLineBreaks(text, eol);
  const output = { ...target, format };
  const [token = ""] = await encryptTexts(
    { kms, messages },
    [{ content, line }],
    { keyId, context },
    output,
    signal,
  );
  remember(place.secret, fingerprintOf(text), token);
  const where = target.sandbox ? "sandbox" : `key ${keyId}`;
  const facts = [where, `identity ${target.identity.value}`, ...requestIds.map((id) => `request ${id}`)];
  app.log.info(`encrypt an edited text: ${facts.join("; ")}; ${Math.round(performance.now() - started)} ms`);
}

/** Credentials that may ask for a code or a finger, and that decrypting has not brought along already. */
function needsPerson({ target, connection }: Destination): boolean {
  const { mfa_serial, credential_process } = connection?.settings ?? {};
  const isOther = target.encryptProfile !== target.decryptProfile;
  return isOther && (mfa_serial !== undefined || credential_process !== undefined);
}
