/** A session of IAM Identity Center that has ended: one question, and the operations that wait go on with their selections. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, beforeEach } from "mocha";
import { temporaryFolder } from "../host/paths";
import { writeAwsHome } from "../support/awsHome";
import { SIGNED_IN, ssoCacheFile, writeFakeAwsCli, type FakeAwsCli } from "../support/fakeAwsCli";
import { filesWith } from "../support/filesWith";
import { SESSION_TOKEN, startIdentityServer, type IdentityServer } from "../support/identityServer";
import { startKmsServer, TEST_REGION, type KmsServer } from "../support/kmsServer";
import { until } from "./until";
import { useWorkbench } from "./window";
import { Workbench } from "./workbench";

const NAMES = ["first", "second", "third", "fourth", "fifth"];
const TEXT = NAMES.map((name) => `${name}: secret-${name}\n`).join("");
const QUESTION = /Can't encrypt: the sign-in session of profile sso has expired or is missing/;

/** Those of this machine that have no AWS CLI of its own. */
function foldersWithoutAws(): string[] {
  return (process.env.PATH ?? "").split(":").filter((path) => !existsSync(join(path, "aws")));
}

suite("Sign-in", () => {
  const work = temporaryFolder();
  const home = join(work.path, "home");
  const folder = join(work.path, "workspace");
  const file = join(folder, "config.yaml");
  let kms: KmsServer;
  let identity: IdentityServer;
  let cli: FakeAwsCli;
  before(async () => {
    [kms, identity] = await Promise.all([startKmsServer(), startIdentityServer()]);
    identity.tokens.add(SIGNED_IN);
    cli = writeFakeAwsCli(join(work.path, "bin"), home, { sso: "corp" });
    mkdirSync(folder);
    writeFileSync(file, TEXT);
    writeFileSync(join(folder, "other.yaml"), "other: secret-other\n");
    writeAwsHome(home, {
      config: [
        "[profile sso]\nservices = loopback\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = dev",
        "[profile keys]\nservices = loopback",
        "[sso-session corp]\nsso_start_url = https://loopback.awsapps.com/start\nsso_region = us-east-2",
        `[services loopback]\nkms =\n  endpoint_url = ${kms.url}`,
        `sso =\n  endpoint_url = ${identity.url}\nsso_oidc =\n  endpoint_url = ${identity.url}\n`,
      ].join("\n"),
      credentials: "[keys]\naws_access_key_id = AKIAKEYS\naws_secret_access_key = secret\n",
    });
  });
  after(async () => {
    await Promise.all([kms.close(), identity.close()]);
    work.remove();
  });
  const window = useWorkbench(() => ({
    folder,
    file,
    home,
    env: { PATH: [cli.folder, ...foldersWithoutAws()].join(":") },
    settings: {
      "kmsSelection.keyAlias": "alias/app",
      "kmsSelection.region": TEST_REGION,
      "kmsSelection.identities": { alice: { profile: "sso" }, bob: { profile: "keys" } },
      "kmsSelection.identity": "alice",
    },
  }));
  beforeEach(async () => {
    rmSync(ssoCacheFile(home, "corp"), { force: true });
    await window().editor.waitForText(TEXT);
  });
  afterEach(async () => {
    await window().clearToasts();
    await window().runCommand("File: Revert File");
  });

  async function encrypt(name: string): Promise<void> {
    await window().editor.select(`secret-${name}`);
    await window().runCommand("KMS: Encrypt Selection");
  }

  const signIn = (): void => {
    cli.run("sso", "login", "--profile", "sso");
  };

  const questions = async (): Promise<number> =>
    (await window().toasts()).filter(({ text }) =>
      text.includes("Can't encrypt: the sign-in session of profile sso has expired or is missing"),
    ).length;

  /** The text with the secrets of these names encrypted. */
  const encrypted = (...names: string[]): RegExp => {
    const line = (name: string): string =>
      names.includes(name) ? `${name}: [A-Za-z0-9+/=]{60,}` : `${name}: secret-${name}`;
    return new RegExp(`${NAMES.map(line).join("\n")}\n$`);
  };

  test("a session that ends between two operations leads to one question, and the operation resumes", async () => {
    const { editor } = window();
    signIn();
    await encrypt("first");
    await editor.waitForText(encrypted("first"));
    rmSync(ssoCacheFile(home, "corp"));
    await encrypt("second");
    const question = await window().toast(QUESTION);
    await question.click("Sign In");
    // What is selected later is not what was asked for; what is typed elsewhere moves the selection along.
    await editor.select("secret-fifth");
    await editor.press("Control+Home");
    await editor.type("# typed meanwhile\n");
    signIn();
    await editor.waitForText(new RegExp(`^# typed meanwhile\n${encrypted("first", "second").source}`));
    assert.match(kms.requests.at(-1)?.accessKeyId ?? "", /^ASIAdev/);
    for (const canary of [SIGNED_IN, SESSION_TOKEN]) {
      assert.deepEqual(filesWith(window().code.data, canary), []);
      assert.ok(![window().code.log(), ...window().code.console].some((text) => text.includes(canary)));
    }
  });

  test("five operations at once whose session AWS has ended ask once, and all go on when another window has signed in", async () => {
    signIn();
    identity.tokens.delete(SIGNED_IN);
    for (const name of NAMES) {
      const before = identity.requests.length;
      await encrypt(name);
      // The palette closes before its command runs: what is selected until then counts.
      await until(
        () => identity.requests.length,
        (count) => count > before,
        `the encryption of ${name} to begin`,
      );
    }
    await window().toast(QUESTION);
    assert.equal(await questions(), 1);
    identity.tokens.add(SIGNED_IN);
    signIn();
    await window().editor.waitForText(encrypted(...NAMES));
  });

  test("two windows ask once, and both go on when the person has signed in", async () => {
    const { code, page } = window();
    const other = new Workbench({ ...code, page: await page.context().newPage() });
    await other.page.goto(code.url ?? "");
    await other.ready();
    try {
      await other.openFile("other.yaml");
      await encrypt("first");
      await window().toast(QUESTION);
      await other.editor.select("secret-other");
      await other.runCommand("KMS: Encrypt Selection");
      await other.toast(/Another window asks to sign in profile sso/);
      assert.equal((await other.toasts()).length, 1);
      signIn();
      await window().editor.waitForText(encrypted("first"));
      await other.editor.waitForText(/^other: [A-Za-z0-9+/=]{60,}\n$/);
    } finally {
      await other.page.close();
    }
  });

  test("the profile that is switched to meanwhile serves the next operation alone", async () => {
    const before = kms.requests.length;
    await encrypt("first");
    await window().toast(QUESTION);
    await window().statusItem().click();
    await window().quickInput.choose("bob");
    await window().statusItem().waitForText(" · bob");
    await encrypt("second");
    await window().editor.waitForText(encrypted("second"));
    signIn();
    await window().editor.waitForText(encrypted("first", "second"));
    const requests = kms.requests.slice(before);
    assert.deepEqual(
      requests.map(({ accessKeyId, input }) => [accessKeyId?.replace(/\d+$/, ""), input?.EncryptionContext]),
      [
        ["AKIAKEYS", { identity: "bob" }],
        ["ASIAdev", { identity: "alice" }],
      ],
    );
    await window().statusItem().click();
    await window().quickInput.choose("alice");
  });

  test("the question that is dismissed ends the operation in silence", async () => {
    await encrypt("first");
    await (await window().toast(QUESTION)).dismiss();
    await encrypt("second");
    await window().toast(QUESTION);
    assert.equal(await questions(), 1);
    assert.equal(await window().editor.text(), TEXT);
  });

  test("without the AWS CLI it says what to install, and goes on when the person has signed in by other means", async () => {
    const { editor } = window();
    rmSync(join(cli.folder, "aws"));
    await encrypt("third");
    await (await window().toast(QUESTION)).click("Sign In");
    const toast = await window().toast(/signing in needs the AWS CLI, version 2/);
    assert.match(await toast.text(), /aws sso login --profile sso/);
    cli = writeFakeAwsCli(cli.folder, home, { sso: "corp" });
    signIn();
    await editor.waitForText(encrypted("third"));
  });

  test("the key picker asks before it opens, and lists the keys then", async () => {
    await window().runCommand("KMS: Choose Key…");
    await window().toast(/Can't list the keys: the sign-in session of profile sso/);
    signIn();
    const rows = await until(
      () => window().quickInput.rows(),
      (found) => found.some((row) => row.startsWith("alias/app")),
    );
    assert.ok(rows.length > 1);
    await window().quickInput.escape();
  });
});
