/** Inputs that are nearly right: the pieces that parsers look for, whole, cut, mixed and repeated. */
import fc from "fast-check";
import { formatToken, type TokenFormat } from "../../src/core/tokens";

/** How ciphertexts begin: of the sandbox, of KMS, and messages of both versions. */
const HEADERS = ["SANDBOX/KMS/", "AQICAHh", "AQIDAHh", "AQECAHh", "AgR4", "AgV4", "AYAAFA", "AYADeA"];

const format = fc.constantFrom<TokenFormat>("base64", "ENC[KMS]");

/** Of a length that a ciphertext may have, now and then with a header that is known. */
export const ciphertext: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.option(fc.constantFrom(...HEADERS), { nil: "" }),
    fc.uint8Array({ minLength: 45, maxLength: 300 }),
  )
  .map(([header, bytes]) => new Uint8Array([...Buffer.from(header, "base64"), ...bytes]))
  // Nothing but hexadecimal digits is taken for a digest.
  .filter((bytes) => !/^(?:[0-9a-f]+|[0-9A-F]+)$/.test(Buffer.from(bytes).toString("base64")));

export const token: fc.Arbitrary<string> = fc
  .tuple(ciphertext, format)
  .map(([bytes, chosen]) => formatToken(bytes, chosen));

const piece = fc.oneof(
  { weight: 4, arbitrary: token },
  { weight: 2, arbitrary: token.map((text) => text.replace(/.{64}/g, "$&\n")) },
  { weight: 2, arbitrary: fc.tuple(token, fc.nat()).map(([text, cut]) => text.slice(0, cut % text.length)) },
  { weight: 3, arbitrary: fc.constantFrom("ENC[KMS,", "]", "DEC[KMS,", "]DEC", ...HEADERS) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(" ", "\n", "\r\n", "\r", "\t", '"', "'", "`", "=", "==", "\0", "\ufeff"),
  },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom("\ud800", "\udfff", "😀", "e\u0301", "\u2028") },
  { weight: 1, arbitrary: fc.stringMatching(/^[0-9a-f]{32,80}$/) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "${identity}",
      "${",
      "}",
      "${profile}",
      "arn:aws:kms:",
      "alias/",
      "[profile a]",
    ),
  },
);

/** A document. */
export const text: fc.Arbitrary<string> = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));

/** A text that has a UTF-8 form. */
export const wellFormedText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.string({ unit: "binary", maxLength: 60 }).filter((each) => each.isWellFormed()),
  text.filter((each) => each.isWellFormed()),
);

/** For parsers of bytes. */
export const bytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  text.map((each) => new Uint8Array(Buffer.from(each, "latin1"))),
  fc.uint8Array({ maxLength: 400 }),
  fc
    .tuple(ciphertext, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }))
    .map(([whole, changes]) => {
      const changed = Uint8Array.from(whole);
      for (const [place, byte] of changes) changed[place % changed.length] = byte;
      return changed;
    }),
  fc
    .tuple(fc.string({ maxLength: 12 }), fc.json())
    .map(([name, json]) => new Uint8Array(Buffer.from(`${name}\0${json}`, "latin1"))),
  fc
    .tuple(fc.nat({ max: 255 }), fc.json())
    .map(([first, json]) => new Uint8Array([first, ...Buffer.from(json, "latin1")])),
);

/** Edits of a document, one after the other, with places that are brought into its bounds. */
export const edits = fc.array(
  fc.record({ place: fc.nat(), length: fc.nat({ max: 12 }), text: fc.string({ maxLength: 8 }) }),
  { maxLength: 12 },
);
