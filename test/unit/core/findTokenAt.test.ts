/** Which token a cursor is in, in the files that people keep tokens in. */
import assert from "node:assert/strict";
import { KmsSelectionError } from "../../../src/core/errors";
import { findTokenAt } from "../../../src/core/findTokenAt";
import { base64, kmsBytes, marked, messageBytes, sandboxBytes, unknownBytes, wrap } from "./ciphertexts";

/** Without padding, with `==`, with `=`. */
const LENGTHS = [168, 169, 170];

function found(text: string, offset: number): string | undefined {
  const token = findTokenAt(text, offset);
  return token && text.slice(token.start, token.end);
}

/** Every place from just before the first to just behind the last character of a token. */
function assertFoundEverywhere(text: string, token: string): void {
  const start = text.indexOf(token);
  for (let offset = start; offset <= start + token.length; offset++) {
    assert.equal(found(text, offset), token, `at ${offset - start} of ${token.length}`);
  }
}

suite("The token at the cursor", () => {
  const files: [title: string, file: (token: string) => string][] = [
    ["nothing else", (token) => token],
    [".env", (token) => `# secrets\nUSER=alice\nPASSWORD=${token}\nHOST=db\n`],
    [".env with quotes", (token) => `USER="alice"\nPASSWORD="${token}"\nHOST="db"\n`],
    [".env with export", (token) => `export PASSWORD='${token}' # a comment\n`],
    [".env, CRLF", (token) => `USER=alice\r\nPASSWORD=${token}\r\nHOST=db\r\n`],
    ["INI with spaces", (token) => `[db]\r\npassword = ${token}\r\nhost = db\r\n`],
    ["YAML", (token) => `db:\n  user: alice\n  password: ${token}\n  host: db\n`],
    ["YAML list", (token) => `- first\n- ${token}\n- last\n`],
    ["YAML with quotes and a comment", (token) => `password: "${token}" # for the database\nhost: db\n`],
    ["YAML block", (token) => `password: |\n  ${token}\nhost: db\n`],
    ["JSON", (token) => `{\n  "password": "${token}",\n  "host": "db"\n}\n`],
    ["JSON on one line", (token) => `{"user":"alice","password":"${token}","host":"db"}`],
    ["JSON list", (token) => `[\n  "${token}",\n  "other"\n]\n`],
    ["Markdown code", (token) => `The password is \`${token}\`, keep it.\n`],
    ["Markdown table", (token) => `| name | value |\n|--|--|\n| db | ${token} |\n`],
    ["Markdown fence", (token) => `\`\`\`\n${token}\n\`\`\`\n`],
    ["Markdown quote", (token) => `> ${token}\n> more\n`],
    ["XML", (token) => `<password>${token}</password>`],
    ["a sentence", (token) => `Use ${token}. It works.`],
    ["brackets", (token) => `f(${token}, [${token.slice(0, 3)}])`],
    ["the end of a long line", (token) => `${"x = 1; ".repeat(200)}${token}`],
    ["a word on the next line", (token) => `${token}\nword\n`],
    ["a word on the line before", (token) => `word\n${token}\n`],
    ["words on both sides, CRLF", (token) => `word\r\n${token}\r\nmore\r\n`],
    ["emoji and right-to-left text before it", (token) => `😀 מפתח: ${token}\n`],
  ];
  for (const [title, file] of files) {
    test(`in ${title}, at every place of it`, () => {
      for (const length of LENGTHS) {
        assertFoundEverywhere(file(base64(kmsBytes(length))), base64(kmsBytes(length)));
        assertFoundEverywhere(file(base64(unknownBytes(length))), base64(unknownBytes(length)));
        assertFoundEverywhere(file(marked(kmsBytes(length))), marked(kmsBytes(length)));
      }
    });
  }

  test("just outside of a token there is none", () => {
    for (const length of LENGTHS) {
      for (const token of [base64(kmsBytes(length)), marked(kmsBytes(length))]) {
        const text = `key: "${token}" # no`;
        const start = text.indexOf(token);
        for (const offset of [0, 3, start - 1, start + token.length + 1, text.length]) {
          assert.equal(found(text, offset), undefined, `at ${offset}`);
        }
      }
    }
  });

  for (const text of ["", " ", "\n", "\r\n", "word", "KEY=value", "==", "=", "ENC[KMS", "]", "a\n\n\nb"]) {
    test(`none in ${JSON.stringify(text)}`, () => {
      for (let offset = 0; offset <= text.length; offset++) assert.equal(found(text, offset), undefined);
    });
  }

  test("a column of words of one width is no token", () => {
    for (const word of ["word", "sixteen-letters!", "abcdefghijklmnopqrstuvw"]) {
      assert.equal(found(`${word.replace(/\W/g, "x")}\n`.repeat(20), 30), undefined);
    }
  });

  test("bytes, kind and format are those of the token", () => {
    const text = `a: ${base64(sandboxBytes(70))}\nb: ${marked(messageBytes("020478"))}\n`;
    const first = findTokenAt(text, 10)!;
    assert.deepEqual(
      [Buffer.from(first.bytes), first.kind, first.format],
      [sandboxBytes(70), "sandbox", "base64"],
    );
    const second = findTokenAt(text, text.indexOf("KMS,"))!;
    assert.deepEqual(
      [Buffer.from(second.bytes), second.kind, second.format],
      [messageBytes("020478"), "encryption-sdk", "ENC[KMS]"],
    );
  });

  // 55 bytes are what the sandbox makes of one; 57 bytes fill a line of 76 characters.
  for (const length of [45, 48, 55, 56, 57, 58, 168, 169, 170]) {
    for (const lineBreak of ["\n", "\r\n"]) {
      test(`tokens of ${length} bytes on consecutive lines, ${JSON.stringify(lineBreak)}`, () => {
        const tokens = [kmsBytes(length), sandboxBytes(length), messageBytes("020478", length)].map(base64);
        for (const line of [
          (token: string) => token,
          (token: string) => `  ${token}  `,
          (token: string) => `  "${token}",`,
          (token: string) => `KEY=${token}`,
          (token: string) => `- ${token}`,
        ]) {
          const text = tokens.map(line).join(lineBreak);
          for (const token of tokens) assertFoundEverywhere(text, token);
        }
      });
    }
  }

  test("tokens side by side: the one that the cursor is in", () => {
    const first = marked(kmsBytes(168));
    const second = marked(kmsBytes(169));
    const text = `${first}${second}`;
    assert.equal(found(text, 0), first);
    assert.equal(found(text, first.length - 1), first);
    assert.equal(found(text, first.length + 1), second);
    assert.equal(found(text, text.length), second);
  });

  for (const width of [64, 76]) {
    const wrapped: [title: string, file: (token: string) => string, lineBreak?: string, indent?: string][] = [
      ["nothing else", (token) => token],
      ["a line break behind it", (token) => `${token}\n`],
      ["CRLF", (token) => `first\r\n\r\n${token}\r\n\r\nlast\r\n`, "\r\n"],
      ["YAML block", (token) => `db:\n  password: |\n${token}\n  host: db.example.com\n`, "\n", "    "],
      ["Markdown fence", (token) => `\`\`\`\n${token}\n\`\`\`\n`],
      [".env", (token) => `PASSWORD=${token}\nHOST=db\n`],
      ["quotes", (token) => `password = "${token}"\nhost = "db"\n`],
      ["indented with tabs", (token) => `password:\n${token}\n`, "\n", "\t"],
      ["spaces at the ends of the lines", (token) => `${token} \n`, " \n"],
      ["a short word before it", (token) => `word\n${token}\n`],
      ["a key behind it", (token) => `${token}\nhost: db\n`],
    ];
    for (const [title, file, lineBreak = "\n", indent = ""] of wrapped) {
      test(`wrapped at ${width}, in each of its lines: ${title}`, () => {
        // 192 bytes are four full lines of 64 characters, 228 are four of 76.
        for (const length of [...LENGTHS, 192, 228]) {
          for (const bytes of [kmsBytes(length), unknownBytes(length)]) {
            const token = wrap(base64(bytes), width, lineBreak, indent).trimStart();
            const text = file(indent + token);
            for (const line of token.split(lineBreak)) {
              const start = text.indexOf(line.trim());
              for (const offset of [0, 1, line.trim().length >> 1, line.trim().length]) {
                assert.equal(found(text, start + offset), token, `${length} bytes, ${line} at ${offset}`);
              }
            }
          }
        }
      });
    }

    test(`wrapped at ${width} in ENC[KMS,…], from the marker to the bracket`, () => {
      for (const length of LENGTHS) {
        for (const lineBreak of ["\n", "\r\n", "\n  "]) {
          for (const token of [
            `ENC[KMS,${wrap(base64(kmsBytes(length)), width, lineBreak)}]`,
            `ENC[KMS,${lineBreak}${wrap(base64(kmsBytes(length)), width, lineBreak)}${lineBreak}]`,
          ]) {
            assertFoundEverywhere(`key: ${token}\nnext: value\n`, token);
          }
        }
      }
    });

    test(`two tokens, each wrapped at ${width}, one below the other`, () => {
      for (const length of [...LENGTHS, 192, 228]) {
        const first = wrap(base64(kmsBytes(length)), width);
        const second = wrap(base64(sandboxBytes(length)), width);
        const text = `${first}\n${second}\n`;
        for (const token of [first, second]) {
          const start = text.indexOf(token);
          for (const line of token.split("\n")) {
            assert.equal(found(text, start + token.indexOf(line) + 5), token);
          }
        }
      }
    });

    test(`a word behind a token that fills its lines of ${width} is not part of it`, () => {
      const token = wrap(base64(kmsBytes(width === 64 ? 192 : 228)), width);
      // Four letters would fit as base64, and nothing tells them apart from the token.
      for (const word of ["a", "of", "the", "value", "host"].filter(({ length }) => length !== 4)) {
        const text = `${token}\n${word}\n`;
        for (const line of token.split("\n")) {
          assert.equal(found(text, text.indexOf(line) + 5), token, word);
        }
      }
    });
  }

  test("lines wider than 76 are tokens of their own", () => {
    const [first, second] = [unknownBytes(120), unknownBytes(180)].map(base64) as [string, string];
    assertFoundEverywhere(`${first}\n${second}`, first);
  });

  const TEXT = base64(kmsBytes(168));
  const damaged: [title: string, text: string, cursor: string][] = [
    ["cut off", `KEY=${TEXT.slice(0, -1)}\n`, "AQICAH"],
    ["cut off, in quotes", `"${TEXT.slice(0, -2)}"`, "AQICAH"],
    ["cut off in its brackets", `key: ENC[KMS,${TEXT.slice(0, -1)}]`, "AQICAH"],
    ["empty brackets", "key: ENC[KMS,]", "ENC"],
    ["the bracket is missing", `key: ENC[KMS,${TEXT}\nnext: value\n`, "AQICAH"],
    ["the bracket is missing, with a bracket later on", `key: ENC[KMS,${TEXT}\nlist: [a]\n`, "AQICAH"],
  ];
  for (const [title, text, cursor] of damaged) {
    test(`a damaged token is said to be one: ${title}`, () => {
      assert.throws(
        () => findTokenAt(text, text.indexOf(cursor) + 2),
        (error) => error instanceof KmsSelectionError && error.failure.code === "token-damaged",
      );
    });
  }

  suite("is found in large files in one go", () => {
    const TEN_MEGABYTES = 10 * 1024 * 1024;
    const filled = (with_: string): string => with_.repeat(Math.ceil(TEN_MEGABYTES / with_.length));
    // Quadratic work would be 10^14 steps: mocha's time limit, not a measurement, ends it.
    const large: [title: string, text: string, offset: number, expected: string | undefined][] = [
      ["one line of base64 digits", filled("x") + "!", TEN_MEGABYTES >> 1, filled("x")],
      [
        "one line of base64 digits that do not make a token",
        `${filled("x")}x!`,
        TEN_MEGABYTES >> 1,
        undefined,
      ],
      ["one line of words", filled("word "), TEN_MEGABYTES >> 1, undefined],
      ["spaces behind a word", `word${filled(" ")}word`, 2, undefined],
      ["quotes and commas behind a word", `word${filled("',")}word`, 2, undefined],
      ["padding", filled("="), TEN_MEGABYTES >> 1, undefined],
      ["markers", filled("ENC[KMS,"), TEN_MEGABYTES >> 1, undefined],
      ["brackets that are not closed", `ENC[KMS,${filled("x")}`, TEN_MEGABYTES >> 1, undefined],
      ["empty lines", filled("\n"), TEN_MEGABYTES >> 1, undefined],
      ["very short lines", "abc\n".repeat(2 ** 19 + 1), 1000, undefined],
      [
        "a token wrapped over very many lines",
        filled(`${"x".repeat(76)}\n`),
        TEN_MEGABYTES >> 1,
        filled(`${"x".repeat(76)}\n`).slice(0, -1),
      ],
    ];
    for (const [title, text, offset, expected] of large) {
      test(title, () => {
        let token: string | undefined;
        try {
          token = found(text, offset);
        } catch (error) {
          assert.ok(error instanceof KmsSelectionError, String(error));
        }
        // Not `equal`: its message would hold both texts.
        assert.ok(token === expected, `found ${token?.length ?? "none"}`);
      });
    }
  });
});
