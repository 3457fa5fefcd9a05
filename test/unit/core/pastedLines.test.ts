/** What a field of one line made of a paste is told apart from what was typed. */
import assert from "node:assert/strict";
import { pastedLines } from "../../../src/core/pastedLines";

suite("A paste into one line", () => {
  const found: [before: string, now: string, clipboard: string, asOneLine: string, lines: string][] = [
    ["", "a b", "a\nb", "a b", "a\nb"],
    ["", "ab", "a\nb", "ab", "a\nb"],
    ["", "a b c", "a\r\nb\rc\r\n", "a b c", "a\nb\nc"],
    ["xy", "xa by", "a\nb", "a b", "a\nb"],
    ["x selected y", "x a b y", "a\nb", "a b", "a\nb"],
    ["a b", "a ba b", "a\nb", "a b", "a\nb"],
    ["", "a  b", "a\n\nb", "a  b", "a\n\nb"],
  ];
  for (const [before, now, clipboard, asOneLine, lines] of found)
    test(`${JSON.stringify(clipboard)} that made ${JSON.stringify(now)} of ${JSON.stringify(before)}`, () => {
      assert.deepEqual(pastedLines(before, now, clipboard), { asOneLine, lines });
    });

  const others: [before: string, now: string, clipboard: string][] = [
    ["", "a b", "a b"],
    ["", "secret", "secret\n"],
    ["", "secret", "secret\r\n\r\n"],
    ["", "typed", "a\nb"],
    ["a b", "a b, and more", "a\nb"],
    ["", "", "\n"],
    ["", "anything", ""],
  ];
  for (const [before, now, clipboard] of others)
    test(`${JSON.stringify(clipboard)} is not what made ${JSON.stringify(now)} of ${JSON.stringify(before)}`, () => {
      assert.equal(pastedLines(before, now, clipboard), undefined);
    });
});
