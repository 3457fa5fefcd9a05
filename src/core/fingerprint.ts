/** Knows a text again without keeping it. */
import { createHmac, randomBytes } from "node:crypto";

/** Of one text. Line breaks of all kinds count as the same one: an editor has its own kind for each document. */
export interface Fingerprint {
  readonly digest: string;
  /** In UTF-16 code units, a line break counted as one. */
  readonly length: number;
  readonly lineBreaks: number;
  /** Of its first characters, to look for it in a text. */
  readonly head: number;
  /** Hardly anything else looks like it, so that a copy of it is known wherever it turns up. */
  readonly isDistinctive: boolean;
}

/** Of this window alone: a digest is of no use to anybody else, not even to find a short text by trying. */
const key = randomBytes(32);

/** Characters by which a text is looked for. A shorter one is not. */
export const HEAD_LENGTH = 4;

const MIN_DISTINCTIVE_LENGTH = 8;
/** Of this length even one kind of characters will do. */
const LONG = 20;
const SAMPLE_LENGTH = 1000;
const KINDS = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{L}\p{Nd}\s]/u];

export function fingerprintOf(text: string): Fingerprint {
  const plain = text.replaceAll("\r\n", "\n");
  const sample = plain.slice(0, SAMPLE_LENGTH);
  const kinds = KINDS.filter((kind) => kind.test(sample)).length;
  const { length } = plain;
  return {
    digest: createHmac("sha256", key).update(plain, "utf16le").digest("base64"),
    length,
    lineBreaks: plain.split("\n").length - 1,
    head: headAt(text, 0),
    isDistinctive: length >= MIN_DISTINCTIVE_LENGTH && (length >= LONG || kinds >= 2),
  };
}

/** How long the text is in a document with line breaks of this length. */
export function lengthIn({ length, lineBreaks }: Fingerprint, eolLength: number): number {
  return length + lineBreaks * (eolLength - 1);
}

/** A number that tells little of the characters, and that texts with the same beginning share. */
export function headAt(text: string, offset: number): number {
  const head = text.slice(offset, offset + 2 * HEAD_LENGTH).replaceAll("\r\n", "\n");
  let hash = 0;
  for (let n = 0; n < Math.min(HEAD_LENGTH, head.length); n++)
    hash = (hash * 31 + head.charCodeAt(n)) & 0xffff;
  return hash;
}
