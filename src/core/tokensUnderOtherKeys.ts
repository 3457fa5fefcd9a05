/** Tokens that are not under the key in force, or under older material of it: found without any text leaving KMS. */
import { toKmsSelectionError } from "./errors";
import { findTokens } from "./findInText";
import type { Binding } from "./kms";
import type { Limiter } from "./limiter";
import { mapConcurrently } from "./mapConcurrently";
import type { Ciphers } from "./messages";
import { linesOf } from "./reEncryptText";
import type { Token } from "./tokens";
import { MAX_CONCURRENT_REQUESTS, UNREADABLE } from "./transform";

/** What is known of where a token is. `unknown`: it is somebody else's, or its key may not be used. */
export type Whereabouts =
  | { readonly kind: "current" | "unknown" }
  | { readonly kind: "other-key" | "older-material"; readonly keyArn: string };

export interface FoundToken {
  /** Counted from 1. */
  readonly line: number;
  readonly where: Whereabouts;
}

export async function whereTokensAre(
  ciphers: Ciphers,
  text: string,
  current: Binding & { readonly arn: string | undefined },
  limiter: Limiter,
  signal: AbortSignal,
): Promise<FoundToken[]> {
  const { tokens } = findTokens(text);
  const lines = linesOf(text, tokens);
  return mapConcurrently(tokens, MAX_CONCURRENT_REQUESTS, signal, async (token, index, either) => ({
    line: lines[index] ?? 1,
    where: await limiter.run(() => whereIs(ciphers, token, current, either)),
  }));
}

/**
 * The header of a message names its keys. For a blob KMS is asked to re-encrypt it, and only what it says of the keys is
 * kept: it takes `kms:ReEncryptFrom` and `kms:ReEncryptTo`, and shows no text to anybody.
 */
async function whereIs(
  { kms, messages }: Ciphers,
  token: Token,
  { keyId, context, arn }: Binding & { readonly arn: string | undefined },
  signal: AbortSignal,
): Promise<Whereabouts> {
  try {
    if (token.kind === "encryption-sdk") {
      const { keyArns } = (await messages()).inspect(token.bytes);
      const [keyArn] = keyArns;
      if (keyArn === undefined || arn === undefined) return { kind: "unknown" };
      return keyArns.includes(arn) ? { kind: "current" } : { kind: "other-key", keyArn };
    }
    const answer = await kms.reEncrypt(
      { keyId: undefined, context },
      { keyId, context },
      token.bytes,
      signal,
    );
    if (answer.sourceKeyArn !== answer.keyArn) return { kind: "other-key", keyArn: answer.sourceKeyArn };
    const isOlder = answer.sourceMaterialId !== answer.materialId;
    return isOlder ? { kind: "older-material", keyArn: answer.keyArn } : { kind: "current" };
  } catch (error) {
    const { code } = toKmsSelectionError(error).failure;
    if (UNREADABLE.has(code) || code === "key-not-accessible") return { kind: "unknown" };
    throw error;
  }
}
