/** A whole workspace goes to another key in a real window, and its extension host is killed on the way. */
import assert from "node:assert/strict";
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, afterEach, before } from "mocha";
import { temporaryFolder } from "../host/paths";
import {
  APP_KEY_ID,
  OTHER_KEY_ID,
  startKmsServer,
  TEST_KEYS,
  TEST_REGION,
  type KmsServer,
} from "../support/kmsServer";
import { BOB, home, latin1, opened, reported, sealed, start, TOKEN } from "./reEncrypting";
import { until } from "./until";
import { useWorkbench } from "./window";

const SETTINGS = {
  "kmsSelection.keyAlias": "alias/app",
  "kmsSelection.identity": "alice",
  "kmsSelection.region": TEST_REGION,
  // A line above a token that comes late would move what is clicked.
  "kmsSelection.codeLens": false,
  "kmsSelection.identities": { alice: { profile: "mover" }, bob: { profile: "mover" } },
  "files.exclude": { "**/hidden": true },
};

suite("Re-encryption of a workspace, killed half-way", () => {
  const FILES = 2000;
  const TOKENS_IN_FILE = 5;
  const work = temporaryFolder();
  const folder = join(work.path, "workspace");
  const fileOf = (n: number): string => join(folder, `${n % 20}`, `secrets-${n}.env`);
  const originals = new Map<string, string>();
  let server: KmsServer;

  before(async function () {
    this.timeout(60_000);
    server = await startKmsServer();
    for (let n = 0; n < FILES; n++) {
      mkdirSync(join(folder, `${n % 20}`), { recursive: true });
      const lines = Array.from({ length: TOKENS_IN_FILE }, (_, m) => {
        const token = sealed(`secret ${n}.${m}`);
        return `KEY_${m}=${m % 2 ? token : `ENC[KMS,${token}]`} # grüße 😀`;
      });
      // Both kinds of line ends, and bytes that are no UTF-8.
      const ending = n % 3 === 0 ? "\r\n" : "\n";
      const text = Buffer.concat([
        Buffer.from(n % 7 === 0 ? "\ufeff" : ""),
        Buffer.from(lines.join(ending) + (n % 2 ? ending : "")),
        n % 5 === 0 ? Buffer.from([0x0a, 0xe4, 0xff]) : Buffer.alloc(0),
      ]);
      writeFileSync(fileOf(n), text, { mode: n % 11 === 0 ? 0o640 : 0o644 });
      originals.set(fileOf(n), text.toString("latin1"));
    }
  });
  after(async () => {
    await server.close();
    work.remove();
  });
  const window = useWorkbench(() => ({
    folder,
    home: home(join(work.path, "home"), server),
    settings: SETTINGS,
  }));
  const moves = (): number => server.requests.filter(({ operation }) => operation === "ReEncrypt").length;

  test(`${FILES} files: run again after a kill, all tokens are under the other key, and no other byte is another one`, async function () {
    this.timeout(300_000);
    const all = FILES * TOKENS_IN_FILE;
    await start(window(), "alias/other");
    await until(moves, (count) => count >= all / 2, "half of the requests", 120_000);
    const [, pid] =
      [
        ...window()
          .code.log()
          .matchAll(/<(\d+)> Launched Extension Host Process/g),
      ].at(-1) ?? [];
    process.kill(Number(pid), "SIGKILL");
    await window().reload();
    const before = moves();
    assert.ok(before < all, "it was killed too late");
    // Whatever was under way when it was killed: no file is half of one.
    for (const [file, original] of originals) {
      const text = latin1(file);
      assert.ok(text === original || !text.match(TOKEN)?.some((token) => original.includes(token)), file);
    }

    await start(window());
    const report = await reported(window(), 150_000);
    assert.match(report, /alice, alias\/app → alice, alias\/other/);
    assert.match(report, /- 0 tokens left alone/);
    // Those of files that were under way are asked for once more, and no finished one.
    assert.ok(moves() <= all + 10 * TOKENS_IN_FILE, `${moves()} requests for ${all} tokens`);

    for (let n = 0; n < FILES; n++) {
      const original = originals.get(fileOf(n)) ?? "";
      const text = latin1(fileOf(n));
      const tokens = text.match(TOKEN) ?? [];
      assert.deepEqual(
        tokens.map((token) => opened(token, "alias/other")),
        Array.from({ length: TOKENS_IN_FILE }, (_, m) => `secret ${n}.${m}`),
      );
      assert.equal(text.replace(TOKEN, "TOKEN"), original.replace(TOKEN, "TOKEN"));
      assert.equal(statSync(fileOf(n)).mode & 0o777, n % 11 === 0 ? 0o640 : 0o644);
    }
    for (const name of readdirSync(folder)) {
      assert.equal(readdirSync(join(folder, name)).length, FILES / 20, "no temporary file is left");
    }
    const operations = new Set(server.requests.map(({ operation }) => operation));
    operations.delete("DescribeKey");
    operations.delete("ListAliases");
    operations.delete("GetKeyRotationStatus");
    assert.deepEqual([...operations], ["ReEncrypt"]);
  });
});

