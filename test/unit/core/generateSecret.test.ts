/** Generated secrets have the length and the characters that were asked for, each as likely as the others. */
import assert from "node:assert/strict";
import {
  alphabets,
  entropyBits,
  generateSecret,
  MAX_LENGTH,
  parseLength,
} from "../../../src/core/generateSecret";

suite("Generated secrets", () => {
  for (const [name, alphabet] of Object.entries(alphabets)) {
    test(`${name}: the length and the characters asked for`, () => {
      assert.equal(new Set(alphabet).size, alphabet.length, "no character twice");
      for (const length of [1, 32, MAX_LENGTH]) {
        const secret = generateSecret(length, alphabet);
        assert.equal(secret.length, length);
        assert.ok(Array.from(secret).every((character) => alphabet.includes(character)));
      }
    });
  }

  test("no character is more likely than another", () => {
    // 62 does not divide 256: a remainder of random bytes would bring the first 8 characters 25 % more often.
    const alphabet = alphabets["Letters and digits"] ?? "";
    const total = 310_000;
    const counts = new Map<string, number>();
    for (const character of generateSecret(total, alphabet)) {
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    const expected = total / alphabet.length;
    const chiSquared = Array.from(alphabet)
      .map((character) => ((counts.get(character) ?? 0) - expected) ** 2 / expected)
      .reduce((sum, each) => sum + each, 0);
    // 61 degrees of freedom: chance exceeds 150 once in about 10^9 runs; the remainder would bring about 2,000.
    assert.ok(chiSquared < 150, `chi squared ${chiSquared}`);
  });

  test("two are never the same", () => {
    const secrets = Array.from({ length: 1000 }, () => generateSecret(16, alphabets.Hexadecimal ?? ""));
    assert.equal(new Set(secrets).size, secrets.length);
  });

  test("bits of entropy", () => {
    assert.equal(entropyBits(32, alphabets.Hexadecimal ?? ""), 128);
    assert.equal(entropyBits(6, alphabets.Digits ?? ""), 19);
  });

  for (const [text, length] of [
    ["32", 32],
    [" 7 ", 7],
    ["1", 1],
    ["1024", 1024],
    ["0", undefined],
    ["1025", undefined],
    ["-1", undefined],
    ["1.5", undefined],
    ["1e2", undefined],
    ["", undefined],
  ] as const) {
    test(`a length of "${text}" is ${length ?? "refused"}`, () => {
      assert.equal(parseLength(text), length);
    });
  }
});
