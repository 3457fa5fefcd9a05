/** A Region that cannot be reached: the key's replica in another one opens what is there, and the status bar says so. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "mocha";
import { temporaryFolder } from "../host/paths";
import { writeAwsHome } from "../support/awsHome";
import { filesWith } from "../support/filesWith";
import { startKmsServer, TEST_REGION, type KmsServer } from "../support/kmsServer";
import { until } from "./until";
import { useWorkbench } from "./window";

const SECRET = "correct-horse-battery";
const TEXT = `password: ${SECRET}\n`;
const THERE = "eu-west-1";
const KEYS = [
  { keyId: "mrk-0123456789abcdef0123456789abcdef", aliases: ["alias/app"], replicas: [TEST_REGION, THERE] },
];

suite("When the key's Region cannot be reached", () => {
  const work = temporaryFolder();
  const home = join(work.path, "home");
  const folder = join(work.path, "workspace");
  const file = join(folder, "config.yaml");
  let server: KmsServer;
  before(async () => {
    server = await startKmsServer({ keys: KEYS, elsewhere: { [THERE]: KEYS } });
    writeAwsHome(home, {
      config: `[profile dev]\nendpoint_url = ${server.url}\n`,
      credentials: "[dev]\naws_access_key_id = AKIADEV\naws_secret_access_key = dev\n",
    });
    mkdirSync(folder);
    writeFileSync(file, TEXT);
  });
  after(async () => {
    await server.close();
    work.remove();
  });
  const window = useWorkbench(() => ({
    folder,
    file,
    home,
    settings: {
      "kmsSelection.keyAlias": "alias/app",
      "kmsSelection.region": TEST_REGION,
      "kmsSelection.profile": "dev",
      "kmsSelection.fallbackRegions": [THERE],
    },
  }));

  const lose = (): void => {
    server.fail(({ region }) =>
      region === TEST_REGION ? { wait: new Promise(() => undefined) } : undefined,
    );
  };

  /** How many files of the window's data hold this line of the log. */
  const logged = (line: string): Promise<number> =>
    until(
      () => filesWith(window().code.data, line).length,
      (count) => count > 0,
      `the log to say ${line}`,
    );

  async function encrypt(): Promise<void> {
    await window().editor.select(SECRET);
    await window().runCommand("KMS: Encrypt Selection");
    await window().editor.waitForText(/^password: [A-Za-z0-9+/]{60,}={0,2}\n$/);
  }

  test("while it answers, nothing is asked elsewhere", async () => {
    await window()
      .statusItem()
      .waitForText(/^\s*alias\/app · dev$/);
    await encrypt();
    assert.deepEqual(
      server.requests.map(({ region }) => region),
      [TEST_REGION],
    );
    assert.match(await window().statusItem().tooltip(), /Fallback Regions: eu-west-1 \(from your settings\)/);
  });

  test("out: the replica decrypts within 20 seconds, and the status bar says so", async () => {
    lose();
    const started = performance.now();
    await window().runCommand("KMS: Decrypt Selection");
    await until(
      () => window().editor.text(),
      (text) => text === TEXT,
      "the replica's answer",
      20_000,
    );
    assert.ok(performance.now() - started < 20_000);
    await window()
      .statusItem()
      .waitForText(/^\s*alias\/app · dev · eu-west-1$/);
    const tooltip = await window().statusItem().tooltip();
    assert.match(tooltip, /Fallback: KMS in us-east-2 cannot be reached; using eu-west-1/);
  });

  test("the next decryption waits for nothing; encrypting is not done elsewhere", async () => {
    await window().editor.undo();
    await window().editor.waitForText(/^password: [A-Za-z0-9+/]{60,}={0,2}\n$/);
    const before = server.requests.length;
    await window().editor.waitForSelection(/selected/);
    await window().runCommand("KMS: Decrypt Selection");
    await window().editor.waitForText(TEXT);
    assert.deepEqual(
      server.requests.slice(before).map(({ region }) => region),
      [THERE],
    );
    server.fail(({ region }) => (region === TEST_REGION ? { destroy: "before" } : undefined));
    await window().editor.select(SECRET);
    await window().runCommand("KMS: Encrypt Selection");
    await window().toast(/could not reach/);
    assert.equal(await window().editor.text(), TEXT);
    assert.ok(!server.requests.some(({ region, operation }) => region === THERE && operation !== "Decrypt"));
  });

  test("back again: the status bar is as it was", async () => {
    server.fail(undefined);
    await encrypt();
    assert.equal(server.requests.at(-1)?.region, TEST_REGION);
    await window()
      .statusItem()
      .waitForText(/^\s*alias\/app · dev$/);
    assert.doesNotMatch(await window().statusItem().tooltip(), /cannot be reached/);
    // What is logged is written when it is looked at.
    await window().runCommand("KMS: Show Log");
    await logged("KMS in us-east-2 cannot be reached; using eu-west-1");
    await logged("KMS in us-east-2 answers again");
    await window().runCommand("View: Hide Panel");
  });

  test("Regions that a folder names are shown before their first use, and its refusal sends nothing there", async () => {
    mkdirSync(join(folder, ".vscode"), { recursive: true });
    writeFileSync(
      join(folder, ".vscode", "settings.json"),
      JSON.stringify({
        "kmsSelection.fallbackRegions": [THERE],
        "kmsSelection.encryptInFallbackRegions": true,
      }),
    );
    await window().runCommand("File: Revert File");
    await window().editor.waitForText(TEXT);
    // A window that is loaded anew shows what it has a backup of.
    await until(
      () => filesWith(window().code.data, "SANDBOX/KMS").filter((path) => path.includes("/Backups/")),
      (backups) => backups.length === 0,
      "no backup",
    );
    await window().reload();
    await window().editor.waitForText(TEXT);
    await window()
      .statusItem()
      .waitForText(/^\s*alias\/app · dev$/);
    assert.match(await window().statusItem().tooltip(), /Fallback Regions: eu-west-1.*folder's settings/);
    const before = server.requests.length;
    for (const answer of ["Cancel", "Use This Key"]) {
      await window().editor.select(SECRET);
      await window().runCommand("KMS: Encrypt Selection");
      const asked = await window().dialog.text();
      assert.match(asked, /settings of this workspace name the fallback Regions/);
      assert.match(asked, /Fallback Regions: eu-west-1, to encrypt and decrypt/);
      assert.equal(server.requests.length, before);
      await window().dialog.click(answer);
    }
    await window().editor.waitForText(/^password: [A-Za-z0-9+/]{60,}={0,2}\n$/);
    assert.equal(server.requests.length, before + 1);
  });
});
