/** The packed extension in a real window, and a KMS on loopback that a profile's `endpoint_url` names. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DecryptCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { after, afterEach, before, beforeEach } from "mocha";
import { localKms } from "../../src/aws/main";
import { EncryptionSdkMessages } from "../../src/aws/messages";
import { formatToken } from "../../src/core/tokens";
import { temporaryFolder } from "../host/paths";
import { writeAwsHome } from "../support/awsHome";
import {
  APP_KEY_ID,
  awsErrors,
  failWith,
  OTHER_KEY_ID,
  startKmsServer,
  TEST_KEYS,
  TEST_REGION,
  type KmsServer,
} from "../support/kmsServer";
import type { Workbench } from "./workbench";
import { until } from "./until";
import { useWorkbench } from "./window";

const SECRET = "correct-horse-battery";
const TEXT = `user: admin\npassword: ${SECRET}\n`;

/** The proof of concept's case: two identities, each bound by a context of its own. */
const SETTINGS = {
  "kmsSelection.keyAlias": "alias/kms-poc",
  "kmsSelection.identity": "alice",
  "kmsSelection.region": TEST_REGION,
  // A request for each selection, however many there are.
  "kmsSelection.dataKeyCaching": false,
  "kmsSelection.identities": {
    alice: { encryptProfile: "encryptor", decryptProfile: "decryptor", encryptionContext: { user_id: "1" } },
    bob: { encryptProfile: "encryptor", decryptProfile: "decryptor", encryptionContext: { user_id: "2" } },
    "$(flame)": { profile: "encryptor" },
    nobody: { profile: "no-such-profile" },
    disabled: { profile: "encryptor", keyAlias: "alias/disabled" },
    doomed: { profile: "encryptor", keyAlias: "alias/pending-deletion" },
    stranger: { profile: "encryptor", keyAlias: "alias/no-such-alias" },
    far: { profile: "elsewhere", region: "eu-nowhere-1" },
    poor: { profile: "no-credentials" },
    other: {
      encryptProfile: "encryptor",
      decryptProfile: "decryptor",
      keyAlias: "alias/other",
      encryptionContext: { user_id: "1" },
    },
  },
};

