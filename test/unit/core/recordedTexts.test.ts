/** Decrypted texts that are known again by their record, in a document as it was or as it has become. */
import assert from "node:assert/strict";
import { findRecorded, recordOf } from "../../../src/core/recordedTexts";

const key = Buffer.alloc(32, 1);

/** Each text of `text` in brackets is recorded; the brackets are not of the document. */
function recorded(marked: string, tokens?: readonly string[]) {
  const places: { start: number; end: number; token: string; tokenOfText: string; origin: string }[] = [];
  let text = "";
  for (const [n, part] of marked.split(/[[\]]/).entries()) {
    const token = tokens?.[places.length] ?? `token ${places.length}`;
    const range = { start: text.length, end: text.length + part.length };
    if (n % 2 === 1) places.push({ ...range, token, tokenOfText: token, origin: "origin" });
    text += part;
  }
  return { text, record: recordOf(key, text, places) };
}

function found(marked: string, after: string): (string | undefined)[] {
  const { record } = recorded(marked);
  return findRecorded(key, after, record).map((range) => range && after.slice(range.start, range.end));
}

suite("Recorded texts", () => {
  const cases: [title: string, marked: string, after: string, expected: (string | undefined)[]][] = [
    ["are found where they stood", "a: [one]\nb: [2]\n", "a: one\nb: 2\n", ["one", "2"]],
    ["lines above", "a: [one]\nb: [2]\n", "# x\n\na: one\nb: 2\n", ["one", "2"]],
    ["lines between", "a: [one]\nb: [2]\n", "a: one\n# x\nb: 2\n", ["one", "2"]],
    ["lines below", "a: [one]\nb: [2]", "a: one\nb: 2\n# x\n", ["one", "2"]],
    ["other order", "a: [one]\nb: [2]\n", "b: 2\na: one\n", ["one", "2"]],
    ["several in a line", "[one] [one] x\n", "\none one x\n", ["one", "one"]],
    ["lines that are alike", "a: [1]\na: [1]\n", "#\na: 1\na: 1\n", ["1", "1"]],
    ["several lines", "a: |\n  [one\n  two]\nb\n", "#\na: |\n  one\n  two\nb\n", ["one\n  two"]],
    ["CRLF", "a: [one]\r\nb: [two\r\nthree]\r\n", "#\r\na: one\r\nb: two\r\nthree\r\n", ["one", "two\r\nthree"]],
    ["a weak text elsewhere is not taken for it", "a: [1]\n", "1: 1\nb: 1\na: 2\n", [undefined]],
    ["one that was edited is not found", "a: [one]\nb: [2]\n", "a: ones\nb: 2\n", [undefined, "2"]],
    ["an empty document", "a: [one]\n", "", [undefined]],
  ]; // prettier-ignore
  for (const [title, marked, after, expected] of cases) {
    test(title, () => {
      assert.deepEqual(found(marked, after), expected);
    });
  }

  test("nobody else finds a text by trying, however weak: without the key no digest fits", () => {
    const { text, record } = recorded("pin: [7]\n");
    assert.deepEqual(findRecorded(Buffer.alloc(32, 2), text, record), [undefined]);
    assert.ok(!JSON.stringify(record).includes("pin: 7"));
  });

  test("two lines that are alike are two places, however they have moved", () => {
    const { record } = recorded("a: [1]\na: [1]\n");
    const starts = findRecorded(key, "a: 1\n# between\na: 1\n", record).map((range) => range?.start);
    assert.deepEqual(starts, [3, 18]);
  });

  test("texts that are alike have digests that are not", () => {
    const { record } = recorded("[same]\n[same]\n");
    assert.notEqual(record[0]?.digest, record[1]?.digest);
  });

  test("five thousand texts that moved are found in ten megabytes, in the time that a test has, and so are none where all were edited", () => {
    const filler = `${"x".repeat(40)}\n`.repeat(50);
    const lines = Array.from({ length: 5000 }, (_, n) => `${filler}key${n}: [secret number ${n}]\n`);
    const { text, record } = recorded(lines.join(""));
    const ranges = findRecorded(key, `# moved\n${text}`, record);
    assert.ok(ranges.every((range) => range !== undefined));
    const others = findRecorded(key, text.replaceAll("secret", "SECRET"), record);
    assert.ok(others.every((range) => range === undefined));
  });
});
