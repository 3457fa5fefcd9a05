/**
 * The key stack in an account that is not ours: infra.yaml as it is goes to LocalStack by the command in a real window,
 * the access keys come out of its Secrets Manager by the commands that the window copies, run by the AWS CLI, and with
 * them text is encrypted and decrypted. LocalStack keeps policies, but those of keys, and looks at none: what they allow
 * is tested in test/unit/infra.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { after, before } from "mocha";
import { temporaryFolder } from "../host/paths";
import { writeAwsHome } from "../support/awsHome";
import type { ChildServer } from "../support/childServer";
import { filesWith } from "../support/filesWith";
import { startRecorder, type Recorder } from "../support/recorder";
import { Stacks } from "../ui/stackWindow";
import { until } from "../ui/until";
import { useWorkbench } from "../ui/window";
import { keyTemplate } from "../unit/infra/keyStack";
import { REGION, startLocalStack } from "./emulators";
import { findAwsCli, findLocalStack } from "./python";

const localStack = findLocalStack();
const awsCli = findAwsCli();
if ("missing" in localStack) console.log(`  The key stack is left out: ${localStack.missing}`);
else if ("missing" in awsCli) console.log(`  The key stack is left out: ${awsCli.missing}`);
else defineSuite(localStack.python, awsCli.python);

const TEXT = "password: correct-horse\n";
/** LocalStack makes some resources in seconds. */
const DEPLOYED_MS = 60_000;

