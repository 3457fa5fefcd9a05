/** A role that needs the code of a multi-factor device: asked for once, in a box, and the session is kept. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, beforeEach } from "mocha";
import { temporaryFolder } from "../host/paths";
import { writeAwsHome } from "../support/awsHome";
import { filesWith } from "../support/filesWith";
import { SESSION_TOKEN, startIdentityServer, type IdentityServer } from "../support/identityServer";
import { startKmsServer, TEST_REGION, type KmsServer } from "../support/kmsServer";
import { until } from "./until";
import { useWorkbench } from "./window";

const DEVICE = "arn:aws:iam::111122223333:mfa/alice";
/** What is encrypted stands below the place of the box. */
const SPACE = "#\n".repeat(6);
const NAMES = ["first", "second", "third", "fourth", "fifth"];
const TEXT = `${SPACE}${NAMES.map((name) => `${name}: secret-${name}\n`).join("")}`;
const CODE = "731942";
const WRONG = "731943";

suite("MFA", () => {
  const work = temporaryFolder();
  const home = join(work.path, "home");
  const folder = join(work.path, "workspace");
  const file = join(folder, "config.yaml");
  let kms: KmsServer;
  let identity: IdentityServer;
  before(async () => {
    [kms, identity] = await Promise.all([startKmsServer(), startIdentityServer()]);
    mkdirSync(folder);
    writeFileSync(file, TEXT);
  });
  after(async () => {
    await Promise.all([kms.close(), identity.close()]);
    work.remove();
  });
  const window = useWorkbench(() => {
    writeConfig("");
    return {
      folder,
      file,
      home,
      settings: {
        "kmsSelection.keyAlias": "alias/app",
        "kmsSelection.region": TEST_REGION,
        "kmsSelection.profile": "admin",
      },
    };
  });
  /** Each test has a session of its own: the profile of before is another one. */
  beforeEach(async () => {
    writeConfig(`external_id = ${++sessions}\n`);
    await window().editor.waitForText(TEXT);
  });
  afterEach(async () => {
    identity.wait = undefined;
    await window().clearToasts();
    await window().runCommand("File: Revert File");
  });

  let sessions = 0;
  function writeConfig(more: string): void {
    writeAwsHome(home, {
      config: [
        `[profile admin]\nservices = loopback\nrole_arn = arn:aws:iam::111122223333:role/admin\nsource_profile = alice\nmfa_serial = ${DEVICE}\n${more}`,
        `[services loopback]\nkms =\n  endpoint_url = ${kms.url}\nsts =\n  endpoint_url = ${identity.url}\n`,
      ].join("\n"),
      credentials: "[alice]\naws_access_key_id = AKIAALICE\naws_secret_access_key = secret\n",
    });
  }

  async function encrypt(text: string): Promise<void> {
    await window().editor.select(text);
    await window().runCommand("KMS: Encrypt Selection");
  }

  async function answer(code: string): Promise<void> {
    await window().quickInput.fill(code);
    await window().quickInput.accept();
  }

  /** The text with the secrets of these names encrypted. */
  const encrypted = (...names: string[]): RegExp => {
    const line = (name: string): string =>
      names.includes(name) ? `${name}: [A-Za-z0-9+/=]{60,}` : `${name}: secret-${name}`;
    return new RegExp(`${SPACE}${NAMES.map(line).join("\n")}\n$`);
  };

  test("the box names profile and device, takes six digits only, and the session serves the next operation", async () => {
    const { editor, quickInput } = window();
    identity.codes.add(CODE);
    const before = kms.requests.length;
    await encrypt("secret-first");
    assert.equal(await quickInput.title(), `MFA Code for Profile admin, Device ${DEVICE}`);
    await answer("12345");
    await until(
      () => quickInput.message(),
      (message) => message.includes("Six digits"),
    );
    assert.equal(identity.codes.size, 1);
    await answer(CODE);
    await editor.waitForText(encrypted("first"));
    await encrypt("secret-second");
    await editor.waitForText(encrypted("first", "second"));
    const callers = kms.requests.slice(before).map(({ accessKeyId }) => accessKeyId);
    assert.equal(callers.length, 2);
    assert.equal(new Set(callers).size, 1);
    assert.match(callers[0] ?? "", /^ASIAadmin/);
    for (const canary of [CODE, SESSION_TOKEN]) {
      assert.deepEqual(filesWith(window().code.data, canary), []);
      assert.ok(![window().code.log(), ...window().code.console].some((line) => line.includes(canary)));
    }
  });

  test("Escape is silent and changes nothing; the next operation asks again", async () => {
    const { editor, quickInput } = window();
    identity.codes.add(CODE);
    await encrypt("secret-first");
    await quickInput.title();
    await quickInput.escape();
    await until(
      () => window().statusItem().text(),
      (text) => text.includes("alias/app"),
    );
    assert.deepEqual(await window().toasts(), []);
    assert.equal(await editor.text(), TEXT);
    await encrypt("secret-first");
    await answer(CODE);
    await editor.waitForText(encrypted("first"));
  });

  test("a code that AWS does not take is asked for again, with the reason", async () => {
    const { editor, quickInput } = window();
    identity.codes.add(CODE);
    await encrypt("secret-third");
    await answer(WRONG);
    await until(
      () => quickInput.message(),
      (message) => message.includes("AWS did not take this code"),
    );
    await answer(CODE);
    await editor.waitForText(encrypted("third"));
  });

  test("five operations at once ask once, and go on together, each on its own selection", async () => {
    const { editor, quickInput } = window();
    identity.codes.add(CODE);
    const before = identity.requests.length;
    for (const name of NAMES) {
      await editor.select(`secret-${name}`);
      // The palette would take the place of the box.
      await window().contextMenu("Encrypt Selection");
      assert.match(await quickInput.title(), /^MFA Code/);
    }
    await editor.press("Control+Home");
    await editor.type("# typed meanwhile\n");
    // It is the person who is waited for.
    assert.deepEqual(await window().toasts(), []);
    await answer(CODE);
    await editor.waitForText(new RegExp(`^# typed meanwhile\n${encrypted(...NAMES).source}`));
    await quickInput.hidden();
    assert.equal(identity.requests.length - before, 1);
  });

  test("credentials that take long can be cancelled, and the next operation does not wait for them", async () => {
    const { editor } = window();
    identity.codes.add(CODE).add(WRONG);
    let open = (): void => undefined;
    identity.wait = new Promise<void>((resolve) => (open = resolve));
    await encrypt("secret-first");
    await answer(CODE);
    const progress = await window().toast("Getting credentials for profile admin…");
    await progress.click("Cancel");
    await progress.gone();
    assert.equal(await editor.text(), TEXT);
    identity.wait = undefined;
    await encrypt("secret-first");
    await answer(WRONG);
    await editor.waitForText(encrypted("first"));
    open();
  });
});
