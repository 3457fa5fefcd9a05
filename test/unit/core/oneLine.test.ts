/** A secret on one line: what would go unseen is spelled out, and nothing can steer how it is shown. */
import assert from "node:assert/strict";
import { oneLine } from "../../../src/core/oneLine";

suite("A secret on one line", () => {
  const shown: [text: string, as: string][] = [
    ["hunter2", "hunter2"],
    ["", "(empty)"],
    ["a  b ", "a\u00a0\u00a0b\u00a0"],
    ["one\ntwo\n", "one↵two↵"],
    ["one\r\ntwo", "one␍↵two"],
    ["a\tb", "a⇥b"],
    ["\u0000\u001b\u007f", "␀␛␡"],
    ["a\u0085b\u2028c", "a‹U+0085›b‹U+2028›c"],
    ["a\u00a0b\u3000c", "a‹U+00A0›b‹U+3000›c"],
    ["\ufeffa\u200bb", "‹U+FEFF›a‹U+200B›b"],
    ["a\u202eb\u2066c\u2069", "a‹U+202E›b‹U+2066›c‹U+2069›"],
    ["\u{e0041}", "‹U+E0041›"],
    [`'"\\{0};}</style>`, `'"\\{0};}</style>`],
    ["زهراء 😀", "زهراء\u00a0😀"],
  ];
  for (const [text, as] of shown) {
    test(`${JSON.stringify(text)} is shown as ${as}`, () => {
      assert.equal(oneLine(text), as);
    });
  }

  test("no character of the first 65,536 is both unseen and not spelled out", () => {
    for (let code = 0; code <= 0xffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      assert.doesNotMatch(oneLine(String.fromCodePoint(code)), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u, String(code));
    }
  });

  test("a long one ends with the number of characters that are left out, and none is cut in half", () => {
    assert.equal(oneLine("x".repeat(200)), "x".repeat(200));
    assert.equal(oneLine("😀".repeat(203)), `${"😀".repeat(200)}… (3 more)`);
  });
});
