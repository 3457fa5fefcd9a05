/** All tokens of a text, and all marked texts. */
import assert from "node:assert/strict";
import { findMarked, findTokens } from "../../../src/core/findInText";
import { formatToken } from "../../../src/core/tokens";
import { kmsBytes, marked, messageBytes, sandboxBytes } from "./ciphertexts";
import { assertCode, thrownBy } from "./failures";

suite("All tokens of a text", () => {
  const kms = formatToken(kmsBytes(168), "base64");
  const sandbox = formatToken(sandboxBytes(90), "base64");
  const message = marked(messageBytes("020478", 300));

  test("each kind in its place, with quotes and keys around, and line-wrapped", () => {
    const wrapped = kms.replace(/(.{64})/g, "$1\n");
    const text = `a: "${kms}"\nB=${sandbox}\n- ${message} # note\n${wrapped}\nend`;
    const { tokens, damaged } = findTokens(text);
    assert.equal(damaged, 0);
    assert.deepEqual(
      tokens.map(({ kind, start, end }) => [kind, text.slice(start, end)]),
      [
        ["kms", kms],
        ["sandbox", sandbox],
        ["encryption-sdk", message],
        ["kms", wrapped],
      ],
    );
  });

  const none: [title: string, text: string][] = [
    ["an empty text", ""],
    ["prose", "The quick brown fox jumps over the lazy dog.\n".repeat(50)],
    ["base64 of something else", Buffer.alloc(200, "other").toString("base64")],
    ["a digest", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ["a long line of letters", "x".repeat(1_000_000)],
  ];
  for (const [title, text] of none) {
    test(`none in ${title}`, () => {
      assert.deepEqual(findTokens(text), { tokens: [], damaged: 0 });
    });
  }

  test("a damaged token is counted once, and hides no other", () => {
    const { tokens, damaged } = findTokens(`a: ENC[KMS,${kms}\nb: ${sandbox}\n`);
    assert.deepEqual(
      tokens.map(({ kind }) => kind),
      ["sandbox"],
    );
    assert.equal(damaged, 1);
  });

  test("a cut marker that is wrapped is one damaged token, and a whole one behind it is found", () => {
    const text = `ENC[KMS,${kms.replace(/(.{40})/g, "$1\n")}\n\nb: ${kms}`;
    const { tokens, damaged } = findTokens(text);
    assert.deepEqual(
      tokens.map(({ start, end }) => text.slice(start, end)),
      [kms],
    );
    assert.equal(damaged, 1);
  });

  test("a token of full lines ends before a word", () => {
    const whole = formatToken(kmsBytes(144), "base64").replace(/(.{64})(?=.)/g, "$1\n");
    const text = `${whole}\nend`;
    assert.deepEqual(
      findTokens(text).tokens.map(({ start, end }) => text.slice(start, end)),
      [whole],
    );
  });

  /** Each twice as long as the other: what grows with the square of the text takes four times as long, or minutes. */
  const large: [title: string, line: string][] = [
    ["base64 in lines", `${Buffer.alloc(57, "attachment").toString("base64")}\r\n`],
    ["markers in one line", "ENC[KMS,]"],
    ["cut markers in one line", "ENC[KMS,"],
    ["tokens in one line", `"${kms}",`],
    ["tokens in lines", `${kms}\n`],
  ];
  for (const [title, line] of large) {
    test(`five megabytes are looked through in no time: ${title}`, () => {
      const { tokens } = findTokens(line.repeat((5 * 1024 * 1024) / line.length));
      assert.equal(tokens.length > 0, line.includes(kms));
    });
  }

  test("tokens one below the other are found one by one", () => {
    const text = `${kms}\n${kms}\n${sandbox}`;
    assert.equal(findTokens(text).tokens.length, 3);
  });
});

suite("Marked texts", () => {
  test("what stands in the mark, brackets and line breaks as well, and where the mark is", () => {
    const text = "a: DEC[KMS,one]DEC\nb: DEC[KMS,two ] [\nlines]DEC, DEC[KMS,]DEC";
    assert.deepEqual(
      findMarked(text).map(({ content, start, end }) => [content, text.slice(start, end)]),
      [
        ["one", "DEC[KMS,one]DEC"],
        ["two ] [\nlines", "DEC[KMS,two ] [\nlines]DEC"],
        ["", "DEC[KMS,]DEC"],
      ],
    );
    assert.deepEqual(findMarked("nothing ]DEC here"), []);
  });

  for (const text of ["DEC[KMS,a]DEC]DEC", "x\nDEC[KMS,pa]DECret]DEC DEC[KMS,b]DEC"]) {
    test(`a secret that holds the closing mark is not cut: ${JSON.stringify(text)}`, () => {
      assertCode(
        thrownBy(() => findMarked(text)),
        "mark-ambiguous",
      );
    });
  }

  for (const [title, text, line] of [
    ["at the end", "a\nDEC[KMS,secret", 2],
    ["before another", "a\n\nDEC[KMS,secret] DEC[KMS,other]DEC", 3],
    ["with half its end", "DEC[KMS,secret]DE", 1],
  ] as const) {
    test(`a mark that is not closed: ${title}`, () => {
      const error = thrownBy(() => findMarked(text));
      assertCode(error, "mark-not-closed");
      assert.ok(error.failure.code === "mark-not-closed" && error.failure.line === line);
    });
  }
});
