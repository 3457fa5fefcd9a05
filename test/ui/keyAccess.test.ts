/** Test Key Access in a real window: against a KMS on loopback that restricts by access key, and in the sandbox. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before } from "mocha";
import { temporaryFolder } from "../host/paths";
import { writeAwsHome } from "../support/awsHome";
import {
  APP_KEY_ID,
  awsErrors,
  startKmsServer,
  TEST_REGION,
  type Access,
  type KmsServer,
} from "../support/kmsServer";
import { until } from "./until";
import { useWorkbench } from "./window";

/** Of `writer` nothing is known before its own test. */
const CALLERS = ["everything", "encryptor", "decryptor", "nothing", "writer"];

const ENCRYPTS = /^(?:Encrypt|GenerateDataKey|DescribeKey|GetKeyRotationStatus)$/;

/** What each caller may do; everybody may look at the key, but for `nothing`. */
const ALLOWED: Readonly<Record<string, RegExp>> = {
  everything: /./,
  encryptor: ENCRYPTS,
  writer: ENCRYPTS,
  decryptor: /^(?:Decrypt|DescribeKey|GetKeyRotationStatus)$/,
  nothing: /^$/,
};

suite("Test Key Access", () => {
  const work = temporaryFolder();
  const home = join(work.path, "home");
  const folder = join(work.path, "workspace");
  const file = join(folder, "config.yaml");
  const program = join(work.path, "no-credentials");
  const asked = join(work.path, "asked");
  let server: KmsServer;

  const nameOf = (accessKeyId: string | undefined): string =>
    accessKeyId?.slice("AKIA".length).toLowerCase() ?? "";
  const restrictions: Access = (accessKeyId, operation) => {
    const caller = nameOf(accessKeyId);
    return ALLOWED[caller]?.test(operation)
      ? undefined
      : awsErrors.accessDenied(caller, operation, server.arn(APP_KEY_ID));
  };

  before(async () => {
    server = await startKmsServer({
      access: restrictions,
      callers: (key) => `arn:aws:iam::000000000000:user/${nameOf(key)}`,
    });
    writeAwsHome(home, {
      config: [
        ...CALLERS.map((name) => `[profile ${name}]\nendpoint_url = ${server.url}\n`),
        `[profile broken]\nendpoint_url = ${server.url}\ncredential_process = ${program}\n`,
      ].join(""),
      credentials: CALLERS.map(
        (name) => `[${name}]\naws_access_key_id = AKIA${name.toUpperCase()}\naws_secret_access_key = x\n`,
      ).join(""),
    });
    mkdirSync(folder);
    writeFileSync(program, `#!/bin/sh\necho asked >> ${asked}\nexit 1\n`, { mode: 0o755 });
    writeFileSync(file, "password: correct-horse-battery\n");
  });
  after(async () => {
    await server.close();
    work.remove();
  });
  afterEach(async () => {
    server.fail(undefined);
    await window().clearToasts();
    await window().runCommand("KMS: Use Settings (Forget Choices)");
  });
  const window = useWorkbench(() => ({
    folder,
    file,
    home,
    settings: {
      "editor.wordWrap": "off",
      "kmsSelection.keyAlias": "alias/app",
      "kmsSelection.identity": "everything",
      "kmsSelection.region": TEST_REGION,
      "kmsSelection.identities": {
        ...Object.fromEntries(CALLERS.map((name) => [name, { profile: name }])),
        split: { encryptProfile: "encryptor", decryptProfile: "decryptor" },
        half: { encryptProfile: "broken", decryptProfile: "decryptor" },
        lost: { profile: "everything", keyAlias: "alias/no-such-alias" },
      },
    },
  }));

  async function identity(name: string): Promise<void> {
    await window().statusItem().click();
    await window().quickInput.choose(name);
    await window().statusItem().waitForText(` · ${name}`);
  }

  /** Runs the command as an identity, and answers with the report. */
  async function reportOf(name: string): Promise<string> {
    if (name !== "everything") await identity(name);
    await window().runCommand("KMS: Test Key Access");
    await window().page.locator('.tab.active[data-resource-name="Key Access.md"]').waitFor();
    return window().editor.waitForText((text) => text.startsWith(`# Key access of \`${name}\``));
  }

  const marks = (report: string): string[] =>
    [...report.matchAll(/^- ([✓✗?]) (\w+)/gm)].map(([, mark, operation]) => `${mark} ${operation}`);

  const expected: readonly (readonly [caller: string, marks: string])[] = [
    ["everything", "✓ Encrypt, ✓ GenerateDataKey, ✓ Decrypt, ✓ ReEncrypt, ✓ DescribeKey"],
    ["encryptor", "✓ Encrypt, ✓ GenerateDataKey, ✗ Decrypt, ✗ ReEncrypt, ✓ DescribeKey"],
    ["decryptor", "✗ Encrypt, ✗ GenerateDataKey, ✓ Decrypt, ✗ ReEncrypt, ✓ DescribeKey"],
    ["nothing", "✗ Encrypt, ✗ GenerateDataKey, ✗ Decrypt, ✗ ReEncrypt, ✗ DescribeKey"],
  ];
  for (const [caller, wanted] of expected) {
    test(`as ${caller}: ${wanted}`, async () => {
      const report = await reportOf(caller);
      assert.equal(marks(report).join(", "), wanted);
      assert.ok(report.includes(`Caller: \`arn:aws:iam::000000000000:user/${caller}\``), report);
      assert.ok(report.includes("It encrypted and decrypted nothing."), report);
      if (caller !== "nothing") assert.ok(report.includes(`- ARN: \`${server.arn(APP_KEY_ID)}\``), report);
    });
  }

  test("what is missing can be copied as a policy statement for the key and the context", async () => {
    await reportOf("encryptor");
    const toast = await window().toast("Profile encryptor is not allowed kms:Decrypt, kms:ReEncrypt");
    await toast.click("Copy Policy Statement");
    const copied = await until(
      () => window().page.evaluate(() => navigator.clipboard.readText()),
      (text) => text.includes("kms:Decrypt"),
    );
    assert.deepEqual(JSON.parse(copied), {
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
      Resource: server.arn(APP_KEY_ID),
      Condition: { StringEquals: { "kms:EncryptionContext:identity": "encryptor" } },
    });
  });

  test("each of two profiles is tested for what it is used for, and every request is a dry run", async () => {
    const before = server.requests.length;
    const report = await reportOf("split");
    assert.match(report, /## Profile encryptor, to encrypt/);
    assert.match(report, /## Profile decryptor, to decrypt/);
    assert.equal(
      marks(report).join(", "),
      "✓ Encrypt, ✓ GenerateDataKey, ✓ DescribeKey, ✓ Decrypt, ✗ ReEncrypt, ✓ DescribeKey",
    );
    const asked = server.requests.slice(before);
    assert.deepEqual(
      asked.map(({ accessKeyId, operation }) => `${nameOf(accessKeyId)} ${operation}`).sort(),
      ["decryptor Decrypt", "decryptor ReEncrypt", "encryptor Encrypt", "encryptor GenerateDataKey"],
    );
    assert.ok(asked.every(({ input }) => input?.DryRun === true));
  });

  test("a profile that has no credentials is asked for them once, and does not hide what the other one may do", async () => {
    const report = await reportOf("half");
    assert.equal(
      marks(report).join(", "),
      "✗ Encrypt, ✗ GenerateDataKey, ✗ DescribeKey, ✓ Decrypt, ✗ ReEncrypt, ✓ DescribeKey",
    );
    assert.match(report, /Caller: not known. The credentials of profile broken could not/);
    assert.equal(readFileSync(asked, "utf8"), "asked\n");
  });

  test("a KMS that knows no dry runs is called that, and nothing is claimed", async () => {
    const body = JSON.stringify({ CiphertextBlob: "AAAA", Plaintext: "AAAA", KeyId: server.arn(APP_KEY_ID) });
    server.fail(({ operation }) =>
      /Encrypt|DataKey|Decrypt/.test(operation) ? { answer: { status: 200, body } } : undefined,
    );
    const report = await reportOf("everything").then(() =>
      window().editor.waitForText((text) => text.includes("does not know DryRun")),
    );
    assert.equal(
      marks(report).join(", "),
      "? Encrypt, ? GenerateDataKey, ? Decrypt, ? ReEncrypt, ✓ DescribeKey",
    );
  });

  test("a key that is not there is one message, and no report", async () => {
    await identity("lost");
    await window().runCommand("KMS: Test Key Access");
    const toast = await window().toast("Can't test the key access: there is no alias/no-such-alias");
    assert.ok((await toast.text()).includes("profile everything"));
  });

  test("it can be cancelled, and then shows nothing", async () => {
    await window().openFile("config.yaml");
    server.fail(() => ({ wait: new Promise(() => undefined) }));
    await window().runCommand("KMS: Test Key Access");
    const progress = await window().toast("Testing what everything may do with alias/app");
    await progress.click("Cancel");
    await progress.gone();
    assert.deepEqual(await window().toasts(), []);
    assert.equal(await window().editor.text(), "password: correct-horse-battery\n");
  });

  test("in the sandbox everything is allowed, and nobody calls", async () => {
    const before = [server.requests.length, server.lookups.length];
    await window().runCommand("KMS: Try in Sandbox");
    await window().statusItem().waitForText("sandbox");
    await window().runCommand("KMS: Test Key Access");
    const report = await window().editor.waitForText((text) => text.includes("`alias/sandbox`"));
    assert.equal(
      marks(report).join(", "),
      "✓ Encrypt, ✓ GenerateDataKey, ✓ Decrypt, ✓ ReEncrypt, ✓ DescribeKey",
    );
    assert.match(report, /Account: 000000000000/);
    assert.match(report, /Caller: nobody/);
    assert.deepEqual([server.requests.length, server.lookups.length], before);
  });

  test("the report is read-only", async () => {
    await window().runCommand("KMS: Test Key Access");
    const before = await window().editor.waitForText(/^# Key access[^]*`alias\/app`/);
    await window().editor.press("Control+Home");
    await window().editor.press("x");
    assert.equal(await window().editor.text(), before);
    await window().page.locator(".tab.active:not(.dirty)").waitFor();
  });

  test("who is refused to decrypt is offered only what works, until another one is in force or the test says otherwise", async () => {
    const { editor, page, quickInput } = window();
    const lens = page.locator(".codelens-decoration");
    const isOffered = (wanted: boolean): Promise<unknown> =>
      until(
        async () =>
          (await window().commandsFor("KMS: Decrypt Sel")).some((row) => row.includes("Decrypt Selection")),
        (offered) => offered === wanted,
        `Decrypt Selection ${wanted ? "" : "not "}to be offered`,
      );
    await window().openFile("config.yaml");
    await identity("writer");
    await editor.select("correct-horse-battery");
    await window().runCommand("KMS: Encrypt Selection");
    const encrypted = await editor.waitForText(/^password: SANDBOX\S+\n$/);
    await lens.filter({ hasText: "Decrypt" }).waitFor();
    await window().runCommand("KMS: Decrypt Selection");
    await window().toast("is not allowed kms:Decrypt");
    await window().clearToasts();
    await isOffered(false);
    const replace = lens.getByText("Replace…", { exact: true });
    await replace.waitFor();
    for (const title of ["Decrypt", "Reveal", "Copy", "Edit"])
      assert.equal(await lens.getByText(title, { exact: true }).count(), 0, title);
    await page.screenshot({ path: "out/encrypt-only.png" });
    await replace.click();
    await quickInput.fill("another secret");
    await quickInput.accept();
    await editor.waitForText((text) => /^password: SANDBOX\S+\n$/.test(text) && text !== encrypted);

    await identity("everything");
    await isOffered(true);
    await identity("writer");
    await isOffered(false);
    server.restrict(undefined);
    try {
      await reportOf("writer");
      await window().openFile("config.yaml");
      await isOffered(true);
    } finally {
      server.restrict(restrictions);
    }
    await reportOf("writer");
    await window().openFile("config.yaml");
    await isOffered(false);
    await window().runCommand("File: Revert File");
  });
});
