/** Which files Git ignores, how a file gets its new bytes, and what is remembered of a run. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, linkSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GitIgnore } from "../../../src/vscode/gitIgnore";
import { ProgressRecord, removeLeftovers } from "../../../src/vscode/progressRecord";
import { NotWritten, removeTemporary, writeAtomically } from "../../../src/vscode/writeAtomically";
import { temporaryFolder } from "../../host/paths";

suite("What Git ignores", () => {
  const rules: Readonly<Record<string, string>> = {
    "": "*.log\n/build/\n!important.log\nsecret.*\n",
    app: "!secret.env\n*.tmp\n",
    "app/deep": "!keep.tmp\n",
    build: "!*\n",
  };
  const cases: [file: string, ignored: boolean][] = [
    ["a.log", true],
    ["important.log", false],
    ["app/a.log", true],
    ["build/x.env", true],
    ["app/build/x.env", false],
    ["secret.env", true],
    ["app/secret.env", false],
    ["app/secret.yaml", true],
    ["app/x.tmp", true],
    ["x.tmp", false],
    ["app/deep/keep.tmp", false],
    ["app/deep/x.tmp", true],
    ["app/readme.md", false],
  ];
  for (const [file, ignored] of cases) {
    test(`${file} is ${ignored ? "ignored" : "looked at"}`, async () => {
      const gitIgnore = new GitIgnore((folder) => Promise.resolve(rules[folder.join("/")]));
      assert.equal(await gitIgnore.ignores(file.split("/")), ignored);
    });
  }

  test("each file of rules is read once", async () => {
    const read: string[] = [];
    const gitIgnore = new GitIgnore((folder) => {
      read.push(folder.join("/"));
      return Promise.resolve(undefined);
    });
    await Promise.all(["a/b/c", "a/b/d", "a/e", "f"].map((file) => gitIgnore.ignores(file.split("/"))));
    assert.deepEqual(read.sort(), ["", "a", "a/b"]);
  });
});

suite("Writing a file at once", () => {
  const folder = temporaryFolder();
  suiteTeardown(() => {
    folder.remove();
  });
  const before = Buffer.from("before");
  const after = Buffer.from("after");
  const make = (name: string): string => {
    const path = join(folder.path, name);
    writeFileSync(path, before);
    return path;
  };
  const nobody = (): Promise<void> => Promise.resolve();

  test("it has the new bytes and its mode, and the temporary file was announced and is gone", async () => {
    const path = make("a.env");
    chmodSync(path, 0o4751);
    const announced: string[] = [];
    await writeAtomically(path, before, after, (temporary) => {
      assert.ok(!existsSync(temporary));
      announced.push(temporary);
      return Promise.resolve();
    });
    assert.deepEqual(readFileSync(path), after);
    assert.equal(statSync(path).mode & 0o7777, 0o4751);
    assert.match(announced[0] ?? "", /\/\.a\.env\.[0-9a-f]{16}\.kms-selection$/);
    assert.ok(!existsSync(announced[0] ?? ""));
  });

  test("one that was changed since it was read keeps what it has now", async () => {
    const path = make("b.env");
    await assert.rejects(writeAtomically(path, Buffer.from("other"), after, nobody), (error) => {
      assert.ok(error instanceof NotWritten);
      assert.match(error.message, /changed in the meantime/);
      return true;
    });
    assert.deepEqual(readFileSync(path), before);
    assert.deepEqual(
      readdirSync(folder.path).filter((name) => name.endsWith(".kms-selection")),
      [],
    );
  });

  test("one that is gone since it was read stays away", async () => {
    const path = join(folder.path, "gone.env");
    await assert.rejects(writeAtomically(path, before, after, nobody), (error) => {
      assert.ok(error instanceof NotWritten);
      assert.match(error.message, /is gone \(ENOENT\)/);
      return true;
    });
    assert.ok(!existsSync(path));
  });

  test("a read-only one is left alone, also by root", async () => {
    const path = make("readonly.env");
    chmodSync(path, 0o444);
    await assert.rejects(writeAtomically(path, before, after, nobody), /is read-only/);
    assert.deepEqual(readFileSync(path), before);
    assert.equal(statSync(path).mode & 0o7777, 0o444);
  });

  test("one with several names is left alone", async () => {
    const path = make("c.env");
    linkSync(path, join(folder.path, "c2.env"));
    await assert.rejects(writeAtomically(path, before, after, nobody), /hard links/);
    assert.deepEqual(readFileSync(path), before);
  });

  test("only what is named like a temporary file is ever removed", async () => {
    const path = make("d.env");
    await removeTemporary(path);
    assert.ok(existsSync(path));
    const temporary = make(".d.env.0123456789abcdef.kms-selection");
    await removeTemporary(temporary);
    assert.ok(!existsSync(temporary));
  });
});

suite("The record of a run", () => {
  const folder = temporaryFolder();
  suiteTeardown(() => {
    folder.remove();
  });
  const digest = (n: number): string => `${n}`.padStart(32, "0");

  test("what was finished is known to the next run of the same job alone, until it is removed", async () => {
    const record = await ProgressRecord.open(folder.path, "job");
    await record.add([digest(1), digest(2)]);
    await record.add([digest(2)]);
    const again = await ProgressRecord.open(folder.path, "job");
    assert.deepEqual([again.size, again.has(digest(1)), again.has(digest(3))], [2, true, false]);
    assert.equal((await ProgressRecord.open(folder.path, "other job")).size, 0);
    await again.remove();
    assert.equal((await ProgressRecord.open(folder.path, "job")).size, 0);
  });

  test("what went to a key that the alias does not stand for any more, or may not, is forgotten", async () => {
    const ways: [title: string, before: string[] | undefined, now: string[] | undefined, size: number][] = [
      ["the same key", ["arn:one"], ["arn:one"], 1],
      ["another key", ["arn:one"], ["arn:two"], 0],
      ["a key that may not be looked at now", ["arn:one"], undefined, 0],
      ["a key that may not be looked at at all", undefined, undefined, 0],
      ["a key that might not be looked at before", undefined, ["arn:one"], 0],
    ];
    for (const [title, before, now, size] of ways) {
      const first = await ProgressRecord.open(folder.path, title);
      await first.startAt(before);
      await first.add([digest(1)]);
      const second = await ProgressRecord.open(folder.path, title);
      assert.equal(second.size, 1, title);
      await second.startAt(now);
      assert.deepEqual([second.size, second.has(digest(1))], [size, size === 1], title);
      // For the run after it as well.
      assert.equal((await ProgressRecord.open(folder.path, title)).size, size, title);
      await second.remove();
    }
  });

  test("nothing of a token and no name of a key is in it", async () => {
    const record = await ProgressRecord.open(folder.path, JSON.stringify({ toKey: "alias/payroll" }));
    await record.startAt(["arn:aws:kms:us-east-2:111122223333:key/payroll"]);
    await record.add([digest(3)]);
    const [name = ""] = readdirSync(folder.path);
    assert.match(name, /^re-encryption-[0-9a-f]{16}\.txt$/);
    assert.match(readFileSync(join(folder.path, name), "utf8"), /^destination [0-9a-f]{16}\n[0-9a-f]{32}\n$/);
    await record.remove();
  });

  test("a line that was cut by a kill counts for nothing, and temporary files that were left are removed", async () => {
    const record = await ProgressRecord.open(folder.path, "cut");
    await record.add([digest(1)]);
    const temporary = join(folder.path, ".x.env.0123456789abcdef.kms-selection");
    writeFileSync(temporary, "half");
    await record.announce(temporary);
    const [file] = readdirSync(folder.path).filter((name) => name.startsWith("re-encryption-"));
    writeFileSync(join(folder.path, file ?? ""), digest(2).slice(0, 20), { flag: "a" });
    await removeLeftovers(folder.path);
    assert.ok(!existsSync(temporary));
    assert.equal((await ProgressRecord.open(folder.path, "cut")).size, 1);
  });
});
