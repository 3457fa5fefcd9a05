/** Tokens that are not under the keys in force, or under older material: found without any text leaving KMS. */
import { toKmsSelectionError } from "./errors";
import { findTokens } from "./findInText";
import { hasSpareKeys, missingIn, type KeySet } from "./keySet";
import { isSameKey } from "./keyId";
import type { Limiter } from "./limiter";
import { mapConcurrently } from "./mapConcurrently";
import type { Ciphers } from "./messages";
import type { ReEncryption } from "./reEncryptionPlan";
import { linesOf } from "./reEncryptText";
import type { Token } from "./tokens";
import { MAX_CONCURRENT_REQUESTS, UNREADABLE } from "./transform";

/** What is known of where a token is. `unknown`: it is somebody else's, or its key may not be used. */
export type Whereabouts =
  | { readonly kind: "current" | "unknown" }
  | { readonly kind: "other-key" | "older-material"; readonly keyArn: string }
  /** Under the key in force, and not under just those that are to open it besides. */
  | {
      readonly kind: "other-spare-keys";
      readonly missing: readonly string[];
      readonly needless: readonly string[];
    };

export interface FoundToken {
  /** Counted from 1. */
  readonly line: number;
  readonly where: Whereabouts;
}

/** `plan`: what a re-encryption under the keys in force would do. */
export async function whereTokensAre(
  ciphers: Ciphers,
  text: string,
  plan: ReEncryption,
  limiter: Limiter,
  signal: AbortSignal,
): Promise<FoundToken[]> {
  const { tokens } = findTokens(text);
  const lines = linesOf(text, tokens);
  return mapConcurrently(tokens, MAX_CONCURRENT_REQUESTS, signal, async (token, index, either) => ({
    line: lines[index] ?? 1,
    where: await limiter.run(() => whereIs(ciphers, token, plan, either)),
  }));
}

async function whereIs(
  ciphers: Ciphers,
  { kind, bytes }: Token,
  plan: ReEncryption,
  signal: AbortSignal,
): Promise<Whereabouts> {
  try {
    return await (kind === "encryption-sdk"
      ? whereIsMessage(ciphers, bytes, plan, signal)
      : whereIsBlob(ciphers, bytes, plan, signal));
  } catch (error) {
    const { code } = toKmsSelectionError(error).failure;
    if (UNREADABLE.has(code) || code === "key-not-accessible") return { kind: "unknown" };
    throw error;
  }
}

/** The header of a message names its keys; KMS tells of the material of its data key. */
async function whereIsMessage(
  ciphers: Ciphers,
  message: Uint8Array,
  { routes: [{ destination }], destinationKey: { arn: destinationArn } }: ReEncryption,
  signal: AbortSignal,
): Promise<Whereabouts> {
  const messages = await ciphers.messages(destination.spareKeys);
  const facts = messages.inspect(message);
  const [keyArn] = facts.keyArns;
  if (keyArn === undefined || destinationArn === undefined) return { kind: "unknown" };
  if (!facts.keyArns.some((each) => isSameKey(each, destinationArn))) return { kind: "other-key", keyArn };
  messages.check(message, destination.context);
  const spare = await messages.spareKeys(signal);
  if (!spare) return { kind: "unknown" };
  const wanted = { ...spare, keyArns: [destinationArn, ...spare.keyArns] };
  const others = difference(facts, wanted);
  if (others) return others;
  const isOlder = await messages.isOlder(destination.keyId, destinationArn, message, signal);
  return isOlder ? { kind: "older-material", keyArn: destinationArn } : { kind: "current" };
}

function difference(is: KeySet, wanted: KeySet): Whereabouts | undefined {
  const missing = missingIn(is, wanted);
  const needless = missingIn(wanted, is);
  return missing.length + needless.length === 0 ? undefined : { kind: "other-spare-keys", missing, needless };
}

/** KMS is asked to re-encrypt it, and only what it says of the keys is kept: no text is shown to anybody. */
async function whereIsBlob(
  { kms, messages }: Ciphers,
  blob: Uint8Array,
  { routes: [{ destination }] }: ReEncryption,
  signal: AbortSignal,
): Promise<Whereabouts> {
  const source = { keyId: undefined, context: destination.context };
  const answer = await kms.reEncrypt(source, destination, blob, signal);
  if (answer.sourceKeyArn !== answer.keyArn) return { kind: "other-key", keyArn: answer.sourceKeyArn };
  if (hasSpareKeys(destination.spareKeys)) {
    const spare = await (await messages(destination.spareKeys)).spareKeys(signal);
    const missing = spare ? [...spare.keyArns, ...spare.otherKeys] : destination.spareKeys.additionalKeys;
    return { kind: "other-spare-keys", missing, needless: [] };
  }
  const isOlder = answer.sourceMaterialId !== answer.materialId;
  return isOlder ? { kind: "older-material", keyArn: answer.keyArn } : { kind: "current" };
}
