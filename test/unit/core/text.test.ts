/** Text to bytes and back, byte for byte. */
import assert from "node:assert/strict";
import {
  decodeText,
  encodeText,
  lengthWithoutTrailingLineBreak,
  withLineBreaks,
} from "../../../src/core/text";
import { assertCode, thrownBy } from "./failures";

suite("Text and bytes", () => {
  const texts: [title: string, text: string, hex: string][] = [
    ["nothing", "", ""],
    ["ASCII", "hunter2", "68756e74657232"],
    ["NUL", "a\0b", "610062"],
    ["umlauts, composed", "ä", "c3a4"],
    ["umlauts, decomposed", "a\u0308", "61cc88"],
    ["emoji", "😀", "f09f9880"],
    ["an emoji of several", "👩‍💻", "f09f91a9e2808df09f92bb"],
    ["right to left", "מפתח", "d79ed7a4d7aad797"],
    ["a byte order mark at the start", "\ufeffa", "efbbbf61"],
    ["a byte order mark alone", "\ufeff", "efbbbf"],
    ["a byte order mark within", "a\ufeffb", "61efbbbf62"],
    ["U+FFFD itself", "\ufffd", "efbfbd"],
    ["U+FFFF", "\uffff", "efbfbf"],
    ["the last character", "\u{10ffff}", "f48fbfbf"],
    ["line breaks of all kinds", "a\r\nb\nc\rd\u2028e", "610d0a620a630d64e280a865"],
  ];
  for (const [title, text, hex] of texts) {
    test(`there and back: ${title}`, () => {
      assert.equal(Buffer.from(encodeText(text)).toString("hex"), hex);
      assert.equal(decodeText(Buffer.from(hex, "hex")), text);
    });
  }

  for (const [title, text] of [
    ["a high surrogate alone", "\ud83d"],
    ["a low surrogate alone", "\ude00"],
    ["at the start", "\ude00abc"],
    ["at the end", "abc\ud83d"],
    ["in the wrong order", "\ude00\ud83d"],
    ["behind a whole pair", "😀\ud83d"],
    ["two halves with something between", "\ud83d \ude00"],
  ] as const) {
    test(`half a character is refused: ${title}`, () => {
      assertCode(
        thrownBy(() => encodeText(text)),
        "lone-surrogate",
      );
    });
  }

  for (const [title, hex] of [
    ["a continuation byte alone", "80"],
    ["a sequence that is cut", "f09f98"],
    ["an overlong form", "c0af"],
    ["a surrogate", "eda080"],
    ["beyond U+10FFFF", "f4908080"],
    ["text in UTF-16", "fffe6100"],
    ["text in Latin-1", "e4"],
    ["good text with one bad byte at its end", "68656c6c6fff"],
  ] as const) {
    test(`bytes that are not UTF-8 are refused, with their number: ${title}`, () => {
      const bytes = Buffer.from(hex, "hex");
      const { failure } = thrownBy(() => decodeText(bytes));
      assert.deepEqual(failure, { code: "plaintext-not-text", bytes: bytes.length });
    });
  }

  for (const [text, rest] of [
    ["", ""],
    ["a", "a"],
    ["a\n", "a"],
    ["a\r\n", "a"],
    ["a\r", "a"],
    ["a\n\n", "a\n"],
    ["a\r\n\r\n", "a\r\n"],
    ["a\n\r", "a\n"],
    ["\n", ""],
    ["\r\n", ""],
    ["\na", "\na"],
    ["a ", "a "],
    ["a\u2028", "a\u2028"],
  ] as const) {
    test(`without one line break at the end, ${JSON.stringify(text)} is ${JSON.stringify(rest)}`, () => {
      assert.equal(text.slice(0, lengthWithoutTrailingLineBreak(text)), rest);
    });
  }

  for (const [text, lf, crlf] of [
    ["", "", ""],
    ["a", "a", "a"],
    ["a\nb", "a\nb", "a\r\nb"],
    ["a\r\nb", "a\nb", "a\r\nb"],
    ["a\rb", "a\nb", "a\r\nb"],
    ["a\r\r\nb\n\r", "a\n\nb\n\n", "a\r\n\r\nb\r\n\r\n"],
    ["$&\n$1", "$&\n$1", "$&\r\n$1"],
  ] as const) {
    test(`a document's own line breaks in ${JSON.stringify(text)}`, () => {
      assert.equal(withLineBreaks(text, "\n"), lf);
      assert.equal(withLineBreaks(text, "\r\n"), crlf);
    });
  }
});