function defineSuite(python: string, cliPython: string): void {
  suite("the key stack, the account being in LocalStack", function () {
    this.timeout(120_000);
    const work = temporaryFolder();
    const home = join(work.path, "home");
    const folder = join(work.path, "workspace");
    const file = join(folder, "config.yaml");
    let server: ChildServer;
    /** What the window says to LocalStack, and hears. The AWS CLI reads secrets past it. */
    let recorder: Recorder;
    before(async () => {
      server = await startLocalStack(python);
      recorder = await startRecorder(server.url);
      const profiles = ["admin", "kms-encrypt", "kms-decrypt"].map(
        (name) => `[profile ${name}]\nendpoint_url = ${recorder.url}\nservices = secrets\n`,
      );
      writeAwsHome(home, {
        config: [`[services secrets]\nsecrets_manager =\n  endpoint_url = ${server.url}\n`, ...profiles].join(
          "\n",
        ),
        credentials: "[admin]\naws_access_key_id = AKIAADMIN\naws_secret_access_key = admin\n",
      });
      mkdirSync(folder);
      writeFileSync(file, TEXT);
    });
    after(async () => {
      await recorder.close();
      await server.close();
      work.remove();
    });
    const window = useWorkbench(() => ({ folder, file, home }));
    const stacks = new Stacks(window);
    const users: { readonly id: string; readonly secret: string }[] = [];

    /** As a person's shell would. */
    async function run(command: string, input = ""): Promise<string> {
      const PATH = [dirname(cliPython), process.env.PATH].join(delimiter);
      const running = promisify(execFile)("sh", ["-c", command], {
        encoding: "utf8",
        env: { PATH, HOME: home },
      });
      running.child.stdin?.end(input);
      return (await running).stdout;
    }

    /** As an administrator's would. */
    async function aws(command: string): Promise<unknown> {
      return JSON.parse(await run(`aws ${command} --region ${REGION} --profile admin --output json`));
    }

    async function outputs(): Promise<Record<string, string>> {
      const pairs = await aws(
        "cloudformation describe-stacks --stack-name kms-selection --query Stacks[0].Outputs",
      );
      return Object.fromEntries(
        (pairs as { OutputKey: string; OutputValue: string }[]).map(({ OutputKey, OutputValue }) => [
          OutputKey,
          OutputValue,
        ]),
      );
    }
    const stackNames = () => aws("cloudformation describe-stacks --query Stacks[].StackName");

    test("a question about the changes that is not agreed to leaves the account empty and nothing set", async () => {
      const before = await window().statusItem().text();
      await stacks.askToDeploy();
      await window().quickInput.choose("Show What Changes…");
      await window().dialog.text();
      await window().dialog.click("Cancel");
      await until(stackNames, (names) => Array.isArray(names) && names.length === 0);
      assert.deepEqual(await aws("iam list-users --query Users[]"), []);
      assert.equal(await window().statusItem().text(), before);
    });

    test("Deploy Key Stack makes all that the template has", async () => {
      await stacks.askToDeploy();
      await window().quickInput.choose("Show What Changes…");
      assert.match(await window().dialog.text(), /IAM access key: \w+AccessKey, \w+AccessKey\n/);
      await window().dialog.click("Create Stack");
      const toast = await window().toast(
        /The stack kms-selection is there: alias\/kms-selection in us-east-2\./,
        DEPLOYED_MS,
      );
      // By ID: a stack that was given up before has the name too.
      const id = await aws("cloudformation describe-stacks --query Stacks[0].StackId");
      const made = (await aws(
        `cloudformation describe-stack-resources --stack-name ${String(id)} --query "StackResources[?ResourceStatus=='CREATE_COMPLETE'].LogicalResourceId"`,
      )) as string[];
      const wanted = Object.entries(keyTemplate.Resources)
        .filter(([, { Condition }]) => Condition !== "WithSecretReader")
        .map(([name]) => name);
      assert.deepEqual(
        wanted.filter((name) => !made.includes(name)),
        [],
      );
      await toast.click("Copy Profile Commands");
    });

    test("the copied commands make profiles of the stack's users", async () => {
      const commands = (await stacks.pasted()).split("\n");
      assert.equal(commands.length, 4);
      for (const [n, profile] of ["kms-encrypt", "kms-decrypt"].entries()) {
        const [read = "", configure = ""] = commands.slice(2 * n);
        assert.match(
          read,
          /^aws secretsmanager get-secret-value --secret-id arn:\S+ --region us-east-2 --profile admin /,
        );
        assert.equal(configure, `aws configure --profile ${profile} --region us-east-2`);
        const { AccessKeyId = "", SecretAccessKey = "" } = JSON.parse(await run(read)) as Record<
          string,
          string
        >;
        await run(configure, `${AccessKeyId}\n${SecretAccessKey}\n${REGION}\n\n`);
        users.push({ id: AccessKeyId, secret: SecretAccessKey });
      }
      assert.equal(new Set(users.map(({ secret }) => secret)).size, 2);
    });

    test("the first secret is encrypted and decrypted with the users' keys, bound to alice", async () => {
      await (await window().toast("The commands are on the clipboard")).click("Use This Key…");
      await window().quickInput.choose("In This Workspace, for Me");
      await window().quickInput.choose("kms-encrypt");
      await window().quickInput.choose("kms-decrypt");
      const { editor } = window();
      await window().statusItem().waitForText("alias/kms-selection · alice");
      await editor.select("correct-horse");
      await window().runCommand("KMS: Encrypt Selection");
      const text = await editor.waitForText(/^password: [A-Za-z0-9+/=]{60,}\n$/);
      const blob = join(work.path, "blob");
      writeFileSync(blob, Buffer.from(text.slice("password: ".length), "base64"));
      const decrypt = (identity: string) =>
        aws(`kms decrypt --ciphertext-blob fileb://${blob} --encryption-context identity=${identity}`);
      const { Plaintext } = (await decrypt("alice")) as { Plaintext: string };
      assert.equal(Buffer.from(Plaintext, "base64").toString(), "correct-horse");
      await assert.rejects(decrypt("bob"), /InvalidCiphertextException/);
      await window().runCommand("KMS: Decrypt Selection");
      await editor.waitForText(TEXT);
      const callers = recorder.exchanges
        .filter(({ accessKeyId }) => accessKeyId !== "AKIAADMIN")
        .filter(({ operation }) => operation === "Encrypt" || operation === "Decrypt")
        .map(({ operation, accessKeyId }) => [operation, accessKeyId]);
      assert.deepEqual(callers, [
        ["Encrypt", users[0]?.id],
        ["Decrypt", users[1]?.id],
      ]);
    });

    for (const [role, verb, other] of [
      ["Encryptor", "Encrypt", "Decrypt"],
      ["Decryptor", "Decrypt", "Encrypt"],
    ] as const)
      test(`the ${role.toLowerCase()} is alice, and in one group, whose policy is for this key and has no kms:${other}`, async () => {
        const out = await outputs();
        const user = out[`${role}UserName`];
        assert.deepEqual(
          await aws(`iam list-user-tags --user-name ${user} --query "Tags[?Key=='identity'].Value"`),
          ["alice"],
        );
        assert.deepEqual(
          await aws(`iam list-groups-for-user --user-name ${user} --query Groups[].GroupName`),
          [out[`${verb}GroupName`]],
        );
        const policies = await aws(
          `iam list-attached-group-policies --group-name ${out[`${verb}GroupName`]} --query AttachedPolicies[].PolicyArn`,
        );
        assert.deepEqual(policies, [out[`${verb}PolicyArn`]]);
        const document = (await aws(
          `iam get-policy-version --policy-arn ${out[`${verb}PolicyArn`]} --version-id v1 --query PolicyVersion.Document`,
        )) as { Statement: { Action: string | string[]; Resource: string }[] };
        const granted = document.Statement.flatMap(({ Action, Resource }) =>
          [Action].flat().map((action) => [action, Resource]),
        );
        assert.deepEqual(
          granted.filter(([, resource]) => resource !== out.KeyArn),
          [["kms:ListAliases", "*"]],
        );
        const actions = granted.map(([action]) => action);
        assert.ok(actions.includes(`kms:${verb}`) && !actions.includes(`kms:${other}`), actions.join());
      });

    test("a second run of the command updates the stack, and its keys go on", async () => {
      const before = await outputs();
      await window().clearToasts();
      await stacks.askToDeploy();
      await stacks.setText("Days between rotations", "180");
      await window().quickInput.accept();
      await window().quickInput.choose("Show What Changes…");
      assert.match(await window().dialog.text(), /^Update the stack kms-selection/);
      await window().dialog.click("Update Stack");
      await (await window().toast("The stack kms-selection is updated", DEPLOYED_MS)).dismiss();
      assert.deepEqual(await outputs(), before);
      assert.deepEqual(
        await aws(
          "cloudformation describe-stacks --stack-name kms-selection --query \"Stacks[0].Parameters[?ParameterKey=='RotationPeriodInDays'].ParameterValue\"",
        ),
        ["180"],
      );
      await window().editor.select("correct-horse");
      await window().runCommand("KMS: Encrypt Selection");
      await window().editor.waitForText(/^password: [A-Za-z0-9+/=]{60,}\n$/);
    });

    test("a stack that fails shows which resource and why, and changes nothing of what is set", async () => {
      const before = await window().statusItem().text();
      await stacks.askToDeploy("a-second-one"); // with the alias of the first
      await window().quickInput.choose("Show What Changes…");
      await window().dialog.click("Create Stack");
      const toast = await window().toast("Can't deploy the key stack", DEPLOYED_MS);
      assert.match(
        await toast.text(),
        /Alias \(AWS::KMS::Alias\) failed: .*alias\/kms-selection already exists/,
      );
      assert.equal(await window().statusItem().text(), before);
    });

    test("no secret access key is in an answer, a log, a setting, a state or a file of the window's", () => {
      assert.equal(users.length, 2);
      const { code } = window();
      for (const { secret } of users) {
        for (const place of [code.data, folder]) assert.deepEqual(filesWith(place, secret), []);
        assert.ok(![code.log(), ...code.console].some((line) => line.includes(secret)));
        const answers = recorder.exchanges.filter(({ answer }) => answer.includes(secret));
        assert.deepEqual(
          answers.map(({ service, operation }) => `${service} ${operation}`),
          [],
        );
        assert.equal(filesWith(home, secret).length, 1, "what the AWS CLI wrote is found");
      }
      assert.ok(recorder.exchanges.some(({ answer }) => answer.includes("EncryptorSecretArn")));
      assert.deepEqual(
        recorder.exchanges.filter(({ service }) => service === "secretsmanager"),
        [],
      );
    });
  });
}
