/** What is read as a token, what is not, and what is taken for a damaged one. */
import assert from "node:assert/strict";
import { KmsSelectionError } from "../../../src/core/errors";
import {
  formatToken,
  isCertain,
  parseToken,
  type TokenFormat,
  type TokenKind,
} from "../../../src/core/tokens";
import { base64, kmsBytes, marked, messageBytes, sandboxBytes, unknownBytes, wrap } from "./ciphertexts";

const BYTES = kmsBytes(168);
const TEXT = base64(BYTES);
const MARKED = marked(BYTES);
const UNKNOWN = base64(unknownBytes(168));

const isDamaged = (error: unknown): boolean =>
  error instanceof KmsSelectionError && error.failure.code === "token-damaged";

suite("Reading a token", () => {
  const read: [title: string, text: string, format?: TokenFormat][] = [
    ["bare base64", TEXT],
    ["base64 without a header that is known", UNKNOWN],
    ["ENC[KMS,…]", MARKED, "ENC[KMS]"],
    ["ENC[KMS,…] around base64 without a header that is known", `ENC[KMS,${UNKNOWN}]`, "ENC[KMS]"],
    ["double quotes", `"${TEXT}"`],
    ["single quotes", `'${TEXT}'`],
    ["backticks", `\`${TEXT}\``],
    ["quotes in quotes", `'"${TEXT}"'`],
    ["quotes around ENC[KMS,…]", `"${MARKED}"`, "ENC[KMS]"],
    ["white space around", ` \t\r\n${TEXT}\n  `],
    ["white space around and in quotes", `  " ${TEXT}\t"\n`],
    ["white space in ENC[KMS,…]", `ENC[KMS, ${TEXT} ]`, "ENC[KMS]"],
    ["wrapped at 64", wrap(TEXT, 64)],
    ["wrapped at 76 with a line break at the end", `${wrap(TEXT, 76)}\n`],
    ["wrapped with CRLF", wrap(TEXT, 64, "\r\n")],
    ["wrapped and indented with spaces", wrap(TEXT, 64, "\n", "    ")],
    ["wrapped and indented with tabs, CRLF", wrap(TEXT, 76, "\r\n", "\t\t")],
    ["wrapped with spaces at the ends of lines", wrap(TEXT, 64, "  \n")],
    ["wrapped with empty lines", wrap(TEXT, 64, "\n\n")],
    ["wrapped unevenly", `${TEXT.slice(0, 10)}\n${TEXT.slice(10, 100)}\n${TEXT.slice(100)}`],
    ["ENC[KMS,…] wrapped", `ENC[KMS,${wrap(TEXT, 64)}]`, "ENC[KMS]"],
    [
      "ENC[KMS,…] wrapped, indented, CRLF, brackets on lines of their own",
      `ENC[KMS,\r\n${wrap(TEXT, 64, "\r\n", "  ")}\r\n]`,
      "ENC[KMS]",
    ],
    ["quotes around what is wrapped", `"${wrap(TEXT, 64)}"`],
  ];
  for (const [title, text, format = "base64"] of read) {
    test(title, () => {
      const token = parseToken(text);
      assert.ok(token);
      assert.deepEqual(Buffer.from(token.bytes), text.includes(UNKNOWN) ? unknownBytes(168) : BYTES);
      assert.equal(token.format, format);
      assert.equal(token.kind, "kms");
    });
  }

  test("start and end are those of the token, without white space and quotes", () => {
    for (const token of [TEXT, MARKED, wrap(TEXT, 64, "\r\n")]) {
      const text = `\n  "${token}" \t`;
      const { start, end } = parseToken(text)!;
      assert.equal(text.slice(start, end), token);
    }
  });

  const notTokens: [title: string, text: string][] = [
    ["nothing", ""],
    ["one character", "A"],
    ["white space", " \n\t"],
    ["quotes around nothing", '""'],
    ["one quote", '"'],
    ["a quote on one side", `"${TEXT}`],
    ["quotes that differ", `"${TEXT}'`],
    ["a word", "password"],
    ["words", "correct horse battery staple"],
    ["a word of a length that base64 has", "passwordpasswordpasswordpasswordpasswordpass"],
    ["a password", "hunter2!"],
    ["a password of base64 digits", "Tr0ub4dor+3/xY9k"],
    ["an AWS secret access key", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"],
    ["an AWS access key ID", "AKIAIOSFODNN7EXAMPLE"],
    ["a UUID", "11111111-1111-4111-8111-111111111111"],
    ["an MD5 digest", "d41d8cd98f00b204e9800998ecf8427e"],
    ["a SHA-256 digest", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["a SHA-512 digest in capitals", "0123456789ABCDEF".repeat(8)],
    ["digits", "0".repeat(64)],
    ["a digest in Subresource Integrity form", `sha512-${base64(unknownBytes(64))}`],
    ["a JWT", `eyJhbGciOiJIUzI1NiJ9.${base64(unknownBytes(60))}.${base64(unknownBytes(33))}`],
    ["base64 of the kind for URLs", TEXT.replace(/[+/]/g, "-")],
    ["a PEM file with its header", `-----BEGIN KEY-----\n${wrap(UNKNOWN, 64)}\n-----END KEY-----`],
    ["two tokens with a space between", `${TEXT} ${TEXT}`],
    ["a token with a space in it", `${TEXT.slice(0, 100)} ${TEXT.slice(100)}`],
    ["a token with a tab in it", `${TEXT.slice(0, 100)}\t${TEXT.slice(100)}`],
    ["a name and a token", `KEY=${TEXT}`],
    ["a token and a comma", `${TEXT},`],
    ["a marker of another kind", "ENC[AES256_GCM,data:abc]"],
    ["a marker in lower case", `enc[kms,${TEXT}]`],
    ["a marker without a comma", "ENC[KMS"],
    ["base64 without a known header, cut", UNKNOWN.slice(0, -1)],
    ["44 bytes", base64(unknownBytes(44))],
    ["44 bytes with a header", base64(kmsBytes(44))],
    ["characters that are no digits of base64", "Ä".repeat(64)],
    ["full-width letters", "Ａ".repeat(64)],
  ];
  for (const [title, text] of notTokens) {
    test(`not a token: ${title}`, () => {
      assert.equal(parseToken(text), undefined);
    });
  }

  for (const length of [45, 46, 47, 48, 55, 6143, 6144, 6145]) {
    test(`${length} bytes are a token`, () => {
      for (const bytes of [unknownBytes(length), kmsBytes(length)]) {
        assert.deepEqual(Buffer.from(parseToken(base64(bytes))!.bytes), bytes);
      }
    });
  }

  for (const length of [1, 44, 45]) {
    test(`ENC[KMS,…] says that it is a token, also with ${length} bytes`, () => {
      assert.deepEqual(Buffer.from(parseToken(marked(kmsBytes(length)))!.bytes), kmsBytes(length));
    });
  }

  test("base64 of something else may be a token, but is not certain: the body of a PEM file", () => {
    const token = parseToken(wrap(base64(messageBytes("308204a4", 600)), 64))!;
    assert.equal(token.kind, "kms");
    assert.equal(isCertain(token), false);
  });

  const padded = base64(kmsBytes(169));
  const damaged: [title: string, text: string][] = [
    ["one digit cut off", TEXT.slice(0, -1)],
    ["two digits cut off", TEXT.slice(0, -2)],
    ["three digits cut off", TEXT.slice(0, -3)],
    ["its padding cut off", padded.slice(0, -2)],
    ["half of its padding cut off", padded.slice(0, -1)],
    ["too much padding", `${padded}=`],
    ["padding where none belongs", `${TEXT}=`],
    ["bits behind the last byte", lastBitsSet(padded)],
    ["cut off while wrapped", wrap(TEXT, 64).slice(0, -5)],
    ["a sandbox token, cut off", base64(sandboxBytes(100)).slice(0, -3)],
    ["a message, cut off", base64(messageBytes("020478")).slice(0, -1)],
    ["no closing bracket", MARKED.slice(0, -1)],
    ["nothing behind the marker", "ENC[KMS,"],
    ["nothing in the brackets", "ENC[KMS,]"],
    ["white space in the brackets", "ENC[KMS, \n ]"],
    ["one digit cut off in the brackets", `ENC[KMS,${TEXT.slice(0, -1)}]`],
    ["what is no base64 in the brackets", "ENC[KMS,not base64!]"],
    ["bits behind the last byte in the brackets", `ENC[KMS,${lastBitsSet(padded)}]`],
    ["text behind the brackets", `${MARKED} and more`],
    ["two of ENC[KMS,…]", `${MARKED}\n${MARKED}`],
    ["an ENC[KMS,…] in an ENC[KMS,…]", `ENC[KMS,${MARKED}]`],
  ];
  for (const [title, text] of damaged) {
    test(`a damaged token: ${title}`, () => {
      assert.throws(() => parseToken(text), isDamaged);
    });
  }

  for (const length of [168, 169, 170]) {
    test(`two tokens of ${length} bytes on two lines are not one`, () => {
      for (const lineBreak of ["\n", "\r\n", "\n\n  "]) {
        for (const bytes of [kmsBytes(length), sandboxBytes(length), messageBytes("020478", length)]) {
          assert.equal(parseToken(`${base64(bytes)}${lineBreak}${base64(bytes)}`), undefined);
        }
      }
    });
  }

  const kinds: [title: string, bytes: Buffer, kind: TokenKind, certain: boolean][] = [
    ["AQICAH…", messageBytes("0102020078"), "kms", true],
    ["AQIDAH…", messageBytes("0102030078"), "kms", true],
    ["AQECAH…", messageBytes("0101020078"), "kms", true],
    ["AQMCAH…, never seen", messageBytes("0103020078"), "kms", false],
    ["AQIBAH…, never seen", messageBytes("0102010078"), "kms", false],
    ["another fourth byte", messageBytes("0102020178"), "kms", false],
    ["another fifth byte", messageBytes("0102020079"), "kms", false],
    ["zeros", Buffer.alloc(64), "kms", false],
    ["a sandbox token", sandboxBytes(64), "sandbox", true],
    ["a sandbox header with another last byte", changed(sandboxBytes(64), 8), "kms", false],
    ["a message of version 1, suite 0014", messageBytes("01800014"), "encryption-sdk", true],
    ["a message of version 1, suite 0046", messageBytes("01800046"), "encryption-sdk", true],
    ["a message of version 1, suite 0078", messageBytes("01800078"), "encryption-sdk", true],
    ["a message of version 1, suite 0178", messageBytes("01800178"), "encryption-sdk", true],
    ["a message of version 1, suite 0214", messageBytes("01800214"), "encryption-sdk", true],
    ["a message of version 1, suite 0346", messageBytes("01800346"), "encryption-sdk", true],
    ["a message of version 1, suite 0378", messageBytes("01800378"), "encryption-sdk", true],
    ["a message of version 2, suite 0478", messageBytes("020478"), "encryption-sdk", true],
    ["a message of version 2, suite 0578", messageBytes("020578"), "encryption-sdk", true],
    ["version 1 of another type", messageBytes("01810378"), "kms", false],
    ["version 1 with a suite of version 2", messageBytes("01800478"), "kms", false],
    ["version 1 with no such suite", messageBytes("01800379"), "kms", false],
    ["version 2 with no such suite", messageBytes("020678"), "kms", false],
    ["version 2 with a suite of version 1", messageBytes("020378"), "kms", false],
    ["version 3", messageBytes("030478"), "kms", false],
  ];
  for (const [title, bytes, kind, certain] of kinds) {
    test(`${title}: ${kind}${certain ? ", for certain" : ""}`, () => {
      const token = parseToken(base64(bytes))!;
      assert.equal(token.kind, kind);
      assert.equal(isCertain(token), certain);
      const inBrackets = parseToken(marked(bytes))!;
      assert.equal(inBrackets.kind, kind);
      assert.equal(isCertain(inBrackets), true);
    });
  }

  test("a token that ends within a header is none that is known", () => {
    for (const length of [1, 2, 3, 4]) {
      assert.equal(parseToken(marked(kmsBytes(length)))!.kind, "kms");
      assert.equal(
        parseToken(marked(messageBytes("01800078", length)))!.kind,
        length < 4 ? "kms" : "encryption-sdk",
      );
    }
    assert.equal(parseToken(marked(sandboxBytes(8)))!.kind, "kms");
    assert.equal(parseToken(marked(sandboxBytes(9)))!.kind, "sandbox");
  });

  for (const format of ["base64", "ENC[KMS]"] satisfies TokenFormat[]) {
    test(`what is written as ${format} is read as the same bytes, on one line`, () => {
      for (const length of [45, 46, 47, 48, 6143, 6144, 9000]) {
        const text = formatToken(kmsBytes(length), format);
        assert.match(text, format === "base64" ? /^[A-Za-z0-9+/]+=*$/ : /^ENC\[KMS,[A-Za-z0-9+/]+=*\]$/);
        const token = parseToken(text)!;
        assert.deepEqual(Buffer.from(token.bytes), kmsBytes(length));
        assert.equal(token.format, format);
        assert.deepEqual([token.start, token.end], [0, text.length]);
      }
    });
  }

  test("a part of a buffer is written alone", () => {
    assert.equal(formatToken(kmsBytes(100).subarray(2, 5), "base64"), base64(kmsBytes(100).subarray(2, 5)));
  });
});

/** The same bytes to a lenient reader; another text than any writer makes. */
function lastBitsSet(padded: string): string {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const last = digits.indexOf(padded.charAt(padded.length - 3));
  return `${padded.slice(0, -3)}${digits.charAt(last | 1)}==`;
}

function changed(bytes: Buffer, at: number): Buffer {
  bytes[at] = bytes.readUInt8(at) ^ 1;
  return bytes;
}
