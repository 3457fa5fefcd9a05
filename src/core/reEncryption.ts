/**
 * Tokens to tokens under another key or context, or of another form. The plaintext of a blob stays in KMS, that of a
 * message in memory: https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html
 */
import { contextDifference } from "./encryptionContext";
import { isOfDestination, toKmsSelectionError, type Failure, type FailureCode } from "./errors";
import { MAX_PLAINTEXT_BYTES, type Binding, type Kms, type Source } from "./kms";
import type { Ciphers, Messages } from "./messages";
import { formatToken, type Token, type TokenFormat } from "./tokens";
import {
  checkTokens,
  forEachPart,
  refuseSandboxTokens,
  requestForEachPart,
  UNREADABLE,
  type Part,
  type Unreadable,
} from "./transform";

/** From one key and context to another. */
export interface Route {
  readonly source: Source;
  readonly destination: Binding;
}

export interface ReEncryption {
  /** A token may come by any of them, and takes the first that fits. */
  readonly routes: readonly [Route, ...Route[]];
  /** The destination key, as far as it is known: what is a message under it already costs no request. */
  readonly destinationArn: string | undefined;
  /** `undefined`: each keeps its own. */
  readonly format: TokenFormat | undefined;
  /** A message becomes a blob where its text fits. The other way round a text would have to leave KMS. */
  readonly toBlobs: boolean;
}

/** The new text of a token; `undefined`: it is already as it is to be, and keeps its bytes. */
export type NewText = string | undefined;

/** All or none. */
export async function reEncryptTokens(
  ciphers: Ciphers,
  parts: readonly Part<Token>[],
  plan: ReEncryption,
  signal: AbortSignal,
): Promise<NewText[]> {
  checkTokens(parts);
  const messages = parts.some(({ content }) => isMessage(content)) ? await ciphers.messages() : undefined;
  forEachPart(parts, ({ kind, bytes }) => {
    if (kind === "encryption-sdk") messages?.check(bytes, routeOf(messages, bytes, plan).source.context);
  });
  return requestForEachPart(parts, signal, (token, _, either) => newText(ciphers, token, plan, either));
}

/** Failures of a token's own key, where KMS is to find that key. */
const OF_FOUND_KEY: ReadonlySet<FailureCode> = new Set<FailureCode>([
  "access-denied",
  "key-disabled",
  "key-invalid-state",
  "key-not-accessible",
  "key-not-found",
  "key-pending-deletion",
]);

function liesInToken(failure: Failure, { routes }: ReEncryption): boolean {
  if (UNREADABLE.has(failure.code)) return true;
  if (failure.code === "access-denied" && isOfDestination(failure)) return false;
  return routes[0].source.keyId === undefined && OF_FOUND_KEY.has(failure.code);
}

/** Moves one token of several that go their own ways. Throws where the reason is not the token's own. */
export async function reEncryptReadableToken(
  ciphers: Ciphers,
  part: Part<Token>,
  { isAws, ...plan }: ReEncryption & { readonly isAws: boolean },
  signal: AbortSignal,
): Promise<NewText | Unreadable> {
  try {
    checkTokens([part]);
    if (isAws) refuseSandboxTokens([part]);
    return await newText(ciphers, part.content, plan, signal);
  } catch (error) {
    const { failure } = toKmsSelectionError(error);
    if (liesInToken(failure, plan)) return { unreadable: failure };
    throw error;
  }
}

async function newText(
  { kms, messages }: Ciphers,
  token: Token,
  plan: ReEncryption,
  signal: AbortSignal,
): Promise<NewText> {
  const bytes = isMessage(token)
    ? await moveMessage(kms, await messages(), token.bytes, plan, signal)
    : await moveBlob(kms, token.bytes, plan.routes, signal);
  const format = plan.format ?? token.format;
  if (bytes) return formatToken(bytes, format);
  return format === token.format ? undefined : formatToken(token.bytes, format);
}

function isMessage({ kind }: Token): boolean {
  return kind === "encryption-sdk";
}

/** That the blob does not come this way; it may come another way, or have arrived. */
const NOT_THIS_WAY: ReadonlySet<FailureCode> = new Set<FailureCode>(["incorrect-key", "invalid-ciphertext"]);

/** Whoever may not read at the destination cannot see what has arrived there. */
const NOT_TO_BE_SEEN: ReadonlySet<FailureCode> = new Set<FailureCode>([
  ...NOT_THIS_WAY,
  "access-denied",
  "key-not-accessible",
]);

async function moveBlob(
  kms: Kms,
  blob: Uint8Array,
  routes: ReEncryption["routes"],
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const refusals: unknown[] = [];
  for (const route of routes) {
    try {
      return await follow(kms, blob, route, signal);
    } catch (error) {
      if (!isOneOf(NOT_THIS_WAY, error)) throw error;
      refusals.push(error);
    }
  }
  for (const { destination } of routes) {
    try {
      return await follow(kms, blob, { source: destination, destination }, signal);
    } catch (error) {
      if (!isOneOf(NOT_TO_BE_SEEN, error)) throw error;
    }
  }
  // Another key than the one that was named says more than that other contexts did not fit.
  throw refusals.find((error) => isOneOf(new Set(["incorrect-key"]), error)) ?? refusals[0];
}

function isOneOf(codes: ReadonlySet<FailureCode>, error: unknown): boolean {
  return codes.has(toKmsSelectionError(error).failure.code);
}

/** `undefined`: KMS says that the blob is under the destination key, its present material and its context already. */
async function follow(
  kms: Kms,
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

/** The route that a message's header names; the first one where none fits. */
function routeOf(messages: Messages, message: Uint8Array, { routes }: ReEncryption): Route {
  const { context } = messages.inspect(message);
  return routes.find(({ source }) => !contextDifference(source.context, context)) ?? routes[0];
}

async function moveMessage(
  kms: Kms,
  messages: Messages,
  message: Uint8Array,
  plan: ReEncryption,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  if (!plan.toBlobs && hasArrived(messages, message, plan)) return undefined;
  const { source, destination } = routeOf(messages, message, plan);
  const { plaintext, keyArn } = await messages.open(source.keyId, message, source.context, signal);
  try {
    if (plan.toBlobs && plaintext.length > 0 && plaintext.length <= MAX_PLAINTEXT_BYTES) {
      return (await kms.encrypt(destination.keyId, plaintext, destination.context, signal)).ciphertext;
    }
    const sealed = await messages.seal(destination.keyId, plaintext, destination.context, signal);
    const isThere =
      !contextDifference(source.context, destination.context) &&
      messages.inspect(sealed).keyArns.includes(keyArn);
    return isThere ? undefined : sealed;
  } finally {
    plaintext.fill(0);
  }
}

function hasArrived(messages: Messages, message: Uint8Array, plan: ReEncryption): boolean {
  const { context, keyArns } = messages.inspect(message);
  return (
    plan.destinationArn !== undefined &&
    keyArns.includes(plan.destinationArn) &&
    plan.routes.some(({ destination }) => !contextDifference(destination.context, context))
  );
}