suite("With a KMS on loopback", () => {
  const work = temporaryFolder();
  const home = join(work.path, "home");
  const folder = join(work.path, "workspace");
  const file = join(folder, "config.yaml");
  let server: KmsServer;
  let client: KMSClient;

  before(async () => {
    server = await startKmsServer();
    client = new KMSClient({
      region: TEST_REGION,
      endpoint: server.url,
      credentials: { accessKeyId: "AKIAOTHERCLIENT", secretAccessKey: "other" },
    });
    writeAwsHome(home, config());
    mkdirSync(folder);
    writeFileSync(file, TEXT);
    // All before the window is opened: it may not see at once what comes later.
    writeFileSync(join(folder, "other.txt"), "other text\n");
    writeFileSync(join(folder, "tokens.txt"), await tokensOfBoth());
  });
  after(async () => {
    client.destroy();
    await server.close();
    work.remove();
  });
  const window = useWorkbench(() => ({ folder, file, home, settings: SETTINGS }));

  /** 37 of alice and 2 of bob, one to a line. */
  async function tokensOfBoth(): Promise<string> {
    const messages = new EncryptionSdkMessages({
      kms: localKms(client, () => undefined),
      isAws: false,
      allowUncommitted: false,
    });
    const token = async (name: string, user_id: string): Promise<string> => {
      const text = Buffer.from(`secret of ${name}`);
      const message = await messages.seal("alias/kms-poc", text, { user_id }, new AbortController().signal);
      return formatToken(message, "ENC[KMS]");
    };
    const owners = Array.from({ length: 39 }, (_, n) => (n === 3 || n === 20 ? "2" : "1"));
    const tokens = await Promise.all(owners.map((owner, n) => token(`${owner}, number ${n}`, owner)));
    return tokens.join("\n");
  }

  function config(): Parameters<typeof writeAwsHome>[1] {
    return {
      config: [
        `[profile encryptor]\nendpoint_url = ${server.url}`,
        `[profile decryptor]\nendpoint_url = ${server.url}`,
        `[profile no-credentials]\nendpoint_url = ${server.url}`,
        // Nothing answers there: https://www.rfc-editor.org/rfc/rfc6761#section-6.4
        "[profile elsewhere]\nendpoint_url = http://kms.invalid",
      ].join("\n"),
      credentials: [
        "[encryptor]\naws_access_key_id = AKIAENCRYPTOR\naws_secret_access_key = enc",
        "[decryptor]\naws_access_key_id = AKIADECRYPTOR\naws_secret_access_key = dec",
        "[elsewhere]\naws_access_key_id = AKIAELSEWHERE\naws_secret_access_key = els",
      ].join("\n"),
    };
  }

  beforeEach(async () => {
    const workbench = window();
    if ((await workbench.editor.text()) !== TEXT) await workbench.runCommand("File: Revert File");
    await workbench.editor.waitForText(TEXT);
  });

  afterEach(async () => {
    server.fail(undefined);
    server.restrict(undefined);
    server.setKeys(TEST_KEYS);
    writeAwsHome(home, config());
    await window().clearToasts();
  });

  async function identity(name: string): Promise<void> {
    await window().statusItem().click();
    await window().quickInput.choose(name);
    await window().statusItem().waitForText(` · ${name}`);
  }

  async function encrypt(): Promise<string> {
    const { editor } = window();
    await editor.select(SECRET);
    await window().runCommand("KMS: Encrypt Selection");
    const text = await editor.waitForText((found) =>
      /^user: admin\npassword: [A-Za-z0-9+/]{60,}={0,2}\n$/.test(found),
    );
    return text.slice(text.indexOf("password: ") + "password: ".length).trimEnd();
  }

  /** Runs a command on the secret; it must fail with these words and leave the text alone. */
  async function refused(
    words: RegExp,
    command = "KMS: Encrypt Selection",
  ): Promise<Awaited<ReturnType<Workbench["toast"]>>> {
    const { editor, runCommand } = bound();
    const before = await editor.text();
    if (command.includes("Encrypt")) await editor.select(SECRET);
    await runCommand(command);
    const toast = await window().toast(words);
    assert.equal(await editor.text(), before);
    return toast;
  }

  function bound(): Pick<Workbench, "editor" | "runCommand"> {
    const workbench = window();
    return { editor: workbench.editor, runCommand: (title) => workbench.runCommand(title) };
  }

  test("the status bar tells key, identity, and the way to the KMS", async () => {
    await window()
      .statusItem()
      .waitForText(/^\s*alias\/kms-poc · alice$/);
    const tooltip = await window().statusItem().tooltip();
    assert.match(tooltip, /Context: user_id=1/);
    assert.match(tooltip, /Profile: encryptor to encrypt, decryptor to decrypt/);
    assert.match(tooltip, /Region to encrypt: us-east-2 \(chosen by the setting\)/);
    assert.match(tooltip, new RegExp(`Custom endpoint to encrypt: ${server.url} `));
  });

  test("another client decrypts what the extension encrypted, and the other way round", async () => {
    const token = await encrypt();
    const { input, accessKeyId } = server.requests.at(-1) ?? assert.fail("no request");
    assert.equal(accessKeyId, "AKIAENCRYPTOR");
    assert.equal(input?.KeyId, "alias/kms-poc");
    const opened = await client.send(
      new DecryptCommand({
        KeyId: "alias/kms-poc",
        CiphertextBlob: Buffer.from(token, "base64"),
        EncryptionContext: { user_id: "1" },
      }),
    );
    assert.equal(Buffer.from(opened.Plaintext ?? []).toString(), SECRET);

    const { CiphertextBlob } = await client.send(
      new EncryptCommand({
        KeyId: "alias/kms-poc",
        Plaintext: Buffer.from("geheim 😀 سر"),
        EncryptionContext: { user_id: "1" },
      }),
    );
    const { editor, runCommand } = bound();
    await editor.selectAll();
    await editor.type(Buffer.from(CiphertextBlob ?? []).toString("base64"));
    await editor.selectAll();
    await runCommand("KMS: Decrypt Selection");
    await editor.waitForText("geheim 😀 سر");
    assert.equal(server.requests.at(-1)?.accessKeyId, "AKIADECRYPTOR");
    assert.equal(server.requests.at(-1)?.input?.KeyId, "alias/kms-poc");
  });

  test("what alice encrypted is refused to bob in plain words, and opens for alice", async () => {
    await encrypt();
    await identity("bob");
    await refused(/not readable as identity bob.*encrypted for another identity/, "KMS: Decrypt Selection");
    await window().clearToasts();
    await identity("alice");
    await window().runCommand("KMS: Decrypt Selection");
    await window().editor.waitForText(TEXT);
  });

  test("the button of the refusal switches the identity, and goes on", async () => {
    await encrypt();
    await identity("bob");
    const toast = await refused(/not readable as identity bob/, "KMS: Decrypt Selection");
    await toast.click("Switch Identity…");
    await window().quickInput.choose("alice");
    await window().editor.waitForText(TEXT);
  });

  test("the pickers tell what profiles and keys are, and keep apart what cannot be used; a chosen Region counts", async () => {
    const { quickInput } = window();
    const { config: text = "", credentials } = config();
    writeAwsHome(home, {
      config: `${text}\n[profile lost]\nrole_arn = arn:aws:iam::${"1".repeat(12)}:role/r\nsource_profile = nobody\n`,
      ...(credentials === undefined ? {} : { credentials }),
    });
    await window().runCommand("KMS: Choose Profile…");
    const profiles = await quickInput.waitForRows((rows) => rows.some((row) => row.startsWith("lost")));
    assert.match(profiles.join("\n"), /^encryptor, access keys/m);
    assert.match(profiles.at(-1) ?? "", /^lost, .*assume role from nobody.*"nobody" does not exist/);
    await quickInput.fill("lost");
    await quickInput.accept();
    assert.equal(await quickInput.title(), "Choose Profile");
    await quickInput.escape();

    await window().runCommand("KMS: Choose Key…");
    const keys = await quickInput.waitForRows((rows) => rows.some((row) => row.includes("rotation on")));
    assert.match(keys.join("\n"), /^alias\/app, account 000000000000, enabled, symmetric, rotation on/m);
    await quickInput.fill("alias/pending-deletion");
    const [doomed] = await quickInput.waitForRows((rows) => rows.length === 1);
    assert.match(doomed ?? "", /pending deletion, on 2035-01-01/);
    await quickInput.accept();
    assert.equal(await quickInput.title(), "Choose Key");
    await quickInput.escape();

    await window().runCommand("KMS: Choose Region…");
    await quickInput.choose("eu-central-1");
    const tooltip = await until(
      () => window().statusItem().tooltip(),
      (found) => found.includes("eu-central-1"),
    );
    assert.match(tooltip, /Region to encrypt: eu-central-1 \(chosen in the status bar\)/);
    await window().runCommand("KMS: Choose Region…");
    const [first] = await quickInput.waitForRows();
    assert.match(first ?? "", /^eu-central-1, Europe \(Frankfurt\)/);
    await quickInput.escape();
    await window().runCommand("KMS: Use Settings (Forget Choices)");
    await window().statusItem().waitForText(" · alice");
  });

  test("a name like an icon stays a name", async () => {
    await window().statusItem().click();
    await window().quickInput.choose("$(flame)");
    await window().statusItem().waitForText(" · $(flame)");
    await identity("alice");
  });

  test("Decrypt All in File decrypts what is alice's and says whose the others are", async () => {
    await identity("alice");
    const tokens = readFileSync(join(folder, "tokens.txt"), "utf8").split("\n");
    await window().openFile("tokens.txt");
    const before = server.requests.length;
    const { editor } = window();

    await window().runCommand("KMS: Decrypt All in File");
    await window().toast("37 decrypted, 2 belong to user_id=2.");
    const text = await editor.waitForText(/^secret of 1, number 0\nsecret of 1, number 1\n/);
    assert.equal(text.split("\n")[3], tokens[3]);
    // Nobody asked KMS about what is bob's.
    const asked = server.requests
      .slice(before)
      .map(({ operation, input }) => [operation, input?.EncryptionContext]);
    assert.deepEqual(asked, Array(37).fill(["Decrypt", { user_id: "1" }]));

    await editor.undo();
    await editor.waitForText((found) => found.split("\n")[0] === tokens[0]);
    await identity("bob");
    await editor.putCursor("ENC");
    const requests = server.requests.length;
    await window().runCommand("KMS: Decrypt Selection");
    await window().toast(/user_id/);
    assert.equal(server.requests.length, requests);
    assert.equal((await editor.text()).split("\n")[0], tokens[0]);
    await identity("alice");
    await window().openFile("config.yaml");
  });

  test("edits elsewhere move the selection along while KMS answers", async () => {
    const release = hold();
    const { editor, runCommand } = bound();
    await editor.select(SECRET);
    await runCommand("KMS: Encrypt Selection");
    await until(
      () => server.requests.length,
      (count) => count > release.count,
    );
    await editor.press("Control+Home");
    await editor.type("# typed meanwhile 😀\n");
    release.open();
    await editor.waitForText((text) =>
      /^# typed meanwhile 😀\nuser: admin\npassword: [A-Za-z0-9+/=]{60,}\n$/.test(text),
    );
  });

  test("an edit inside the selection stops the command, and nothing is written", async () => {
    const release = hold();
    const { editor, runCommand } = bound();
    await editor.select(SECRET);
    await runCommand("KMS: Encrypt Selection");
    await until(
      () => server.requests.length,
      (count) => count > release.count,
    );
    await editor.type("changed");
    release.open();
    await window().toast("the text changed");
    assert.equal(await editor.text(), "user: admin\npassword: changed\n");
  });

  test("a document that went out of view is shown before it is written", async () => {
    const release = hold();
    const { editor, runCommand } = bound();
    await editor.select(SECRET);
    await runCommand("KMS: Encrypt Selection");
    await until(
      () => server.requests.length,
      (count) => count > release.count,
    );
    await window().openFile("other.txt");
    release.open();
    const toast = await window().toast("config.yaml went out of view");
    assert.equal(await editor.text(), "other text\n");
    await toast.click("Show and Write");
    await editor.waitForText(/^user: admin\npassword: [A-Za-z0-9+/=]{60,}\n$/);
    await editor.undo();
    await editor.waitForText(TEXT);
  });

  test("a changed credentials file counts for the next operation", async () => {
    await encrypt();
    assert.equal(server.requests.at(-1)?.accessKeyId, "AKIAENCRYPTOR");
    const { credentials = "", ...others } = config();
    writeAwsHome(home, { ...others, credentials: credentials.replace("AKIAENCRYPTOR", "AKIARENEWED") });
    await window().runCommand("File: Revert File");
    await window().editor.waitForText(TEXT);
    await encrypt();
    assert.equal(server.requests.at(-1)?.accessKeyId, "AKIARENEWED");
  });

  test("a slow answer shows a spinner, and cancelling changes nothing", async () => {
    const release = hold();
    const { editor, runCommand } = bound();
    await editor.select(SECRET);
    await runCommand("KMS: Encrypt Selection");
    const progress = await window().toast("Encrypting 1 selection with alias/kms-poc");
    assert.equal(
      await window().page.locator(".statusbar-item .codicon-sync.codicon-modifier-spin").count(),
      1,
    );
    await progress.click("Cancel");
    await progress.gone();
    await until(
      () => server.requests.at(-1)?.aborted,
      (aborted) => aborted === true,
    );
    release.open();
    assert.equal(await editor.text(), TEXT);
    assert.deepEqual(await window().toasts(), []);
    await window()
      .statusItem()
      .waitForText(/^\s*alias\/kms-poc · alice$/);
  });

  test("HTTP 500 twice and then success goes through", async () => {
    const before = server.requests.length;
    server.fail((_, n) => (n <= 2 ? failWith(awsErrors.internalFailure()) : undefined));
    await encrypt();
    assert.equal(server.requests.length - before, 3);
  });

  test("throttling ends in words when it does not end", async () => {
    server.fail(() => failWith(awsErrors.throttling()));
    await refused(/request quota is used up/);
  });

  test("a connection that breaks off in mid-answer ends in words", async () => {
    server.fail(() => ({ destroy: "during" }));
    await refused(/could not reach|did not answer|not one of KMS/);
  });

  test("an answer that is no JSON ends in words", async () => {
    server.fail(() => ({
      answer: { status: 200, body: "<html>Please sign in</html>", contentType: "text/html" },
    }));
    await refused(/was not one of KMS/);
  });

  test("a refusal names the caller, and offers a policy statement", async () => {
    server.restrict((_, operation) =>
      awsErrors.accessDenied(
        "arn:aws:iam::000000000000:user/encryptor",
        operation,
        server.arn("alias/kms-poc"),
      ),
    );
    const toast = await refused(/user\/encryptor is not allowed kms:Encrypt on arn:aws:kms:/);
    await toast.click("Copy Policy Statement");
    const copied = await until(
      () => window().page.evaluate(() => navigator.clipboard.readText()),
      (text) => text.includes("kms:Encrypt"),
    );
    assert.deepEqual(JSON.parse(copied), {
      Effect: "Allow",
      Action: "kms:Encrypt",
      Resource: server.arn("alias/kms-poc"),
      Condition: { StringEquals: { "kms:EncryptionContext:user_id": "1" } },
    });
  });

  const refusals: readonly (readonly [identity: string, words: RegExp])[] = [
    ["disabled", /alias\/disabled is disabled/],
    ["doomed", /alias\/pending-deletion is pending deletion and will be deleted on \d{4}-\d\d-\d\d/],
    ["stranger", /there is no alias\/no-such-alias for profile encryptor, Region us-east-2/],
    ["nobody", /there is no profile "no-such-profile"/],
    ["far", /could not reach kms\.invalid .*Region eu-nowhere-1/],
    ["poor", /there are no AWS credentials for profile no-credentials/],
  ];
  for (const [name, words] of refusals) {
    test(`identity ${name}: ${words.source}`, async () => {
      await identity(name);
      try {
        await refused(words);
      } finally {
        await window().clearToasts();
        await identity("alice");
      }
    });
  }

  test("a malformed config file is named with its line, and opens there", async () => {
    writeAwsHome(home, {
      config: `[profile encryptor]\nendpoint_url = ${server.url}\n[profile broken\nregion = x\n`,
    });
    const toast = await refused(/line 3 of .*\.aws\/config is malformed/);
    await toast.click("Open AWS Config");
    await window().editor.waitForSelection(/^Ln 3, /);
    await window().runCommand("View: Close Editor");
  });

  test("a moved alias is explained; KMS finds the key, names it, and the text is re-encrypted unseen", async () => {
    const token = await encrypt();
    await identity("other");
    const toast = await refused(/encrypted under another key than alias\/other/, "KMS: Decrypt Selection");
    const before = server.requests.length;
    await toast.click("Let KMS Find the Key…");
    assert.match(await window().dialog.text(), new RegExp(server.arn(APP_KEY_ID)));
    await window().dialog.click("Re-encrypt under alias/other");
    const text = await window().editor.waitForText(
      (found) => /^user: admin\npassword: [A-Za-z0-9+/=]{60,}\n$/.test(found) && !found.includes(token),
    );
    assert.deepEqual(
      server.requests.slice(before).map(({ operation }) => operation),
      ["Decrypt", "ReEncrypt"],
    );
    const opened = await client.send(
      new DecryptCommand({
        KeyId: server.arn(OTHER_KEY_ID),
        CiphertextBlob: Buffer.from(text.split("password: ")[1] ?? "", "base64"),
        EncryptionContext: { user_id: "1" },
      }),
    );
    assert.equal(Buffer.from(opened.Plaintext ?? []).toString(), SECRET);
    await identity("alice");
  });

  test("the menu opens the settings of this extension, and no others", async () => {
    const { page, quickInput } = window();
    await window().statusItem().click();
    await quickInput.choose("Open Settings");
    const names = page.locator(".settings-editor .setting-item-category");
    const found = await until(
      () => names.allInnerTexts(),
      (texts) => texts.length > 2,
      "settings",
    );
    assert.deepEqual([...new Set(found.map((each) => each.trim()))], ["Kms Selection:"]);
    await page.keyboard.press("Escape");
    await page.locator(".settings-editor").waitFor({ state: "hidden" });
    await window().editor.focus();
  });

  test("the key that KMS finds is named before a secret is copied; Cancel copies nothing", async () => {
    const { page, dialog } = window();
    const clipboard = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());
    await encrypt();
    await identity("other");
    await page.evaluate(() => navigator.clipboard.writeText("something else"));
    for (const [button, copied] of [
      ["Cancel", "something else"],
      ["Copy", SECRET],
    ] as const) {
      const toast = await refused(/encrypted under another key than alias\/other/, "KMS: Copy Secret");
      await toast.click("Let KMS Find the Key…");
      assert.match(await dialog.text(), new RegExp(server.arn(APP_KEY_ID)));
      assert.equal(await clipboard(), "something else");
      await dialog.click(button);
      await until(clipboard, (text) => text === copied, `the clipboard to hold "${copied}"`);
      await window().clearToasts();
    }
    await identity("alice");
  });

  test("100 selections are encrypted in one undo, with a bounded number of requests at a time", async () => {
    const { editor, runCommand } = bound();
    const lines = Array.from({ length: 100 }, (_, n) => `value-${n}`).join("\n");
    writeFileSync(join(folder, "many.txt"), lines);
    await window().openFile("many.txt");
    await editor.selectAll();
    await runCommand("Add Cursors to Line Ends");
    await editor.press("Shift+Home");
    await editor.waitForSelection(/^100 selections/);
    const before = server.requests.length;
    await runCommand("KMS: Encrypt Selection");
    const sealed = await editor.waitForText((text) =>
      text.split("\n").every((line) => /^[A-Za-z0-9+/=]{60,}$/.test(line)),
    );
    assert.equal(server.requests.length - before, 100);
    await runCommand("KMS: Decrypt Selection");
    await editor.waitForText((text) => text.startsWith("value-0\nvalue-1\n"));
    assert.equal(server.requests.length - before, 200);
    // What is saved is sealed: 100 tokens, those of before, and for that nobody was asked.
    await editor.save();
    const saved = readFileSync(join(folder, "many.txt"), "utf8");
    assert.equal(saved.split("\n").length, 100);
    assert.ok(saved.startsWith(sealed));
    assert.equal(server.requests.length - before, 200);
    await editor.undo();
    await editor.waitForText((text) => text.startsWith("value-0\nvalue-1\n"));
    await editor.undo();
    await editor.waitForText((text) => saved.startsWith(text));
    await editor.undo();
    await editor.waitForText((text) => text.startsWith("value-0\nvalue-1\n"));
    await runCommand("File: Revert File");
    await runCommand("View: Close Editor");
  });

  /** Holds back every answer until `open`. */
  function hold(): { readonly count: number; open: () => void } {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    server.fail(() => ({ wait: opened }));
    return { count: server.requests.length, open };
  }
});
