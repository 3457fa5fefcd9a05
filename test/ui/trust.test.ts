/** What the settings of a workspace may decide: nothing in Restricted Mode, and the key and Region only after a look. */
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "mocha";
import { readHeader } from "../../src/aws/messageHeader";
import { temporaryFolder } from "../host/paths";
import { writeAwsHome } from "../support/awsHome";
import {
  APP_KEY_ID,
  OTHER_KEY_ID,
  startKmsServer,
  TEST_KEYS,
  TEST_REGION,
  type KmsServer,
} from "../support/kmsServer";
import { useWorkbench } from "./window";

const SECRET = "correct-horse-battery";

function writeWorkspace(folder: string, settings: Record<string, unknown>): string {
  mkdirSync(join(folder, ".vscode"), { recursive: true });
  writeFileSync(join(folder, ".vscode", "settings.json"), JSON.stringify(settings));
  const file = join(folder, "secrets.env");
  writeFileSync(file, `PASSWORD=${SECRET}\n`);
  return file;
}

suite("In an untrusted workspace", () => {
  const work = temporaryFolder();
  const folder = join(work.path, "workspace");
  const window = useWorkbench(() => {
    const file = writeWorkspace(folder, {
      "kmsSelection.keyAlias": "arn:aws:kms:eu-west-1:999999999999:alias/theirs",
      "kmsSelection.region": "eu-west-1",
      "kmsSelection.identity": "intruder",
      "kmsSelection.encryptionContext": { theirs: "yes" },
      "kmsSelection.outputFormat": "ENC[KMS]",
      "kmsSelection.profile": "theirs",
      "kmsSelection.identities": { alice: { keyAlias: "alias/theirs", region: "eu-west-1" } },
      "kmsSelection.sandbox": true,
    });
    return {
      folder,
      file,
      trust: true,
      settings: { "kmsSelection.keyAlias": "alias/mine", "kmsSelection.identity": "alice" },
    };
  });
  after(() => {
    work.remove();
  });

  test("its settings steer nothing", async () => {
    await window().page.getByText("Restricted Mode").first().waitFor();
    await window()
      .statusItem()
      .waitForText(/^\s*alias\/mine · alice$/);
    const tooltip = await window().statusItem().tooltip();
    assert.match(tooltip, /Key: alias\/mine \(from your settings\)/);
    assert.match(tooltip, /Context: identity=alice/);
    assert.doesNotMatch(tooltip, /theirs|eu-west-1|intruder|sandbox/i);
  });
});

suite("In a trusted workspace that names the key", () => {
  const work = temporaryFolder();
  const folder = join(work.path, "workspace");
  const home = join(work.path, "home");
  let server: KmsServer;
  before(async () => {
    server = await startKmsServer();
    writeAwsHome(home, {
      config: `[profile dev]\nendpoint_url = ${server.url}\n`,
      credentials: "[dev]\naws_access_key_id = AKIADEV\naws_secret_access_key = dev\n",
    });
  });
  after(async () => {
    await server.close();
    work.remove();
  });
  const window = useWorkbench(() => {
    const file = writeWorkspace(folder, {
      "kmsSelection.keyAlias": "alias/app",
      "kmsSelection.region": TEST_REGION,
      // Of machine scope: not theirs to decide, trusted or not.
      "kmsSelection.profile": "theirs",
      "kmsSelection.sandbox": true,
    });
    return { folder, file, home, settings: { "kmsSelection.profile": "dev" } };
  });

  test("the person sees account and ARN before the first use, and may say no", async () => {
    await window()
      .statusItem()
      .waitForText(/^\s*alias\/app · dev$/);
    await window().editor.select(SECRET);
    await window().runCommand("KMS: Encrypt Selection");
    const text = await window().dialog.text();
    assert.match(text, /settings of this workspace name the key and Region/);
    assert.match(text, new RegExp(`Account: 000000000000`));
    assert.ok(text.includes(server.arn("alias/app").replace(/:alias.*/, ":key/")), text);
    await window().dialog.click("Cancel");
    assert.equal(await window().editor.text(), `PASSWORD=${SECRET}\n`);
    assert.deepEqual(
      [server.requests, server.lookups].map((list) => list.map(({ operation }) => operation)),
      [[], ["DescribeKey"]],
    );
  });

  test("once agreed to, it is not asked again", async () => {
    const { editor } = window();
    await window().runCommand("KMS: Encrypt Selection");
    await window().dialog.click("Use This Key");
    await editor.waitForText(/^PASSWORD=[A-Za-z0-9+/=]{60,}\n$/);
    await window().runCommand("KMS: Decrypt Selection");
    await editor.waitForText(`PASSWORD=${SECRET}\n`);
  });

  test("when the workspace names another key, it is asked again", async () => {
    await window().editor.save();
    writeWorkspace(folder, { "kmsSelection.keyAlias": "alias/other", "kmsSelection.region": TEST_REGION });
    await window().reload();
    await window()
      .statusItem()
      .waitForText(/alias\/other/);
    await window().editor.select(SECRET);
    await window().runCommand("KMS: Encrypt Selection");
    assert.match(await window().dialog.text(), /alias\/other/);
    await window().dialog.click("Cancel");
    assert.equal(await window().editor.text(), `PASSWORD=${SECRET}\n`);
  });
});

