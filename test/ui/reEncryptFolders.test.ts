/** Two folders go to another key in a real window: one of them has an additional key; runs are cancelled and overtaken. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before } from "mocha";
import { describeMessage } from "../../src/aws/messageHeader";
import type { LocalKey } from "../../src/sandbox/keyStore";
import { temporaryFolder } from "../host/paths";
import {
  APP_KEY_ID,
  OTHER_KEY_ID,
  startKmsServer,
  TEST_ACCOUNT,
  TEST_KEYS,
  TEST_REGION,
  type KmsRequest,
  type KmsServer,
} from "../support/kmsServer";
import { ALICE, home, latin1, localKms, opened, reported, sealed, start, TOKEN } from "./reEncrypting";
import { useWorkbench } from "./window";

const THERE = "eu-west-1";
const ESCROW: LocalKey = { keyId: "66666666-6666-4666-8666-666666666666", aliases: ["alias/escrow"] };
const ESCROW_ARN = `arn:aws:kms:${THERE}:${TEST_ACCOUNT}:key/${ESCROW.keyId}`;
const NEXT_KEY_ID = "77777777-7777-4777-8777-777777777777";
const NEXT_ARN = `arn:aws:kms:${TEST_REGION}:${TEST_ACCOUNT}:key/${NEXT_KEY_ID}`;
const STOPPED = "# Re-encryption, stopped before its end";
const FILES = 40;

/** As many requests as are under way at a time. */
const AT_A_TIME = 10;

