/** The bytes of a file as a text in which tokens can be found and replaced, with every other byte kept. */
import { asBuffer } from "./text";

export interface FileText {
  readonly text: string;
  /** The bytes of the text once tokens of it were replaced. */
  readonly encode: (text: string) => Uint8Array;
}

/** Bytes in which Git looks for a NUL to tell a binary file: https://git-scm.com/docs/gitattributes#_marking_files_as_binary */
const BINARY_CHECK = 8000;

const UTF16_LE_MARK = Buffer.from([0xff, 0xfe]);
const UTF16_BE_MARK = Buffer.from([0xfe, 0xff]);

/**
 * `undefined`: a binary file. Tokens are ASCII, and so in all encodings but UTF-16 a token has the same bytes: the text
 * has a character for each byte, and what the other bytes mean need not be known.
 */
export function readFileText(bytes: Uint8Array): FileText | undefined {
  const buffer = asBuffer(bytes);
  const startsWith = (mark: Buffer): boolean => buffer.subarray(0, mark.length).equals(mark);
  if (buffer.length % 2 === 0 && startsWith(UTF16_LE_MARK)) {
    return { text: buffer.toString("utf16le"), encode: (text) => Buffer.from(text, "utf16le") };
  }
  if (buffer.length % 2 === 0 && startsWith(UTF16_BE_MARK)) {
    return {
      text: Buffer.from(buffer).swap16().toString("utf16le"),
      encode: (text) => Buffer.from(text, "utf16le").swap16(),
    };
  }
  if (buffer.subarray(0, BINARY_CHECK).includes(0)) return undefined;
  return { text: buffer.toString("latin1"), encode: (text) => Buffer.from(text, "latin1") };
}