suite("In a trusted workspace that names more keys", () => {
  const work = temporaryFolder();
  const folder = join(work.path, "workspace");
  const home = join(work.path, "home");
  const publicKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
  const fingerprint = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("hex");
  let server: KmsServer;
  before(async () => {
    server = await startKmsServer();
    writeAwsHome(home, {
      config: `[profile dev]\nendpoint_url = ${server.url}\n`,
      credentials: "[dev]\naws_access_key_id = AKIADEV\naws_secret_access_key = dev\n",
    });
  });
  after(async () => {
    await server.close();
    work.remove();
  });
  const window = useWorkbench(() => {
    const file = writeWorkspace(folder, {
      "kmsSelection.additionalKeys": [server.arn("alias/other")],
      "kmsSelection.recoveryPublicKey": publicKey.export({ type: "spki", format: "pem" }),
    });
    return {
      folder,
      file,
      home,
      settings: {
        "kmsSelection.keyAlias": "alias/app",
        "kmsSelection.region": TEST_REGION,
        "kmsSelection.profile": "dev",
      },
    };
  });

  test("the person sees them, with the recovery key's fingerprint, before the first use, and may say no", async () => {
    await window()
      .statusItem()
      .waitForText(/alias\/app · dev/);
    const tooltip = await window().statusItem().tooltip();
    assert.ok(
      tooltip.includes(`Additional key: ${server.arn("alias/other")} (from the folder's settings)`),
      tooltip,
    );
    assert.match(tooltip, /Recovery key: from the folder's settings/);
    await window().editor.select(SECRET);
    await window().runCommand("KMS: Encrypt Selection");
    const text = await window().dialog.text();
    assert.match(text, /settings of this workspace name the additional keys and recovery key/);
    assert.ok(text.includes(`Additional key: ${server.arn("alias/other")}`), text);
    assert.ok(text.includes(`Recovery key: RSA, SHA-256 ${fingerprint}`), text);
    await window().dialog.click("Cancel");
    assert.equal(await window().editor.text(), `PASSWORD=${SECRET}\n`);
    assert.ok(!server.requests.some(({ operation }) => operation !== "DescribeKey"));
  });

  test("agreed to, a text is sealed to all of them, and opens again", async () => {
    await window().runCommand("KMS: Encrypt Selection");
    await window().dialog.click("Use This Key");
    const text = await window().editor.waitForText(/^PASSWORD=AgR4[A-Za-z0-9+/=]{60,}\n$/);
    const sealed = readHeader(Buffer.from(text.slice("PASSWORD=".length), "base64")).encryptedDataKeys;
    assert.deepEqual(
      sealed.map(({ providerId, providerInfo }) => [providerId, providerInfo]),
      [
        ["aws-kms", server.arn(APP_KEY_ID)],
        ["aws-kms", server.arn(OTHER_KEY_ID)],
        ["kms-selection", fingerprint],
      ],
    );
    await window().runCommand("KMS: Decrypt Selection");
    await window().editor.waitForText(`PASSWORD=${SECRET}\n`);
  });

  test("if one of them cannot be used, it is named, and nothing is encrypted", async () => {
    server.setKeys(TEST_KEYS.filter(({ keyId }) => keyId !== OTHER_KEY_ID));
    // Within its minute the data key of the last text would serve again.
    await window().reload();
    await window().editor.select(SECRET);
    await window().runCommand("KMS: Encrypt Selection");
    await window().toast(/the additional key .*alias\/other could not be used/);
    assert.equal(await window().editor.text(), `PASSWORD=${SECRET}\n`);
  });
});

suite("With nothing configured", () => {
  const work = temporaryFolder();
  const window = useWorkbench(() => {
    const file = writeWorkspace(join(work.path, "workspace"), {});
    return { folder: join(work.path, "workspace"), file };
  });
  after(() => {
    work.remove();
  });

  test("a command offers the sandbox, and goes on with it", async () => {
    await window().statusItem().waitForText("KMS: no key");
    await window().editor.select(SECRET);
    await window().runCommand("KMS: Encrypt Selection");
    const toast = await window().toast("no key is set");
    await toast.click("Try in Sandbox");
    await window().editor.waitForText(/^PASSWORD=SANDBOX\/KMS\/[A-Za-z0-9+/=]+\n$/);
    await window().statusItem().waitForText("sandbox · alice");
  });

  test("a token of the sandbox says so when the sandbox is left", async () => {
    await window().runCommand("KMS: Leave Sandbox");
    await window().statusItem().waitForText("KMS: no key");
    await window().statusItem().click();
    await window().quickInput.choose("Choose Key…");
    await window().quickInput.type("arn:aws:kms:us-east-2:111122223333:alias/app");
    await window().quickInput.choose("Use arn:aws:kms:us-east-2:111122223333:alias/app");
    await window().statusItem().waitForText("alias/app · default");
    await window().runCommand("KMS: Decrypt Selection");
    const toast = await window().toast("this token was made in the sandbox");
    await toast.click("Try in Sandbox");
    await window().editor.waitForText(`PASSWORD=${SECRET}\n`);
  });

  test("the templates of the key and of its replica open as documents", async () => {
    await window().runCommand("KMS: Open Key Template");
    await window().editor.waitForText(/AWSTemplateFormatVersion.*one KMS key/s);
    await window().runCommand("KMS: Open Replica Template");
    await window().editor.waitForText(/AWSTemplateFormatVersion.*a replica of a multi-Region/s);
  });
});
