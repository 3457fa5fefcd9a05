/** Tokens in the bytes of files: found, replaced, and nothing else touched. */
import assert from "node:assert/strict";
import { findTokens } from "../../../src/core/findInText";
import { readFileText } from "../../../src/core/fileText";
import { Limiter } from "../../../src/core/limiter";
import { linesOf, replaceIn } from "../../../src/core/reEncryptText";
import { base64, kmsBytes, marked } from "./ciphertexts";

const OLD = base64(kmsBytes(100));
const NEW = marked(kmsBytes(130));

suite("Tokens in files", () => {
  const ascii: [title: string, before: Buffer, after: Buffer][] = [
    ["UTF-8", Buffer.from("grüße=😀\n"), Buffer.from("\n# ende ü\n")],
    ["UTF-8 with a byte order mark", Buffer.from("\ufeffa="), Buffer.from("\r\n")],
    ["Latin-1", Buffer.from([0xe4, 0xf6, 0x3d]), Buffer.from([0x0a, 0xff])],
    ["bytes of no encoding", Buffer.from([0xc3, 0x28, 0xf0, 0x28, 0x20]), Buffer.from([0x0d, 0x80, 0xfe])],
    ["a non-breaking space beside it", Buffer.from([0x3d, 0xa0]), Buffer.from([0xa0])],
  ];
  const utf16be = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();
  const encodings: [title: string, make: (token: string) => Buffer][] = [
    ...ascii.map(([title, before, after]): [string, (token: string) => Buffer] => [
      title,
      (token) => Buffer.concat([before, Buffer.from(token), after]),
    ]),
    ["UTF-16 LE", (token) => Buffer.from(`\ufeffgrüße=${token}\r\n😀`, "utf16le")],
    ["UTF-16 BE", (token) => utf16be(`\ufeffgrüße=${token}\r\n😀`)],
  ];
  for (const [title, make] of encodings) {
    test(`${title}: the token is replaced, and every other byte is kept`, () => {
      const { text, encode } = readFileText(make(OLD))!;
      const [token] = findTokens(text).tokens;
      const { start, end } = token!;
      assert.deepEqual(Buffer.from(encode(replaceIn(text, [{ start, end, text: NEW }]))), make(NEW));
      assert.deepEqual(Buffer.from(encode(text)), make(OLD));
    });
  }

  test("a file with a NUL byte near its start is binary", () => {
    assert.equal(readFileText(Buffer.concat([Buffer.from([0x61, 0]), Buffer.from(OLD)])), undefined);
    assert.equal(readFileText(Buffer.from(`\ufeff${OLD}`, "utf16le").subarray(2)), undefined);
    assert.notEqual(readFileText(new Uint8Array()), undefined);
  });

  test("several are replaced, each in its place; lines are counted from 1", () => {
    const text = `a=${OLD}\nb=${OLD}\n\nc='${OLD}'\n`;
    const { tokens } = findTokens(text);
    assert.deepEqual(linesOf(text, tokens), [1, 2, 4]);
    const replaced = replaceIn(
      text,
      tokens.map(({ start, end }, n) => ({ start, end, text: `<${n}>` })),
    );
    assert.equal(replaced, "a=<0>\nb=<1>\n\nc='<2>'\n");
  });
});

suite("A limit of several", () => {
  test("never more than so many at a time, and all of them in the end, also when some fail", async () => {
    const limiter = new Limiter(3);
    let most = 0;
    let now = 0;
    const tasks = Array.from({ length: 20 }, (_, n) =>
      limiter.run(async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
        if (n % 4 === 0) throw new Error("failed");
        return n;
      }),
    );
    const results = await Promise.allSettled(tasks);
    assert.equal(most, 3);
    assert.equal(results.filter(({ status }) => status === "fulfilled").length, 15);
  });
});
