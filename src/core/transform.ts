/** Texts to tokens and tokens to texts: all of them or none. */
import type { EncryptionContext } from "./encryptionContext";
import { KmsSelectionError, toKmsSelectionError, type Failure, type FailureCode } from "./errors";
import { MAX_PLAINTEXT_BYTES, type Binding, type Source } from "./kms";
import { mapConcurrently } from "./mapConcurrently";
import type { Ciphers, Envelope, Messages } from "./messages";
import { decodeText, encodeText } from "./text";
import { formatToken, MAX_CIPHERTEXT_BYTES, type Token, type TokenFormat } from "./tokens";

/**
 * Requests under way at a time. KMS shares one quota among all that an account does in a Region:
 * https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html
 */
export const MAX_CONCURRENT_REQUESTS = 10;

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
export function forEachPart<Content>(
  parts: readonly Part<Content>[],
  work: (content: Content) => void,
): void {
  for (const [index, part] of parts.entries()) {
    try {
      work(part.content);
    } catch (error) {
      throw at(parts, index, error);
    }
  }
}

/** Asks KMS for each part. */
export function requestForEachPart<Content, Result>(
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

/** How tokens are made. */
export interface Output {
  readonly format: TokenFormat;
  readonly envelope: Envelope;
  /** Whether many texts may share a data key, which `auto` makes use of. */
  readonly dataKeyCaching: boolean;
}

/** Checks every text before the first request is made. */
export async function encryptTexts(
  { kms, messages }: Ciphers,
  parts: readonly Part<string>[],
  { keyId, context }: Binding,
  output: Output,
  signal: AbortSignal,
): Promise<string[]> {
  const plaintexts: Uint8Array[] = [];
  try {
    forEachPart(parts, (text) => plaintexts.push(encodePlaintext(text, output.envelope)));
    const isMany = output.dataKeyCaching && parts.length > MAX_CONCURRENT_REQUESTS;
    return await requestForEachPart(parts, signal, async (_, index, either) => {
      const plaintext = plaintexts[index] as Uint8Array;
      const isMessage =
        output.envelope === "always" ||
        (output.envelope === "auto" &&
          // KMS encrypts no empty text.
          (isMany || plaintext.length > MAX_PLAINTEXT_BYTES || plaintext.length === 0));
      const ciphertext = isMessage
        ? await (await messages()).seal(keyId, plaintext, context, either)
        : (await kms.encrypt(keyId, plaintext, context, either)).ciphertext;
      return formatToken(ciphertext, output.format);
    });
  } finally {
    for (const plaintext of plaintexts) plaintext.fill(0);
  }
}

/** Throws for a text that cannot be encrypted so. */
export function checkTexts(parts: readonly Part<string>[], envelope: Envelope): void {
  forEachPart(parts, (text) => encodePlaintext(text, envelope).fill(0));
}

/** Throws where several keys are to open each text, and no message is wanted. */
export function refuseImpossible(envelope: Envelope): void {
  if (envelope !== "impossible") return;
  const reason =
    'it is "never", and with additional keys or a recovery key every text becomes a message; set it to "auto"';
  throw new KmsSelectionError({ code: "setting-invalid", setting: "kmsSelection.envelope", reason });
}

function encodePlaintext(text: string, envelope: Envelope): Uint8Array {
  refuseImpossible(envelope);
  const bytes = encodeText(text);
  if (envelope === "never" && bytes.length === 0) throw new KmsSelectionError({ code: "plaintext-empty" });
  if (envelope === "never" && bytes.length > MAX_PLAINTEXT_BYTES) {
    throw new KmsSelectionError({ code: "plaintext-too-large", bytes: bytes.length });
  }
  return bytes;
}

/** Throws for a token that is too long for KMS, before any request is made. */
export function checkTokens(parts: readonly Part<Token>[]): void {
  forEachPart(parts, (token) => {
    if (token.kind !== "encryption-sdk" && token.bytes.length > MAX_CIPHERTEXT_BYTES) {
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

/**
 * `keyId` is sent as given, so that a policy can demand `kms:RequestAlias`; `undefined` lets KMS find the key. What the
 * headers of messages tell is checked before the first request is made.
 */
export async function decryptTokens(
  ciphers: Ciphers,
  parts: readonly Part<Token>[],
  { keyId, context }: Source,
  signal: AbortSignal,
): Promise<Opened[]> {
  const messages = await messagesFor(ciphers, parts, context);
  return requestForEachPart(parts, signal, async (token, _, either) => {
    const { plaintext, keyArn } = await (isMessage(token) && messages
      ? messages.open(keyId, token.bytes, context, either)
      : ciphers.kms.decrypt(keyId, token.bytes, context, either));
    try {
      return { text: decodeText(plaintext), keyArn };
    } finally {
      plaintext.fill(0);
    }
  });
}

/** A token that somebody else may be able to open, and why we are not. */
export interface Unreadable {
  readonly unreadable: Failure;
}

/** Failures that lie in one token alone; whatever else fails would befall the others as well. */
export const UNREADABLE: ReadonlySet<FailureCode> = new Set<FailureCode>([
  "incorrect-key",
  "invalid-ciphertext",
  "message-of-another-context",
  "message-too-many-keys",
  "message-without-commitment",
  "message-without-kms-key",
  "plaintext-not-text",
  "sandbox-token",
  "token-damaged",
  "token-too-long",
]);

/** Opens what can be opened. Throws where the reason is not a token's own. */
export function decryptReadableTokens(
  ciphers: Ciphers,
  parts: readonly Part<Token>[],
  { isAws, ...binding }: Binding & { readonly isAws: boolean },
  signal: AbortSignal,
): Promise<(Opened | Unreadable)[]> {
  return mapConcurrently(parts, MAX_CONCURRENT_REQUESTS, signal, async (part, index, either) => {
    try {
      checkTokens([part]);
      if (isAws) refuseSandboxTokens([part]);
      const [opened] = await decryptTokens(ciphers, [part], binding, either);
      return opened as Opened;
    } catch (error) {
      const { failure } = toKmsSelectionError(error);
      if (UNREADABLE.has(failure.code)) return { unreadable: failure };
      throw at(parts, index, error);
    }
  });
}

function isMessage(token: Token): boolean {
  return token.kind === "encryption-sdk";
}

/** Loaded where there are any, with their headers checked. */
async function messagesFor(
  ciphers: Ciphers,
  parts: readonly Part<Token>[],
  context: EncryptionContext,
): Promise<Messages | undefined> {
  if (!parts.some(({ content }) => isMessage(content))) return undefined;
  const messages = await ciphers.messages();
  forEachPart(parts, (token) => {
    if (isMessage(token)) messages.check(token.bytes, context);
  });
  return messages;
}
