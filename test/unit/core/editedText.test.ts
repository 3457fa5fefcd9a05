/** A text comes back from a text area with the line breaks that it had. */
import assert from "node:assert/strict";
import { asTyped, editedText, hasMixedLineBreaks } from "../../../src/core/editedText";

suite("An edited text", () => {
  test("is what it was where nothing else was typed, whatever its line breaks", () => {
    for (const text of ["", "a", "a\nb", "a\r\nb\r\n", "a\rb", "a\nb\r\nc\rd"]) {
      assert.equal(editedText(text, asTyped(text)), text);
    }
  });

  const edited: [text: string, typed: string, becomes: string][] = [
    ["a", "b", "b"],
    ["a", "a\nb", "a\nb"],
    ["a\nb", "a\nc", "a\nc"],
    ["a\r\nb", "a\nb\nc", "a\r\nb\r\nc"],
    ["a\rb", "a\nc", "a\rc"],
    ["a\r\nb\nc", "a\nb\nd", "a\nb\nd"],
    ["a\r\nb", "", ""],
  ];
  for (const [text, typed, becomes] of edited) {
    test(`${JSON.stringify(text)}, changed to ${JSON.stringify(typed)}, becomes ${JSON.stringify(becomes)}`, () => {
      assert.equal(editedText(text, typed), becomes);
    });
  }

  test("has mixed line breaks where there is more than one kind", () => {
    assert.deepEqual(["", "a\nb\n", "a\r\nb\r\n", "a\r\nb\n", "a\n\rb"].map(hasMixedLineBreaks), [
      false,
      false,
      false,
      true,
      true,
    ]);
  });
});
