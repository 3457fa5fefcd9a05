/** A blob to another key or context. Its plaintext stays in KMS, unless more keys than one are to open it. */
import { contextDifference } from "./encryptionContext";
import { arrivals, followFirst } from "./followRoutes";
import { hasSpareKeys } from "./keySet";
import type { Ciphers } from "./messages";
import type { ReEncryption, Route } from "./reEncryptionPlan";

/** `undefined`: it is as it is to be. */
export function moveBlob(
  ciphers: Ciphers,
  blob: Uint8Array,
  { routes }: ReEncryption,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  return followFirst(routes, arrivals(routes), (route) =>
    hasSpareKeys(route.destination.spareKeys)
      ? toMessage(ciphers, blob, route, signal)
      : reEncrypt(ciphers, blob, route, signal),
  );
}

/** `undefined`: KMS says that the blob is under the destination key, its present material and its context already. */
async function reEncrypt(
  { kms }: Ciphers,
  blob: Uint8Array,
  { source, destination }: Route,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const answer = await kms.reEncrypt(source, destination, blob, signal);
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
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { keyId, context, spareKeys } = destination;
  const { plaintext } = await kms.decrypt(source.keyId, blob, source.context, signal);
  try {
    return await (await messages(spareKeys)).seal(keyId, plaintext, context, signal);
  } finally {
    plaintext.fill(0);
  }
}
