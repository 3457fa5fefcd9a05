/** Texts to tokens and tokens to texts: all of them or none. */
import type { EncryptionContext } from "./encryptionContext";
import { KmsSelectionError, toKmsSelectionError } from "./errors";
import { MAX_PLAINTEXT_BYTES, type Kms } from "./kms";
import { mapConcurrently } from "./mapConcurrently";
import { decodeText, encodeText } from "./text";
import { formatToken, MAX_CIPHERTEXT_BYTES, type Token, type TokenFormat } from "./tokens";

/**
 * Requests under way at a time. KMS shares one quota among all that an account does in a Region:
 * https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html
 */
export const MAX_CONCURRENT_REQUESTS = 10;

export interface Binding {
  readonly keyId: string;
  readonly context: EncryptionContext;
}

/** A part of a document that is worked on. */
export interface Part<Content> {
  readonly content: Content;
  /** Counted from 1. */
  readonly line: number;
}

export interface Opened {
  readonly text: string;
  readonly keyArn: string;
}

/** Tells which part failed. */
function at(parts: readonly Part<unknown>[], index: number, error: unknown): KmsSelectionError {
  const { line } = parts[index] as Part<unknown>;
  return toKmsSelectionError(error).at({ number: index + 1, count: parts.length, line });
}

/** Does something with each part before any request is made. */
function forEachPart<Content>(parts: readonly Part<Content>[], work: (content: Content) => void): void {
  for (const [index, part] of parts.entries()) {
    try {
      work(part.content);
    } catch (error) {
      throw at(parts, index, error);
    }
  }
}

/** Asks KMS for each part. */
function requestForEachPart<Content, Result>(
  parts: readonly Part<Content>[],
  signal: AbortSignal,
  request: (content: Content, index: number, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  return mapConcurrently(parts, MAX_CONCURRENT_REQUESTS, signal, async (part, index, either) => {
    try {
      return await request(part.content, index, either);
    } catch (error) {
      throw at(parts, index, error);
    }
  });
}

/** Checks every text before the first request is made. */
export async function encryptTexts(
  kms: Kms,
  parts: readonly Part<string>[],
  { keyId, context }: Binding,
  format: TokenFormat,
  signal: AbortSignal,
): Promise<string[]> {
  const plaintexts: Uint8Array[] = [];
  try {
    forEachPart(parts, (text) => plaintexts.push(encodePlaintext(text)));
    return await requestForEachPart(parts, signal, async (_, index, either) => {
      const { ciphertext } = await kms.encrypt(keyId, plaintexts[index] as Uint8Array, context, either);
      return formatToken(ciphertext, format);
    });
  } finally {
    for (const plaintext of plaintexts) plaintext.fill(0);
  }
}

/** Throws for a text that no KMS takes. */
export function checkTexts(parts: readonly Part<string>[]): void {
  forEachPart(parts, (text) => encodePlaintext(text).fill(0));
}

function encodePlaintext(text: string): Uint8Array {
  const bytes = encodeText(text);
  if (bytes.length > MAX_PLAINTEXT_BYTES) {
    throw new KmsSelectionError({ code: "plaintext-too-large", bytes: bytes.length });
  }
  return bytes;
}

/** Throws for a token that no KMS can open, before any request is made. */
export function checkTokens(parts: readonly Part<Token>[]): void {
  forEachPart(parts, (token) => {
    if (token.kind === "encryption-sdk") throw new KmsSelectionError({ code: "encryption-sdk-message" });
    if (token.bytes.length > MAX_CIPHERTEXT_BYTES) {
      throw new KmsSelectionError({ code: "token-too-long", bytes: token.bytes.length });
    }
  });
}

/** Throws for a token of the sandbox, which AWS cannot open. */
export function refuseSandboxTokens(parts: readonly Part<Token>[]): void {
  forEachPart(parts, (token) => {
    if (token.kind === "sandbox") throw new KmsSelectionError({ code: "sandbox-token" });
  });
}

/** `keyId` is sent as given, so that a policy can demand `kms:RequestAlias`; `undefined` lets KMS find the key. */
export function decryptTokens(
  kms: Kms,
  parts: readonly Part<Token>[],
  { keyId, context }: { readonly keyId: string | undefined; readonly context: EncryptionContext },
  signal: AbortSignal,
): Promise<Opened[]> {
  return requestForEachPart(parts, signal, async (token, _, either) => {
    const { plaintext, keyArn } = await kms.decrypt(keyId, token.bytes, context, either);
    try {
      return { text: decodeText(plaintext), keyArn };
    } finally {
      plaintext.fill(0);
    }
  });
}

/** The plaintext stays in KMS: https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html */
export function reEncryptTokens(
  kms: Kms,
  parts: readonly Part<Token>[],
  { keyId, context }: Binding,
  signal: AbortSignal,
): Promise<string[]> {
  return requestForEachPart(parts, signal, async (token, _, either) => {
    const { ciphertext } = await kms.reEncrypt(keyId, token.bytes, context, either);
    return formatToken(ciphertext, token.format);
  });
}