suite("Re-encryption of two folders", () => {
  const work = temporaryFolder();
  const orders = join(work.path, "orders");
  const billing = join(work.path, "billing");
  const fileOf = (n: number): string => join(orders, `${n}.env`);
  const files = Array.from({ length: FILES }, (_, n) => fileOf(n));
  const originals = new Map<string, string>();
  let server: KmsServer;

  before(async () => {
    server = await startKmsServer({ elsewhere: { [THERE]: [ESCROW] } });
    mkdirSync(orders);
    mkdirSync(join(billing, ".vscode"), { recursive: true });
    for (const [n, file] of files.entries()) writeFileSync(file, `KEY=${sealed(`secret ${n}`)}\n`);
    writeFileSync(
      join(orders, "there.env"),
      sealed("there", ALICE, "alias/escrow", localKms([ESCROW], THERE)),
    );
    writeFileSync(join(billing, "card.env"), `CARD=${sealed("card")}\n`);
    const settings = { "kmsSelection.additionalKeys": [ESCROW_ARN] };
    writeFileSync(join(billing, ".vscode", "settings.json"), JSON.stringify(settings));
    const folders = [{ path: "billing" }, { path: "orders" }];
    writeFileSync(join(work.path, "two.code-workspace"), JSON.stringify({ folders }));
    for (const file of files) originals.set(file, latin1(file));
  });
  after(async () => {
    await server.close();
    work.remove();
  });
  afterEach(async () => {
    server.fail(undefined);
    await window().clearToasts();
  });
  const window = useWorkbench(() => ({
    workspace: join(work.path, "two.code-workspace"),
    home: home(join(work.path, "home"), server),
    settings: {
      "kmsSelection.keyAlias": "alias/app",
      "kmsSelection.identity": "alice",
      "kmsSelection.region": TEST_REGION,
      "kmsSelection.codeLens": false,
      "kmsSelection.identities": { alice: { profile: "mover" } },
    },
  }));

  const moves = (): KmsRequest[] => server.requests.filter(({ operation }) => operation === "ReEncrypt");
  const tokenOf = (file: string): string => latin1(file).match(TOKEN)?.[0] ?? "";
  const changed = (): string[] => files.filter((file) => latin1(file) !== originals.get(file));

  /** Lets so many re-encryptions through; the others wait. Answers when they do. */
  function holdAfter(count: number): { readonly held: Promise<void>; readonly release: () => void } {
    let seen = 0;
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const held = new Promise<void>((resolve) => {
      server.fail(({ operation }) => {
        if (operation !== "ReEncrypt" || ++seen <= count) return undefined;
        if (seen === count + AT_A_TIME) resolve();
        return { wait: released };
      });
    });
    return { held, release };
  }

  /** Each of the files is as it was or has one token, which is under the key. */
  function assertWhole(keyId: string, kms = localKms(TEST_KEYS)): void {
    for (const [n, file] of files.entries()) {
      if (latin1(file) === originals.get(file)) continue;
      assert.match(latin1(file), /^KEY=SANDBOX\/KMS\/[A-Za-z0-9+/]+={0,2}\n$/);
      assert.equal(opened(tokenOf(file), keyId, ALICE, kms), `secret ${n}`);
    }
  }

  function keysOfCard(): readonly string[] {
    const token = latin1(join(billing, "card.env")).slice("CARD=".length).trimEnd();
    return describeMessage(Buffer.from(token, "base64")).keyArns;
  }

  test("cancelled on the way: a folder's additional key was shown before, what is written is whole, and the report tells it", async () => {
    const { held } = holdAfter(AT_A_TIME);
    await start(window(), "alias/other");
    const asked = await window().dialog.text();
    assert.match(asked, /settings of this workspace name the additional keys/);
    assert.ok(asked.includes(`Additional key: ${ESCROW_ARN}`), asked);
    assert.deepEqual(server.requests, []);
    await window().dialog.click("Use This Key");
    await held;
    await (await window().toast(`Re-encrypting ${FILES + 2} files`)).click("Cancel");
    const report = await reported(window(), undefined, STOPPED);
    assert.deepEqual(await window().toasts(), []);
    const done = changed();
    assertWhole("alias/other");
    assert.ok(done.length > 0 && done.length <= AT_A_TIME, `${done.length} files`);
    const isCardDone = latin1(join(billing, "card.env")).startsWith("CARD=AgR4");
    const count = done.length + (isCardDone ? 1 : 0);
    assert.ok(report.includes(`- ${count} tokens re-encrypted, in ${count} files`), report);
    // The editor wraps long lines.
    const words = report.replaceAll(/\s+/g, " ");
    assert.ok(words.includes(`alias/other; messages that open also with ${ESCROW_ARN}`), words);
  });

  test("run again it goes on; a token of another Region stays; each folder's tokens open with its own keys", async () => {
    const before = moves().length;
    const done = changed().length;
    await start(window());
    const report = await reported(window());
    assert.match(report, /- 1 token left alone/);
    assert.match(report, /`orders\/there\.env:1` /);
    assertWhole("alias/other");
    assert.deepEqual(changed(), files);
    // Nothing is asked for what is finished; the token of the other Region is looked for at both ends.
    assert.equal(moves().length - before, FILES - done + 2);
    assert.deepEqual(keysOfCard(), [server.arn(OTHER_KEY_ID), ESCROW_ARN]);
    const ofCard = server.requests.filter(({ region }) => region === THERE);
    assert.ok(ofCard.length > 0 && ofCard.every(({ operation }) => operation === "Encrypt"));
  });

  test("the alias is moved on the way: it stops, and run again it takes everything to the key that the alias names then", async () => {
    for (const file of files) originals.set(file, latin1(file));
    await window().runCommand("KMS: Find Tokens Under Other Keys");
    await window().dialog.click("Use This Key");
    const { quickInput } = window();
    await quickInput.waitForRows((rows) => rows.some((row) => row.startsWith("orders/0.env:1")));
    await quickInput.choose("Re-encrypt Workspace…");
    await quickInput.choose("Re-encrypt,");
    const { held, release } = holdAfter(AT_A_TIME);
    const [first] = await quickInput.waitForRows((rows) => rows.some((row) => row.startsWith("Start: ")));
    await quickInput.choose(first ?? "");
    await held;
    const keys = TEST_KEYS.map((key) => (key.keyId === APP_KEY_ID ? { ...key, aliases: [] } : key));
    const now = [...keys, { keyId: NEXT_KEY_ID, aliases: ["alias/app"] }];
    server.setKeys(now);
    release();
    await reported(window(), undefined, STOPPED);
    const toast = await window().toast("alias/app was pointed at another key while this ran");
    assert.ok((await toast.text()).includes(NEXT_ARN));
    assertWhole(server.arn(APP_KEY_ID));
    await toast.dismiss();

    await start(window());
    await reported(window());
    assert.deepEqual(changed(), files);
    assertWhole(NEXT_ARN, localKms(now));
    assert.deepEqual(keysOfCard(), [NEXT_ARN, ESCROW_ARN]);
  });

  test("what somebody changes on the way, on disk or in an editor, is not overwritten", async () => {
    // In the order of their paths, these are under way first.
    const [onDisk, removed, inEditor] = [fileOf(0), fileOf(1), fileOf(10)] as const;
    for (const file of files) originals.set(file, latin1(file));
    const { held, release } = holdAfter(0);
    await start(window(), "alias/other");
    await held;
    const theirs = `${latin1(onDisk)}# theirs\n`;
    writeFileSync(onDisk, theirs);
    rmSync(removed);
    await window().openFile("10.env");
    await window().editor.press("Control+End");
    await window().editor.type("# typed");
    await window().editor.waitForText(/# typed$/);
    release();
    // The report of the run before is still open.
    const report = await window().editor.waitForText(
      /^# Re-encryption\n[^]*`orders\/0\.env` was changed in the meantime/,
    );
    assert.match(report, /`orders\/1\.env` is gone/);
    assert.match(report, /`orders\/10\.env` was opened and changed in the meantime/);
    assert.equal(latin1(onDisk), theirs);
    assert.ok(!existsSync(removed));
    assert.equal(latin1(inEditor), originals.get(inEditor));
    const count = FILES - 3 + 1;
    assert.ok(report.includes(`- ${count} tokens re-encrypted, in ${count} files`), report);
    await window().openFile("10.env");
    await window().editor.waitForText(/# typed$/);
    await window().runCommand("File: Revert File");
  });
});
