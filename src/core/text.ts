/** Text of a document to bytes and back, exactly. */
import { KmsSelectionError } from "./errors";

/**
 * UTF-8 of a text, in memory of its own, which can be zeroed: no stream makes a copy of a `Buffer`. Throws
 * `lone-surrogate`: half a surrogate pair has no UTF-8 form and would come back as U+FFFD.
 */
export function encodeText(text: string): Buffer {
  if (!text.isWellFormed()) throw new KmsSelectionError({ code: "lone-surrogate" });
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

/** Throws `plaintext-not-text` where the bytes are not UTF-8. */
export function decodeText(bytes: Uint8Array): string {
  try {
    // ignoreBOM keeps U+FEFF: it belongs to the text that was encrypted.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new KmsSelectionError({ code: "plaintext-not-text", bytes: bytes.length }, { cause: error });
  }
}

/** The same bytes, not a copy. */
export function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/**
 * The length of a text without one trailing line break. A selection of whole lines takes in the last line's break; were
 * it encrypted, the next line would be pulled up.
 */
export function lengthWithoutTrailingLineBreak(text: string): number {
  if (text.endsWith("\r\n")) return text.length - 2;
  return text.endsWith("\n") || text.endsWith("\r") ? text.length - 1 : text.length;
}

/** The text as a document with this end of line will hold it: an editor keeps one kind of line break. */
export function withLineBreaks(text: string, eol: "\n" | "\r\n"): string {
  return text.replace(/\r\n|\r|\n/g, eol);
}
