/**
 * Tokens to tokens under another key or context, or of another form. The plaintext of a blob stays in KMS, that of a
 * message in memory: https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html
 */
import { isOfDestination, toKmsSelectionError, type Failure, type FailureCode } from "./errors";
import type { Ciphers } from "./messages";
import { moveBlob } from "./moveBlob";
import { checkMessage, moveMessage } from "./moveMessage";
import type { ReEncryption } from "./reEncryptionPlan";
import { formatToken, type Token } from "./tokens";
import {
  checkTokens,
  forEachPart,
  refuseSandboxTokens,
  requestForEachPart,
  UNREADABLE,
  type Part,
  type Unreadable,
} from "./transform";

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
    if (kind === "encryption-sdk" && messages) checkMessage(messages, bytes, plan);
  });
  return requestForEachPart(parts, signal, (token, _, either) => newText(ciphers, token, plan, either));
}

/** Failures of a token's own key, where KMS is to find that key. */
const OF_FOUND_KEY: ReadonlySet<FailureCode> = new Set<FailureCode>([
  "access-denied",
  "key-disabled",
  "key-invalid-state",
  "key-not-found",
  "key-pending-deletion",
]);

function liesInToken(failure: Failure, { routes }: ReEncryption): boolean {
  // What KMS says of a ciphertext of another account or Region, whichever key is named.
  if (UNREADABLE.has(failure.code) || failure.code === "key-not-accessible") return true;
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
  ciphers: Ciphers,
  token: Token,
  plan: ReEncryption,
  signal: AbortSignal,
): Promise<NewText> {
  const bytes = isMessage(token)
    ? await moveMessage(ciphers, token.bytes, plan, signal)
    : await moveBlob(ciphers, token.bytes, plan, signal);
  const format = plan.format ?? token.format;
  if (bytes) return formatToken(bytes, format);
  return format === token.format ? undefined : formatToken(token.bytes, format);
}

function isMessage({ kind }: Token): boolean {
  return kind === "encryption-sdk";
}
