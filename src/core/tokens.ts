/** Ciphertext as it appears in a document: bare base64, or `ENC[KMS,base64]`. */
import { KmsSelectionError } from "./errors";
import { SANDBOX_HEADER } from "./sandbox";
import { asBuffer } from "./text";

export type TokenFormat = "base64" | "ENC[KMS]";

/** Whose ciphertext it is. Anything without a header that we know is taken for a KMS blob: KMS documents no format. */
export type TokenKind = "kms" | "sandbox" | "encryption-sdk";

export interface Token {
  readonly kind: TokenKind;
  readonly format: TokenFormat;
  readonly bytes: Uint8Array;
  /** Where the token itself begins and ends in the text that was parsed: without white space and quotes around it. */
  readonly start: number;
  readonly end: number;
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html, CiphertextBlob */
export const MAX_CIPHERTEXT_BYTES = 6144;

/**
 * Less cannot be the ciphertext of any KMS: a reference to the key (16 bytes), an initialisation vector (12), an
 * authentication tag (16) and one byte of text. It keeps ordinary words and most passwords from being taken for tokens.
 */
const MIN_CIPHERTEXT_BYTES = 45;

/** How an `ENC[KMS,…]` begins. */
export const MARKER = "ENC[KMS,";
const QUOTES = new Set(['"', "'", "`"]);

/** Writes one canonical line. */
export function formatToken(bytes: Uint8Array, format: TokenFormat): string {
  const base64 = asBuffer(bytes).toString("base64");
  return format === "base64" ? base64 : `${MARKER}${base64}]`;
}

/**
 * Reads a token with white space, quotes or line wraps around and in it. `undefined` means "not a token"; what is
 * plainly meant as one but is cut or altered throws `token-damaged`.
 */
export function parseToken(text: string): Token | undefined {
  const token = readToken(text);
  if (token === "damaged") throw new KmsSelectionError({ code: "token-damaged" });
  return token;
}

/** As `parseToken`, for whoever looks at very many places: an error, with its stack, takes a thousand times as long. */
export function readToken(text: string): Token | "damaged" | undefined {
  const [start, end] = withoutSurroundings(text);
  const core = text.slice(start, end);
  if (core.startsWith(MARKER)) {
    if (core.indexOf("]") !== core.length - 1) return "damaged";
    const bytes = decodeBase64(core.slice(MARKER.length, -1).replace(/\s+/g, ""));
    return bytes ? { kind: kindOf(bytes), format: "ENC[KMS]", bytes, start, end } : "damaged";
  }
  // White space counts as a wrap only where it holds a line break: two words are not a token.
  const lines = core.split("\n").map((line) => line.trim());
  // Tokens one below the other are not one token.
  if (lines.slice(1).some(beginsToken)) return undefined;
  const base64 = lines.join("");
  const bytes = decodeBase64(base64);
  if (!bytes) {
    const isDamaged = /^[A-Za-z0-9+/]+=*$/.test(base64) && isRecognised(Buffer.from(base64, "base64"));
    return isDamaged ? "damaged" : undefined;
  }
  // Hexadecimal digits are valid base64, and a digest is no ciphertext.
  if (bytes.length < MIN_CIPHERTEXT_BYTES || /^(?:[0-9a-f]+|[0-9A-F]+)$/.test(base64)) return undefined;
  return { kind: kindOf(bytes), format: "base64", bytes, start, end };
}

/** Whether a token tells by itself that it is one; other base64 may be anything. */
export function isCertain(token: Token): boolean {
  return token.format === "ENC[KMS]" || isRecognised(token.bytes);
}

function withoutSurroundings(text: string): [start: number, end: number] {
  let start = 0;
  let end = text.length;
  for (;;) {
    while (start < end && /\s/.test(text.charAt(start))) start++;
    while (end > start && /\s/.test(text.charAt(end - 1))) end--;
    const quote = text.charAt(start);
    if (end - start < 2 || !QUOTES.has(quote) || text.charAt(end - 1) !== quote) return [start, end];
    start++;
    end--;
  }
}

/**
 * Canonical base64 only: `Buffer` skips what it does not know, and would read a damaged token as another one. Each letter
 * that it skips makes the bytes fewer; it takes "-" and "_" for letters; and the bits that padding leaves over are in the
 * last group. To write all bytes again and compare the texts would take most of the time of a large token.
 */
function decodeBase64(base64: string): Uint8Array | undefined {
  if (base64 === "" || base64.length % 4 !== 0 || base64.includes("-") || base64.includes("_"))
    return undefined;
  const bytes = Buffer.from(base64, "base64");
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
  if (bytes.length !== (base64.length / 4) * 3 - padding) return undefined;
  const last = bytes.subarray(bytes.length - (3 - padding));
  return base64.endsWith(last.toString("base64")) ? bytes : undefined;
}

function kindOf(bytes: Uint8Array): TokenKind {
  if (startsWith(bytes, SANDBOX_HEADER)) return "sandbox";
  return isEncryptionSdkMessage(bytes) ? "encryption-sdk" : "kms";
}

function startsWith(bytes: Uint8Array, header: Uint8Array): boolean {
  return bytes.length >= header.length && header.every((byte, index) => bytes[index] === byte);
}

/**
 * Version 1 has type 0x80 and ten algorithm suites below 0x0400, version 2 has suites 0x0478 and 0x0578:
 * https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/message-format.html
 */
function isEncryptionSdkMessage(bytes: Uint8Array): boolean {
  const [version, second, third, fourth] = bytes;
  if (version === 1)
    return second === 0x80 && (third ?? 0xff) < 0x04 && [0x14, 0x46, 0x78].includes(fourth ?? 0);
  return version === 2 && (second === 0x04 || second === 0x05) && third === 0x78;
}

/**
 * KMS documents no header. Symmetric ciphertexts seen so far begin with 01 01|02 02|03 00 78 (`AQICAH…`, `AQIDAH…`,
 * `AQECAH…`), so this is a hint for questions and messages, never a condition for decrypting.
 */
function isRecognised(bytes: Uint8Array): boolean {
  if (kindOf(bytes) !== "kms") return true;
  const [a, b, c, d, e] = bytes;
  return a === 1 && (b === 1 || b === 2) && (c === 2 || c === 3) && d === 0 && e === 0x78;
}

/** Whether base64 begins with a header that we know. */
export function beginsToken(base64: string): boolean {
  return isRecognised(Buffer.from(base64.slice(0, 16), "base64"));
}