suite("Re-encryption of a workspace, what it looks at", () => {
  const work = temporaryFolder();
  const folder = join(work.path, "workspace");
  const outside = join(work.path, "outside.env");
  let server: KmsServer;
  const put = (name: string, content: string | Buffer): void => {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), content);
  };

  before(async () => {
    server = await startKmsServer();
    put("open.yaml", `password: ${sealed("open")}\n`);
    put("dirty.yaml", `password: ${sealed("dirty")}\n`);
    put("closed.yaml", `password: ${sealed("closed")}\nof bob: ${sealed("x", BOB)}\n`);
    put("utf16.txt", Buffer.from(`\ufeffpassword=ENC[KMS,${sealed("wide")}]\r\n`, "utf16le"));
    put("binary.bin", Buffer.concat([Buffer.from([0, 1, 2]), Buffer.from(sealed("binary"))]));
    put(".gitignore", "*.local\n!kept.local\n/build/\n");
    put("secret.local", sealed("ignored"));
    put("kept.local", sealed("kept"));
    put("build/out.env", sealed("built"));
    put("sub/.gitignore", "*.tmp\n");
    put("sub/a.tmp", sealed("temporary"));
    put("sub/build/in.env", sealed("below"));
    put("hidden/x.env", sealed("hidden"));
    put("node_modules/p/x.env", sealed("package"));
    put("twice.env", sealed("twice"));
    linkSync(join(folder, "twice.env"), join(work.path, "twice.env"));
    writeFileSync(outside, sealed("outside"));
    symlinkSync(outside, join(folder, "link-out.env"));
    symlinkSync(join(folder, "closed.yaml"), join(folder, "link-in.yaml"));
  });
  after(async () => {
    await server.close();
    work.remove();
  });
  afterEach(async () => {
    await window().clearToasts();
  });
  const window = useWorkbench(() => ({
    folder,
    file: join(folder, "open.yaml"),
    home: home(join(work.path, "home"), server),
    settings: SETTINGS,
  }));
  const CHANGED = ["closed.yaml", "kept.local", "sub/build/in.env"];
  const SAME = [
    "secret.local",
    "build/out.env",
    "sub/a.tmp",
    "hidden/x.env",
    "node_modules/p/x.env",
    "binary.bin",
    "twice.env",
    "../outside.env",
  ];

  test("it leaves out what Git ignores, what is excluded, binary or linked from outside; open documents are edited, not saved", async () => {
    const before = new Map(
      [...SAME, ...CHANGED, "open.yaml", "dirty.yaml"].map((name) => [name, latin1(join(folder, name))]),
    );
    await window().openFile("dirty.yaml");
    await window().editor.press("Control+End");
    await window().editor.type("# typed\n");
    await window().runCommand("KMS: Re-encrypt Workspace…");
    const { quickInput } = window();
    assert.match(await quickInput.title(), /^Re-encrypt 8 Tokens in 7 Files$/);
    await quickInput.escape();
    await start(window(), "alias/other");
    const report = await reported(window());
    assert.match(
      report,
      /- 6 tokens re-encrypted, in 6 files\n- 0 tokens done already\n- 1 token left alone/,
    );
    assert.match(report, /`closed\.yaml:2` Not readable as identity alice/);
    assert.match(report, /## Not written\n\n- `twice\.env` is one of several names of a file/);
    assert.match(report, /not saved: open documents\n\n- `(?:open|dirty)\.yaml`\n- `(?:open|dirty)\.yaml`\n/);

    for (const name of [...SAME, "open.yaml", "dirty.yaml"]) {
      assert.equal(latin1(join(folder, name)), before.get(name), name);
    }
    for (const name of CHANGED) {
      const [token] = latin1(join(folder, name)).match(TOKEN) ?? [];
      assert.notEqual(opened(token ?? "", "alias/other"), "", name);
    }
    const wide = readFileSync(join(folder, "utf16.txt")).toString("utf16le");
    assert.match(wide, /^\ufeffpassword=ENC\[KMS,[^\]]+\]\r\n$/);
    assert.equal(opened(wide.match(TOKEN)?.[0] ?? "", "alias/other"), "wide");

    await (await window().toast("2 open documents changed, and not saved yet.")).click("Save All");
    for (const name of ["open.yaml", "dirty.yaml"]) {
      const text = await until(
        () => latin1(join(folder, name)),
        (found) => found !== before.get(name),
      );
      assert.equal(opened(text.match(TOKEN)?.[0] ?? "", "alias/other"), name.replace(".yaml", ""));
    }
    assert.match(latin1(join(folder, "dirty.yaml")), /# typed\n$/);
  });

  test("an open document has all in one undo", async () => {
    await window().openFile("open.yaml");
    const { editor } = window();
    const now = await editor.waitForText(/^password: /);
    assert.equal(opened(now.match(TOKEN)?.[0] ?? "", "alias/other"), "open");
    await editor.undo();
    const text = await editor.waitForText((found) => found !== now);
    assert.equal(opened(text.match(TOKEN)?.[0] ?? "", "alias/app"), "open");
    await editor.save();
  });

  test("cancelling a preview changes nothing and asks nobody", async () => {
    const requests = server.requests.length;
    await window().runCommand("KMS: Re-encrypt Workspace…");
    const { quickInput } = window();
    await quickInput.choose("Re-encrypt");
    await quickInput.waitForRows((found) => found.some((row) => row.startsWith("Start: ")));
    await quickInput.escape();
    assert.equal(server.requests.length, requests);
  });

  test("tokens under other keys and under older key material are listed by file and line, and opened; nobody decrypts", async () => {
    server.setKeys(TEST_KEYS.map((key) => ({ ...key, rotations: 1 })));
    const start = server.requests.length;
    await window().runCommand("KMS: Find Tokens Under Other Keys");
    const { quickInput } = window();
    const rows = await quickInput.waitForRows((found) =>
      found.some((row) => row.startsWith("closed.yaml:1")),
    );
    assert.match(rows[0] ?? "", /^Re-encrypt Workspace…/);
    assert.ok(rows.some((row) => row.includes(server.arn(OTHER_KEY_ID))));
    // It was never moved, and its key has new material since.
    assert.ok(rows.some((row) => row.startsWith(`twice.env:1, older material of ${server.arn(APP_KEY_ID)}`)));
    assert.ok(!rows.some((row) => row.startsWith("closed.yaml:2")));
    assert.ok(server.requests.slice(start).every(({ operation }) => operation !== "Decrypt"));
    await quickInput.choose("closed.yaml:1");
    await window().page.locator('.tab.active[data-resource-name="closed.yaml"]').waitFor();
  });
});
