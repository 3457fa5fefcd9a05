/** From no key at all to the first encrypted secret, in a real window, with a CloudFormation and a KMS on loopback. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before } from "mocha";
import { temporaryFolder } from "../host/paths";
import { writeAwsHome } from "../support/awsHome";
import { filesWith } from "../support/filesWith";
import { startKmsServer, type KmsServer } from "../support/kmsServer";
import { stackErrors, startStackServer, type StackServer } from "../support/stackServer";
import { Stacks, stackProfiles } from "./stackWindow";
import { until } from "./until";
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
    writeAwsHome(home, stackProfiles(cloudFormation.url, kms.url));
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
  });

  const status = (): string | undefined => cloudFormation.stack("kms-selection")?.status;
  const actions = (): string[] => cloudFormation.requests.map(({ action }) => action);

  /** A stack with the template's defaults, made by the command. */
  async function deployed(): Promise<void> {
    await stacks.deploy();
    // A busy machine takes its time from one look at the events to the next.
    await (await window().toast("The stack kms-selection is there", 30_000)).dismiss();
    cloudFormation.forget();
  }

  test("deployed again without a change is up to date, and nothing is left of the question", async () => {
    await deployed();
    await stacks.askToDeploy();
    await window().quickInput.choose("Show What Changes…");
    await window().toast("The stack kms-selection is up to date: alias/kms-selection in us-east-2.");
    await until(actions, (all) => all.includes("DeleteChangeSet"));
    assert.ok(!actions().includes("ExecuteChangeSet"));
    assert.equal(status(), "CREATE_COMPLETE");
    assert.equal(cloudFormation.stack("kms-selection")?.changeSets.size, 0);
  });

  test("deployed again with another parameter is updated, and its own values are the ones to begin with", async () => {
    await deployed();
    await stacks.askToDeploy();
    await stacks.setText("Days between rotations", "89");
    await until(
      () => window().quickInput.message(),
      (message) => message.includes("It must be a whole number from 90 to 2560"),
    );
    await window().quickInput.fill("90");
    await window().quickInput.accept();
    await window().quickInput.choose("Show What Changes…");
    const question = await window().dialog.text();
    assert.match(question, /^Update the stack kms-selection in us-east-2\?/);
    assert.match(question, /Changes:\n.*KMS key: Key\n/s);
    assert.match(question, /It changes nothing in IAM\./);
    assert.doesNotMatch(question, /Creates|Replaces|Another key/);
    await window().dialog.click("Update Stack");
    await (await window().toast("The stack kms-selection is updated")).dismiss();
    assert.equal(cloudFormation.stack("kms-selection")?.parameters.RotationPeriodInDays, "90");
    await stacks.askToDeploy();
    const rows = await window().quickInput.waitForRows();
    assert.ok(
      rows.some((row) => row.startsWith("Days between rotations, 90,")),
      rows.join("\n"),
    );
    await stacks.setChoice("Can the key have replicas in other Regions?", "true");
    await window().quickInput.choose("Show What Changes…");
    assert.match(await window().dialog.text(), /Replaces:\n.*KMS key: Key.*Another key takes the place/s);
    await window().dialog.click("Cancel");
    await until(actions, (all) => all.at(-1) === "DescribeStacks");
    assert.equal(cloudFormation.stack("kms-selection")?.changeSets.size, 0);
    assert.equal(status(), "UPDATE_COMPLETE");
  });

  test("that fails names the resource and the reason, and is deleted and made anew when asked", async () => {
    const reason =
      'Resource handler returned message: "[click](command:kmsSelection.trySandbox) exists", secret wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
    cloudFormation.failResource({ resource: "EncryptorUser", reason });
    await stacks.deploy();
    const toast = await window().toast("EncryptorUser (AWS::IAM::User) failed");
    const text = await toast.text();
    assert.match(text, /^Can't deploy the key stack: .*Resource handler returned message/);
    assert.match(text, /all that it had made was removed\. No setting was changed\.$/);
    assert.ok(text.includes("[click] (command:kmsSelection.trySandbox)"), text);
    assert.ok(!text.includes("wJalr"), text);
    assert.equal(status(), "ROLLBACK_COMPLETE");
    cloudFormation.failResource(undefined);
    await toast.click("Try Again");
    await stacks.giveName("kms-selection");
    assert.match(await window().dialog.text(), /could not be created the last time \(ROLLBACK_COMPLETE\)/);
    await window().dialog.click("Delete and Create Anew");
    await window().quickInput.choose("Show What Changes…");
    await window().dialog.click("Create Stack");
    await window().toast("The stack kms-selection is there");
    assert.deepEqual(
      cloudFormation.stacks.map((stack) => stack.status),
      ["DELETE_COMPLETE", "CREATE_COMPLETE"],
    );
  });

  test("whose changes are not agreed to leaves nothing behind", async () => {
    const state = await window().statusItem().text();
    await stacks.askToDeploy();
    await window().quickInput.choose("Show What Changes…");
    await window().dialog.text();
    await window().dialog.click("Cancel");
    await until(status, (found) => found === undefined);
    assert.ok(!actions().includes("ExecuteChangeSet"));
    assert.deepEqual(await window().toasts(), []);
    assert.equal(await window().statusItem().text(), state);
  });

  test("of which another window still asks is not deleted with one's own question", async () => {
    await stacks.askToDeploy();
    await window().quickInput.choose("Show What Changes…");
    await window().dialog.text();
    cloudFormation.addChangeSet(cloudFormation.stack("kms-selection")!, "kms-selection-of-another-window");
    await window().dialog.click("Cancel");
    await until(actions, (all) => all.includes("DeleteChangeSet") && all.at(-1) === "ListChangeSets");
    assert.equal(status(), "REVIEW_IN_PROGRESS");
    assert.equal(cloudFormation.stack("kms-selection")?.changeSets.size, 1);
  });

  test("cancelled while CloudFormation works out the changes leaves nothing behind", async () => {
    let go = (): void => undefined;
    const wait = new Promise<void>((resolve) => (go = resolve));
    cloudFormation.fail(({ action }) => (action === "CreateChangeSet" ? { wait } : undefined));
    await stacks.askToDeploy();
    await window().quickInput.choose("Show What Changes…");
    await stacks.cancel("Asking what would change");
    go();
    await until(actions, (all) => all.includes("DeleteStack"));
    await until(status, (found) => found === undefined);
    assert.deepEqual(await window().toasts(), []);
  });

  test("goes on when cancel is taken back, and is deleted when it is not", async () => {
    cloudFormation.hold(true);
    await stacks.deploy();
    await stacks.cancel("Creating the stack kms-selection");
    assert.match(await window().dialog.text(), /is being created\. Is it to go on\?/);
    await window().dialog.click("Go On");
    await stacks.cancel("Creating the stack kms-selection");
    await window().dialog.text();
    await window().dialog.click("Delete Stack");
    // Let go before, its creation could end first, and then it is kept.
    await until(actions, (found) => found.includes("DeleteStack"), "the stack to be deleted");
    cloudFormation.hold(false);
    await window().toast("The stack kms-selection was deleted.");
    assert.equal(status(), undefined);
    assert.ok(!(await window().toasts()).some(({ buttons }) => buttons.includes("Use This Key…")));
  });

  test("is taken over when it was finished while it was asked whether to go on", async () => {
    cloudFormation.hold(true);
    await stacks.deploy();
    await stacks.cancel("Creating the stack kms-selection");
    await window().dialog.text();
    cloudFormation.finish("kms-selection");
    await window().dialog.click("Delete Stack");
    await window().toast("The stack kms-selection is there");
    assert.equal(status(), "CREATE_COMPLETE");
  });

  test("whose update is cancelled is rolled back", async () => {
    await deployed();
    await stacks.askToDeploy();
    await stacks.setChoice("New key material at intervals?", "false");
    cloudFormation.hold(true);
    await window().quickInput.choose("Show What Changes…");
    await window().dialog.click("Update Stack");
    await stacks.cancel("Updating the stack kms-selection");
    await window().dialog.click("Roll Back");
    cloudFormation.hold(false);
    await window().toast("The stack kms-selection is as it was before.");
    assert.equal(status(), "UPDATE_ROLLBACK_COMPLETE");
  });

  test("leaves a stack of the same name alone that is not of the template", async () => {
    for (const state of ["CREATE_COMPLETE", "ROLLBACK_COMPLETE"]) {
      cloudFormation.reset();
      cloudFormation.add({
        name: "kms-selection",
        status: state,
        parameters: { AliasName: "alias/payroll" },
      });
      await stacks.askForPlace("KMS: Deploy Key Stack…");
      await stacks.giveName("kms-selection");
      await (await window().toast("there is another stack named kms-selection")).dismiss();
    }
    cloudFormation.reset();
    const review = cloudFormation.add({ name: "kms-selection", status: "REVIEW_IN_PROGRESS" });
    cloudFormation.addChangeSet(review, "of-the-payroll");
    await stacks.askForPlace("KMS: Deploy Key Stack…");
    await stacks.giveName("kms-selection");
    await window().toast("there is another stack named kms-selection");
    assert.deepEqual(
      actions().filter((action) => !/^(Describe|List)/.test(action)),
      [],
    );
  });

  test("left in review by a window that was closed is started over when asked", async () => {
    const review = cloudFormation.add({ name: "kms-selection", status: "REVIEW_IN_PROGRESS" });
    cloudFormation.addChangeSet(review, "kms-selection-of-a-closed-window");
    await stacks.askForPlace("KMS: Deploy Key Stack…");
    await stacks.giveName("kms-selection");
    assert.match(await window().dialog.text(), /Somebody began to create the stack kms-selection/);
    await window().dialog.click("Delete and Create Anew");
    await window().quickInput.choose("Show What Changes…");
    await window().dialog.click("Create Stack");
    await window().toast("The stack kms-selection is there");
    assert.equal(review.status, "DELETE_COMPLETE");
  });

  test("whose question cannot be taken back says so, and the next deployment offers to", async () => {
    await stacks.askToDeploy();
    await window().quickInput.choose("Show What Changes…");
    await window().dialog.text();
    refuse("DeleteChangeSet", stackErrors.denied("DeleteChangeSet"));
    await window().dialog.click("Cancel");
    await (await window().toast("The change set of the stack kms-selection could not be removed.")).dismiss();
    assert.equal(status(), "REVIEW_IN_PROGRESS");
    cloudFormation.fail(undefined);
    await stacks.askToDeploy();
    await window().dialog.click("Delete and Create Anew");
    await window().quickInput.choose("Show What Changes…");
    await window().dialog.click("Create Stack");
    await window().toast("The stack kms-selection is there");
    assert.equal(status(), "CREATE_COMPLETE");
  });

  /** And uses its key. */
  async function deployForCarol(parameters: Readonly<Record<string, string>> = {}): Promise<void> {
    await stacks.askToDeploy();
    const users = {
      "Identity of the user who encrypts": "carol",
      "Identity of the user who decrypts": "carol",
    };
    for (const [label, value] of Object.entries({ ...parameters, ...users })) {
      await stacks.setText(label, value);
      await window().quickInput.accept();
    }
    await window().quickInput.choose("Show What Changes…");
    await window().dialog.click("Create Stack");
    await (await window().toast("The stack kms-selection is there")).click("Use This Key…");
  }

  test("with another context key sets the context that the key demands", async () => {
    await deployForCarol({ "Name of the identity in the encryption context": "user_id" });
    await window().quickInput.choose("In This Workspace, for Me");
    await window().quickInput.choose("kms-encrypt");
    await window().quickInput.choose("kms-decrypt");
    await window().toast("is set in this workspace, for you");
    const { editor } = window();
    await editor.select("correct-horse");
    await window().runCommand("KMS: Encrypt Selection");
    await editor.waitForText(/^password: [A-Za-z0-9+/=]{60,}\n$/);
    assert.deepEqual(kms.requests.at(-1)?.input?.EncryptionContext, { user_id: "carol" });
    await window().runCommand("KMS: Decrypt Selection");
    await editor.waitForText("password: correct-horse\n");
  });

  test("in the workspace's settings, its context wins over another one that the identity had", async () => {
    await deployForCarol();
    await window().quickInput.choose("In the Workspace's Settings, for Everyone");
    await window().quickInput.choose("kms-encrypt");
    await window().quickInput.choose("kms-decrypt");
    await window().toast("is set in the workspace's settings");
    const { editor } = window();
    await editor.select("correct-horse");
    await window().runCommand("KMS: Encrypt Selection");
    await window().dialog.click("Use This Key");
    await editor.waitForText(/^password: [A-Za-z0-9+/=]{60,}\n$/);
    assert.deepEqual(kms.requests.at(-1)?.input?.EncryptionContext, { identity: "carol" });
    await window().runCommand("KMS: Decrypt Selection");
    // By another profile.
    await window().dialog.click("Use This Key");
    await editor.waitForText("password: correct-horse\n");
  });

  test("without users asks for no profiles of theirs, and leaves the identity as it is", async () => {
    await stacks.askToDeploy();
    await stacks.setChoice("Make an encryptor and a decryptor user?", "false");
    await window().quickInput.choose("Show What Changes…");
    assert.doesNotMatch(await window().dialog.text(), /IAM user|access key|secret/);
    await window().dialog.click("Create Stack");
    const toast = await window().toast("The stack kms-selection is there");
    assert.deepEqual(
      (await window().toasts()).map(({ buttons }) => buttons),
      [["Use This Key…"]],
    );
    await toast.click("Use This Key…");
    await window().quickInput.choose("In This Workspace, for Me");
    await window().toast("alias/kms-selection in us-east-2 is set in this workspace, for you.");
  });

  test("refusals say what is missing", async () => {
    const refusals: [action: string, fault: Parameters<typeof refuse>[1], words: RegExp][] = [
      [
        "DescribeStacks",
        stackErrors.denied("DescribeStacks"),
        /user\/dev is not allowed cloudformation:DescribeStacks on .*administrator/,
      ],
      ["DescribeStacks", stackErrors.expired(), /credentials of profile admin have expired/],
      ["DescribeStacks", { body: "<html>Sign in to the hotel</html>" }, /not one of CloudFormation/],
      // As where a Region has no CloudFormation, or there is no such Region.
      ["DescribeStacks", { cut: true }, /could not reach .*Region/],
      ["CreateChangeSet", stackErrors.throttled(), /CloudFormation's request quota/],
      [
        "ExecuteChangeSet",
        stackErrors.denied("ExecuteChangeSet"),
        /is not allowed cloudformation:ExecuteChangeSet/,
      ],
    ];
    for (const [action, fault, words] of refusals) {
      refuse(action, fault);
      await stacks.askForPlace("KMS: Deploy Key Stack…");
      await stacks.giveName("kms-selection");
      if (action !== "DescribeStacks") await window().quickInput.choose("Show What Changes…");
      if (action === "ExecuteChangeSet") await window().dialog.click("Create Stack");
      await (await window().toast(words)).dismiss();
      await until(status, (found) => found === undefined);
    }
    cloudFormation.reset();
    cloudFormation.add({ name: "kms-selection", status: "UPDATE_IN_PROGRESS" });
    await stacks.askForPlace("KMS: Deploy Key Stack…");
    await stacks.giveName("kms-selection");
    await window().toast(/being worked on \(UPDATE_IN_PROGRESS\)/);
  });

  function refuse(action: string, fault: ReturnType<Parameters<StackServer["fail"]>[0] & object>): void {
    cloudFormation.fail((request) => (request.action === action ? fault : undefined));
  }

  test("that cannot be watched any more is said to go on", async () => {
    await stacks.askToDeploy();
    await window().quickInput.choose("Show What Changes…");
    await window().dialog.text();
    cloudFormation.fail(({ action }, n) =>
      action === "DescribeStackEvents" && n > 2 ? stackErrors.expired() : undefined,
    );
    await window().dialog.click("Create Stack");
    await until(
      () => window().toasts(),
      (toasts) => toasts.some(({ text }) => /could no longer be watched: .*expired.*goes on/.test(text)),
      "the message",
      30_000,
    );
  });

  test("is copied as a command for a POSIX shell, with the parameters that were changed", async () => {
    await stacks.askToDeploy("my-stack");
    await stacks.setText("Alias of the key", "alias/team");
    await window().quickInput.accept();
    await window().quickInput.choose("Copy AWS CLI Command");
    await (await window().toast("quoted for a POSIX shell")).dismiss();
    assert.match(
      await stacks.pasted(),
      /^aws cloudformation deploy --stack-name my-stack --template-file \S+\/infra\.yaml --capabilities CAPABILITY_IAM --region us-east-2 --profile admin --parameter-overrides AliasName=alias\/team$/,
    );
    assert.deepEqual(actions(), ["DescribeStacks"]);
  });

  test("that exists is found by its outputs, and set in the workspace's settings; others are not offered", async () => {
    await deployed();
    const outputs = { KeyAlias: "alias/[x](command:y)", KeyArn: "arn", Region: "us-east-2" };
    cloudFormation.add({ name: "hostile", status: "CREATE_COMPLETE", outputs });
    cloudFormation.add({ name: "payroll", status: "CREATE_COMPLETE" });
    await stacks.askForPlace("KMS: Use Existing Stack…");
    const rows = await window().quickInput.waitForRows((found) =>
      found.some((row) => row.startsWith("kms-selection")),
    );
    assert.deepEqual(rows, ["kms-selection, alias/kms-selection, alice"]);
    await window().quickInput.choose("kms-selection");
    await (
      await window().toast("alias/kms-selection in us-east-2, of the stack kms-selection.")
    ).click("Use This Key…");
    await window().quickInput.choose("In the Workspace's Settings, for Everyone");
    await window().quickInput.choose("kms-encrypt");
    await window().quickInput.choose("kms-decrypt");
    await window().toast("is set in the workspace's settings");
    assert.deepEqual(stacks.workspaceSettings(folder), {
      "kmsSelection.keyAlias": "alias/kms-selection",
      "kmsSelection.region": "us-east-2",
      "kmsSelection.identity": "alice",
    });
    await window().statusItem().waitForText("alias/kms-selection · alice");
  });

  test("shows no secret anywhere", () => {
    const { code } = window();
    // The stand-in resolves secrets with this value; a real one is read from Secrets Manager by the person alone.
    for (const secret of ["SECRET-ACCESS-KEY", "wJalrXUtnFEMI"]) {
      assert.deepEqual([...filesWith(code.data, secret), ...filesWith(folder, secret)], []);
      assert.ok(![code.log(), ...code.console].some((line) => line.includes(secret)));
    }
    assert.ok(filesWith(code.data, "deploy: CREATE_COMPLETE").length > 0, "the log was searched");
  });
});
