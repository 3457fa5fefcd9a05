/** A message to other keys or another context. Its plaintext is in memory alone, and zeroed. */
import { contextDifference, type EncryptionContext } from "./encryptionContext";
import type { DestinationKey } from "./destinationKey";
import { arrivals, followFirst } from "./followRoutes";
import { hasSpareKeys, isSameKeySet } from "./keySet";
import { MAX_PLAINTEXT_BYTES, type Binding } from "./kms";
import type { Ciphers, Messages } from "./messages";
import type { ReEncryption, Route } from "./reEncryptionPlan";

/** Throws where a message can come by none of the routes, as its header tells. */
export function checkMessage(messages: Messages, message: Uint8Array, { routes }: ReEncryption): void {
  const { context } = messages.inspect(message);
  const [{ source }] = [...from(context, routes), ...from(context, arrivals(routes)), routes[0]] as const;
  messages.check(message, source.context);
}

/** `undefined`: it is as it is to be. */
export async function moveMessage(
  ciphers: Ciphers,
  message: Uint8Array,
  plan: ReEncryption,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const messages = await ciphers.messages();
  checkMessage(messages, message, plan);
  const { context } = messages.inspect(message);
  const arrived = from(context, arrivals(plan.routes));
  const [there] = arrived;
  if (there && !plan.toBlobs && (await isAsItIsToBe(ciphers, message, there, plan, signal))) return undefined;
  return followFirst(from(context, plan.routes), arrived, (route) =>
    reSeal(ciphers, message, route, plan, signal),
  );
}

function from(context: EncryptionContext, routes: readonly Route[]): Route[] {
  return routes.filter(({ source }) => !contextDifference(source.context, context));
}

/** Its header tells its keys, and KMS the material of its data key. */
async function isAsItIsToBe(
  ciphers: Ciphers,
  message: Uint8Array,
  { destination: { keyId, spareKeys } }: Route,
  { destinationKey: { arn } }: ReEncryption,
  signal: AbortSignal,
): Promise<boolean> {
  if (arn === undefined) return false;
  const messages = await ciphers.messages(spareKeys);
  const spare = await messages.spareKeys(signal);
  if (!spare) return false;
  const wanted = { ...spare, keyArns: [arn, ...spare.keyArns] };
  return (
    isSameKeySet(messages.inspect(message), wanted) && !(await messages.isOlder(keyId, arn, message, signal))
  );
}

/** `undefined`: it turns out to be as it is to be. */
async function reSeal(
  ciphers: Ciphers,
  message: Uint8Array,
  { source, destination }: Route,
  { toBlobs, destinationKey }: ReEncryption,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const { keyId, context, spareKeys } = destination;
  const messages = await ciphers.messages(spareKeys);
  const { plaintext } = await messages.open(source.keyId, message, source.context, signal);
  try {
    const fits = plaintext.length > 0 && plaintext.length <= MAX_PLAINTEXT_BYTES;
    if (toBlobs && fits && !hasSpareKeys(spareKeys)) {
      const { ciphertext, keyArn } = await ciphers.kms.encrypt(keyId, plaintext, context, signal);
      destinationKey.confirm(keyArn);
      return ciphertext;
    }
    const sealed = await sealFor(messages, { keyId, context }, plaintext, destinationKey, signal);
    const isThere =
      !contextDifference(source.context, context) &&
      isSameKeySet(messages.inspect(message), messages.inspect(sealed)) &&
      !(await messages.isOlder(keyId, destinationKey.arn ?? "", message, signal));
    return isThere ? undefined : sealed;
  } finally {
    plaintext.fill(0);
  }
}

/** A message for the destination. Throws `destination-changed`. */
export async function sealFor(
  messages: Messages,
  { keyId, context }: Binding,
  plaintext: Uint8Array,
  destinationKey: DestinationKey,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const sealed = await messages.seal(keyId, plaintext, context, signal);
  const [keyArn] = messages.inspect(sealed).keyArns;
  if (keyArn !== undefined) destinationKey.confirm(keyArn);
  return sealed;
}
