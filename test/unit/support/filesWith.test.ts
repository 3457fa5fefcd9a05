/** The search for secrets: it finds each form, and nothing else. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach } from "mocha";
import { temporaryFolder, type TemporaryFolder } from "../../host/paths";
import { filesWith, filesWithSome } from "../../support/filesWith";

const SECRET = 'hunter2 and "Zoë"';

const forms: Record<string, (text: string) => string | Buffer> = {
  "UTF-8": (text) => text,
  "UTF-16": (text) => Buffer.from(text, "utf16le"),
  JSON: (text) => JSON.stringify({ text }),
  hexadecimal: (text) => Buffer.from(text).toString("hex"),
  "hexadecimal UTF-16": (text) => Buffer.from(text, "utf16le").toString("hex").toUpperCase(),
  base64: (text) => Buffer.from(text).toString("base64"),
  base64url: (text) => Buffer.from(text).toString("base64url"),
  "base64 of UTF-16": (text) => Buffer.from(text, "utf16le").toString("base64"),
};

suite("The search for secrets", () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => {
    folder.remove();
  });

  for (const [name, write] of Object.entries(forms)) {
    test(`finds ${name}, wherever it begins`, () => {
      for (const before of ["", "x", "xy", "xyz"]) {
        const file = join(folder.path, `file${before.length}`);
        writeFileSync(file, write(`${before}${SECRET}${before}`));
        assert.deepEqual(filesWith(folder.path, SECRET).includes(file), true, `behind "${before}"`);
      }
    });

    test(`does not take another text in ${name} for it`, () => {
      writeFileSync(join(folder.path, "file"), write(`xyz ${SECRET.replace("2", "3")} xyz`));
      assert.deepEqual(filesWith(folder.path, SECRET), []);
    });
  }

  test("looks into all folders and at their names, and tells which secret is where", () => {
    mkdirSync(join(folder.path, "a/of hunter3"), { recursive: true });
    writeFileSync(join(folder.path, "a/of hunter3/file"), "");
    writeFileSync(join(folder.path, "both"), "hunter3 hunter2");
    const found = filesWithSome(folder.path, { two: "hunter2", three: "hunter3", four: "hunter4" });
    assert.deepEqual(found.sort(), [
      [join(folder.path, "a/of hunter3/file"), ["three"]],
      [join(folder.path, "both"), ["two", "three"]],
    ]);
  });
});
