/** A blob to another key or context. Its plaintext stays in KMS, unless more keys than one are to open it. */
import { contextDifference } from "./encryptionContext";
import type { DestinationKey } from "./destinationKey";
import { arrivals, followFirst } from "./followRoutes";
import { hasSpareKeys } from "./keySet";
import type { Ciphers } from "./messages";
import { sealFor } from "./moveMessage";
import type { ReEncryption, Route } from "./reEncryptionPlan";

/** `undefined`: it is as it is to be. */
export function moveBlob(
  ciphers: Ciphers,
  blob: Uint8Array,
  { routes, destinationKey }: ReEncryption,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  return followFirst(routes, arrivals(routes), (route) =>
    hasSpareKeys(route.destination.spareKeys)
      ? toMessage(ciphers, blob, route, destinationKey, signal)
      : reEncrypt(ciphers, blob, route, destinationKey, signal),
  );
}

/** `undefined`: KMS says that the blob is under the destination key, its present material and its context already. */
async function reEncrypt(
  { kms }: Ciphers,
  blob: Uint8Array,
  { source, destination }: Route,
  destinationKey: DestinationKey,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const answer = await kms.reEncrypt(source, destination, blob, signal);
  destinationKey.confirm(answer.keyArn);
  const isThere =
    answer.sourceKeyArn === answer.keyArn &&
    answer.sourceMaterialId === answer.materialId &&
    !contextDifference(source.context, destination.context);
  return isThere ? undefined : answer.ciphertext;
}

/** Opened and sealed in memory: a blob opens with one key alone. */
async function toMessage(
  { kms, messages }: Ciphers,
  blob: Uint8Array,
  { source, destination }: Route,
  destinationKey: DestinationKey,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { keyId, context, spareKeys } = destination;
  const { plaintext } = await kms.decrypt(source.keyId, blob, source.context, signal);
  try {
    return await sealFor(await messages(spareKeys), { keyId, context }, plaintext, destinationKey, signal);
  } finally {
    plaintext.fill(0);
  }
}
