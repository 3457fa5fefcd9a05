/**
 * Files written by a real window, opened by other people's clients, and the other way round: the proof of concept's own
 * key, context, Region and form, against the sandbox and each emulator.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DescribeKeyCommand } from "@aws-sdk/client-kms";
import { root, temporaryFolder } from "../host/paths";
import { writeAwsHome } from "../support/awsHome";
import { startKmsServer } from "../support/kmsServer";
import { useWorkbench } from "../ui/window";
import { awsCli, type AwsCli } from "./awsCli";
import { findEmulators, REGION } from "./emulators";
import { findAwsCli, findPython, runScript } from "./python";
import { connect, type Server, withKeys } from "./worlds";

const MESSAGE = "correct horse battery staple";
/** Too large for KMS itself. */
const LARGE = `${"-----BEGIN SOMETHING-----\n".repeat(400)}end\n`;
const KEY = "alias/kms-poc";
const CONTEXT = { user_id: "1" };
const ANOTHER = { user_id: "2" };

const python = findPython();
const cli = findAwsCli();
if ("missing" in python)
  console.log(`  What a window writes is not tried with other clients: ${python.missing}`);
else if ("missing" in cli)
  console.log(`  What a window writes is not tried with other clients: ${cli.missing}`);
else {
  const servers: [name: string, start: () => Promise<Server>][] = [
    ["the sandbox", () => startKmsServer({ region: REGION })],
    ...findEmulators().found.map(({ name, start }): [string, () => Promise<Server>] => [
      name,
      () => withKeys(start(), ["kms-poc"]),
    ]),
  ];
  for (const [name, start] of servers) defineSuite(name, start, python.python, cli.python);
}

function defineSuite(name: string, start: () => Promise<Server>, withSdk: string, withCli: string): void {
  suite(`files of a real window, the KMS being ${name}`, function () {
    this.timeout(120_000);
    const work = temporaryFolder();
    const folder = join(work.path, "workspace");
    const home = join(work.path, "home");
    const inFolder = (file: string) => join(folder, file);
    let server: Server;
    let keyArn: string;
    let aws: AwsCli;

    const boto3 = (asked: object) =>
      runScript(withSdk, join(root, "test/interop/boto3_client.py"), {
        endpoint: server.url,
        region: REGION,
        keyId: KEY,
        context: CONTEXT,
        ...asked,
      }) as Promise<Record<string, string>>;
    const encryptionSdk = (asked: object) =>
      runScript(withSdk, join(root, "test/interop/encryption_sdk_client.py"), {
        endpoint: server.url,
        keyArns: [keyArn],
        context: CONTEXT,
        ...asked,
      }) as Promise<Record<string, unknown>>;

    const window = useWorkbench(async () => {
      server = await start();
      aws = awsCli(withCli, server.url, KEY);
      const kms = connect(server.url);
      keyArn = (await kms.send(new DescribeKeyCommand({ KeyId: KEY }))).KeyMetadata!.Arn!;
      kms.destroy();
      const [byBoto3, byCli, bySdk] = await Promise.all([
        boto3({ message: MESSAGE }),
        aws.encrypt(MESSAGE, CONTEXT),
        encryptionSdk({ text: LARGE, suite: "AES_256_GCM_HKDF_SHA512_COMMIT_KEY", frameLength: 4096 }),
      ]);
      writeAwsHome(home, {
        config: `[profile dev]\nendpoint_url = ${server.url}\n`,
        credentials: "[dev]\naws_access_key_id = AKIADEV\naws_secret_access_key = dev\n",
      });
      mkdirSync(folder);
      writeFileSync(inFolder("message.txt"), `message: ${MESSAGE}\n`);
      writeFileSync(inFolder("large.txt"), LARGE);
      writeFileSync(inFolder("of-boto3.txt"), byBoto3.ciphertext!);
      writeFileSync(inFolder("of-aws-cli.txt"), byCli);
      writeFileSync(inFolder("of-encryption-sdk.txt"), String(bySdk.ciphertext));
      return {
        folder,
        file: inFolder("message.txt"),
        home,
        settings: {
          // What is decrypted is read from the disk.
          "kmsSelection.sealOnSave": "off",
          "kmsSelection.keyAlias": KEY,
          "kmsSelection.region": REGION,
          "kmsSelection.profile": "dev",
          "kmsSelection.encryptionContext": CONTEXT,
          // Its own limit, and a line of a message is longer than VS Code draws.
          "editor.stopRenderingLineAfter": 200,
        },
      };
    });
    suiteTeardown(async () => {
      await server.close();
      work.remove();
    });

    test("what it encrypts, boto3 and the AWS CLI decrypt", async () => {
      const { editor } = window();
      await editor.select(MESSAGE);
      await window().runCommand("KMS: Encrypt Selection");
      await editor.waitForText((text) => !text.includes(MESSAGE));
      await editor.save();
      const [, ciphertext = ""] = /^message: ([A-Za-z0-9+/]{60,}={0,2})\n$/.exec(
        readFileSync(inFolder("message.txt"), "utf8"),
      )!;
      assert.deepEqual(await boto3({ ciphertext }), { message: MESSAGE });
      assert.deepEqual(await boto3({ ciphertext, context: ANOTHER }), {
        error: "InvalidCiphertextException",
      });
      assert.equal(await aws.decrypt(ciphertext, CONTEXT), MESSAGE);
      await assert.rejects(aws.decrypt(ciphertext, ANOTHER), /InvalidCiphertextException/);
    });

    test("what it encrypts as a message, the Encryption SDK for Python decrypts", async () => {
      const { editor } = window();
      await window().openFile("large.txt");
      await editor.selectAll();
      await window().runCommand("KMS: Encrypt Selection");
      await editor.waitForText((text) => text.startsWith("AgR4"));
      await editor.save();
      const ciphertext = readFileSync(inFolder("large.txt"), "utf8").trim();
      assert.deepEqual(await encryptionSdk({ ciphertext }), { text: LARGE.trimEnd(), context: CONTEXT });
    });

    for (const [client, file, text] of [
      ["boto3", "of-boto3.txt", MESSAGE],
      ["the AWS CLI", "of-aws-cli.txt", MESSAGE],
      ["the Encryption SDK for Python", "of-encryption-sdk.txt", LARGE],
    ] as const) {
      test(`what ${client} encrypted, it decrypts`, async () => {
        const { editor } = window();
        await window().openFile(file);
        await editor.selectAll();
        await window().runCommand("KMS: Decrypt Selection");
        await editor.waitForText((shown) => shown.startsWith(text.slice(0, 20)));
        await editor.save();
        assert.equal(readFileSync(inFolder(file), "utf8"), text);
      });
    }
  });
}
