/** Bytes that look like what they stand for, the same in every run. */
import { SANDBOX_HEADER } from "../../../src/core/sandbox";

function withHeader(header: Uint8Array, length: number): Buffer {
  const bytes = Buffer.from(Uint8Array.from({ length }, (_, n) => n * 151 + (n >> 8) + 7));
  bytes.set(header.subarray(0, length));
  return bytes;
}

const hex = (digits: string): Buffer => Buffer.from(digits, "hex");

/** Begins as the symmetric ciphertexts of KMS do, `AQICAH`. */
export const kmsBytes = (length: number): Buffer => withHeader(hex("0102020078"), length);

/** Begins like nothing that is known. */
export const unknownBytes = (length: number): Buffer => withHeader(hex("d3f1"), length);

export const sandboxBytes = (length: number): Buffer => withHeader(SANDBOX_HEADER, length);

/** A message of the AWS Encryption SDK; `header` in hexadecimal digits. */
export const messageBytes = (header: string, length = 120): Buffer => withHeader(hex(header), length);

export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

export const marked = (bytes: Uint8Array): string => `ENC[KMS,${base64(bytes)}]`;

/** As `base64 -w` writes it, without a line break at the end. */
export function wrap(text: string, width: number, lineBreak = "\n", indent = ""): string {
  const lines = text.match(new RegExp(`.{1,${width}}`, "g")) ?? [];
  return lines.map((line) => indent + line).join(lineBreak);
}
