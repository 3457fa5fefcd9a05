/** What a window finds out beside an operation: the health of its key, and whether the caller is who it claims to be. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before } from "mocha";
import { temporaryFolder } from "../host/paths";
import { writeAwsHome } from "../support/awsHome";
import { awsErrors, startKmsServer, TEST_KEYS, TEST_REGION, type KmsServer } from "../support/kmsServer";
import { until } from "./until";
import { useWorkbench } from "./window";

const SECRET = "correct-horse-battery";
const TEXT = `password: ${SECRET}\n`;
const ENCRYPTED = /^password: [A-Za-z0-9+/=]{60,}\n$/;

suite("Beside an operation", () => {
  const work = temporaryFolder();
  const home = join(work.path, "home");
  const folder = join(work.path, "workspace");
  const file = join(folder, "config.yaml");
  let server: KmsServer;

  before(async () => {
    server = await startKmsServer();
    writeAwsHome(home, {
      config: `[profile work]\nendpoint_url = ${server.url}\n[profile home]\nendpoint_url = ${server.url}\n`,
      credentials: ["work", "home"]
        .map(
          (name) => `[${name}]\naws_access_key_id = AKIA${name.toUpperCase()}\naws_secret_access_key = x\n`,
        )
        .join(""),
    });
    mkdirSync(folder);
    writeFileSync(file, TEXT);
    writeFileSync(join(folder, "other.txt"), "other text\n");
  });
  after(async () => {
    await server.close();
    work.remove();
  });
  afterEach(async () => {
    server.restrict(undefined);
    server.identify(undefined);
    server.setKeys(TEST_KEYS);
    await window().clearToasts();
    await window().openFile("config.yaml");
    await window().runCommand("File: Revert File");
    await window().editor.waitForText(TEXT);
  });
  const window = useWorkbench(() => ({
    folder,
    file,
    home,
    settings: {
      "kmsSelection.keyAlias": "alias/app",
      "kmsSelection.identity": "deploy",
      "kmsSelection.region": TEST_REGION,
      "kmsSelection.identities": {
        deploy: { profile: "work" },
        team: { profile: "work", keyAlias: "alias/other" },
        backup: { profile: "home" },
        alice: { profile: "work" },
        carol: { profile: "work" },
      },
    },
  }));

  const lookups = (): string[] => server.lookups.map(({ operation }) => operation);

  async function identity(name: string): Promise<void> {
    await window().statusItem().click();
    await window().quickInput.choose(name);
    await window().statusItem().waitForText(` · ${name}`);
  }

  async function encrypt(): Promise<void> {
    await window().editor.select(SECRET);
    await window().runCommand("KMS: Encrypt Selection");
  }

  async function revert(): Promise<void> {
    await window().runCommand("File: Revert File");
    await window().editor.waitForText(TEXT);
  }

  function tooltip(words: RegExp): Promise<string> {
    return until(
      () => window().statusItem().tooltip(),
      (text) => words.test(text),
      `a tooltip with ${String(words)}`,
    );
  }

  /** A colour of the theme: an error's is another one than the bar's own. */
  const isRed = (): Promise<boolean> =>
    window()
      .page.locator('.statusbar-item[id$="kmsSelection.key"]')
      .evaluate((item) => item.classList.contains("error-kind"));

  suite("the key's health", () => {
    test("nobody looks before the first operation; then once, however much is typed and opened", async () => {
      await window().openFile("other.txt");
      await window().openFile("config.yaml");
      assert.deepEqual(lookups(), []);
      await encrypt();
      await window().editor.waitForText(ENCRYPTED);
      assert.match(await tooltip(/Key state/), /Key state: enabled, rotation is on/);
      assert.equal(await isRed(), false);
      await revert();
      await window().openFile("other.txt");
      await window().editor.press("Control+End");
      await window().editor.type("typed");
      await window().runCommand("File: Revert File");
      await window().openFile("config.yaml");
      await encrypt();
      await window().editor.waitForText(ENCRYPTED);
      assert.deepEqual(lookups(), ["DescribeKey", "GetKeyRotationStatus"]);
      // The next test begins with one editor.
      await revert();
      await window().reload();
    });

    test("a rotation that is off is told", async () => {
      await identity("team");
      await encrypt();
      await window().editor.waitForText(ENCRYPTED);
      await tooltip(/Key state: enabled, rotation is off/);
      await identity("deploy");
    });

    test("a key that will be deleted is red with the date, until it can be used again", async () => {
      server.setKeys(
        TEST_KEYS.map((key) =>
          key.aliases?.includes("alias/app")
            ? { ...key, state: "PendingDeletion", deletionDate: new Date("2035-01-01T00:00:00Z") }
            : key,
        ),
      );
      await encrypt();
      await window().toast("pending deletion");
      await tooltip(/Key state: pending deletion, on 2035-01-01\. Until then an administrator can cancel it/);
      // Another choice takes the failure away, and leaves the key as it is.
      await identity("team");
      assert.equal(await isRed(), false);
      await identity("deploy");
      assert.equal(await isRed(), true);
      assert.match((await window().statusItem().label()) ?? "", /pending deletion, on 2035-01-01/);

      server.setKeys(TEST_KEYS);
      await encrypt();
      await window().editor.waitForText(ENCRYPTED);
      await tooltip(/Key state: enabled, rotation is on/);
      assert.equal(await isRed(), false);
    });

    test("nothing is said where looking is not permitted", async () => {
      server.restrict((_, operation) =>
        /DescribeKey|Rotation/.test(operation)
          ? awsErrors.accessDenied("home", operation, server.arn("alias/app"))
          : undefined,
      );
      await identity("backup");
      const before = lookups().length;
      await encrypt();
      await window().editor.waitForText(ENCRYPTED);
      await until(lookups, (found) => found.length > before);
      assert.doesNotMatch(await window().statusItem().tooltip(), /Key state/);
      assert.deepEqual(await window().toasts(), []);
      await identity("deploy");
    });
  });

  suite("who calls", () => {
    const BOB = "arn:aws:iam::000000000000:user/bob";

    test("is no matter for an identity that is nobody's name", async () => {
      server.identify(() => BOB);
      const before = lookups().length;
      await encrypt();
      await window().editor.waitForText(ENCRYPTED);
      assert.deepEqual(lookups().slice(before), []);
    });

    test("is said before encrypting when it is another person; nothing is sent before the answer", async () => {
      server.identify(() => BOB);
      await identity("alice");
      const before = server.requests.length;
      await encrypt();
      const text = await window().dialog.text();
      assert.match(text, /You are bob, and will encrypt as alice\./);
      assert.ok(text.includes(BOB), text);
      await window().dialog.click("Cancel");
      assert.equal(await window().editor.text(), TEXT);
      assert.equal(server.requests.length, before);

      await encrypt();
      await window().dialog.click("Encrypt as alice Anyway");
      await window().editor.waitForText(ENCRYPTED);
    });

    test("is said once for an identity and a caller", async () => {
      server.identify(() => BOB);
      const before = lookups().length;
      await encrypt();
      await window().editor.waitForText(ENCRYPTED);
      assert.deepEqual(lookups().slice(before), []);
    });

    test("offers to switch the identity, and then encrypts nothing by itself", async () => {
      server.identify(() => BOB);
      await identity("carol");
      await encrypt();
      assert.deepEqual(
        (await window().dialog.buttons()).sort(),
        ["Cancel", "Choose Profile", "Encrypt as carol Anyway", "Switch Identity"].sort(),
      );
      await window().dialog.click("Switch Identity");
      await window().quickInput.choose("deploy");
      await window().statusItem().waitForText(" · deploy");
      assert.equal(await window().editor.text(), TEXT);
    });

    test("is not waited for long, nor told of, when STS does not answer", async () => {
      writeAwsHome(home, {
        config: `[profile work]\nendpoint_url = ${server.url}\n[profile home]\nendpoint_url = ${server.url}\n`,
        credentials: "[work]\naws_access_key_id = AKIANEW\naws_secret_access_key = x\n",
      });
      server.identify(() => BOB);
      server.fail(({ operation }) =>
        operation === "GetCallerIdentity" ? { wait: new Promise(() => undefined) } : undefined,
      );
      await identity("carol");
      await encrypt();
      await window().editor.waitForText(ENCRYPTED);
      server.fail(undefined);
    });
  });
});
