/** From no key at all to the first encrypted secret, in a real window, with a CloudFormation and a KMS on loopback. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before } from "mocha";
import { temporaryFolder } from "../host/paths";
import { startKmsServer, TEST_REGION, type KmsServer } from "../support/kmsServer";
import { startStackServer, type StackServer } from "../support/stackServer";
import { Stacks, stackHome } from "./stackWindow";
import { useWorkbench } from "./window";

suite("The key stack", () => {
  const work = temporaryFolder();
  const home = join(work.path, "home");
  const folder = join(work.path, "workspace");
  const file = join(folder, "config.yaml");
  let cloudFormation: StackServer;
  let kms: KmsServer;
  before(async () => {
    cloudFormation = await startStackServer();
    const keyId = "11111111-1111-4111-8111-111111111111";
    kms = await startKmsServer({ keys: [{ keyId, aliases: ["alias/kms-selection"] }] });
    stackHome(home, cloudFormation.url, kms.url);
    mkdirSync(folder);
    writeFileSync(file, "password: correct-horse\n");
  });
  after(async () => {
    await Promise.all([cloudFormation.close(), kms.close()]);
    work.remove();
  });
  const window = useWorkbench(() => ({ folder, file, home }));
  const stacks = new Stacks(window);
  afterEach(async () => {
    cloudFormation.reset();
    await window().clearToasts();
  });

  test("is deployed from an empty account, and its key encrypts", async () => {
    await stacks.askToDeploy();
    const rows = await window().quickInput.waitForRows();
    assert.ok(
      rows.some((row) => row.startsWith("Alias of the key, alias/kms-selection, The name that")),
      rows.join("\n"),
    );
    await window().quickInput.choose("Show What Changes…");
    const question = await window().dialog.text();
    assert.match(question, /^Create the stack kms-selection in us-east-2\?/);
    assert.match(question, /Account 111122223333, profile admin/);
    assert.match(question, /KMS key: Key\n.*KMS alias: Alias\n/s);
    assert.match(question, /CAPABILITY_IAM\): IAM policies, groups, users and access keys/);
    assert.equal(cloudFormation.stack("kms-selection")?.status, "REVIEW_IN_PROGRESS");
    await window().dialog.click("Create Stack");
    const toast = await window().toast("The stack kms-selection is there: alias/kms-selection in us-east-2.");
    await toast.click("Use This Key…");
    await window().quickInput.choose("In This Workspace, for Me");
    await window().quickInput.choose("kms-encrypt");
    await window().quickInput.choose("kms-decrypt");
    await window().statusItem().waitForText("alias/kms-selection · alice");
    const { editor } = window();
    await editor.select("correct-horse");
    await window().runCommand("KMS: Encrypt Selection");
    await editor.waitForText(/^password: [A-Za-z0-9+/=]{60,}\n$/);
    await window().runCommand("KMS: Decrypt Selection");
    await editor.waitForText("password: correct-horse\n");
    const callers = kms.requests.map(({ operation, accessKeyId }) => [operation, accessKeyId]);
    assert.deepEqual(callers, [
      ["Encrypt", "AKIAENCRYPTOR"],
      ["Decrypt", "AKIADECRYPTOR"],
    ]);
    assert.equal(
      cloudFormation.requests
        .find(({ action }) => action === "ExecuteChangeSet")
        ?.input.get("RetainExceptOnCreate"),
      "true",
    );
    assert.equal(readFileSync(file, "utf8"), "password: correct-horse\n");
    assert.equal(TEST_REGION, kms.region);
  });
});
