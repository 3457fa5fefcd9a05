/** Messages of the AWS Encryption SDK for Python open here, and ours open there; the KMS is the sandbox, then moto. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DescribeKeyCommand, type KMSClient } from "@aws-sdk/client-kms";
import { localKms } from "../../src/aws/main";
import { EncryptionSdkMessages } from "../../src/aws/messages";
import { root } from "../host/paths";
import { startKmsServer } from "../support/kmsServer";
import { rejectedBy } from "../unit/core/failures";
import { REGION, startMoto } from "./emulators";
import { findPython, runScript } from "./python";
import { connect, type Server, withKeys } from "./worlds";

const never = new AbortController().signal;
const CONTEXT = { identity: "alice", path: "ü 😀" };
const TEXT = "grüße 😀\n".repeat(2000);

/** By https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/supported-algorithms.html */
const COMMITTING = ["AES_256_GCM_HKDF_SHA512_COMMIT_KEY", "AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384"];
const UNCOMMITTED = [
  "AES_128_GCM_IV12_TAG16",
  "AES_192_GCM_IV12_TAG16_HKDF_SHA256",
  "AES_256_GCM_IV12_TAG16_HKDF_SHA256",
  "AES_128_GCM_IV12_TAG16_HKDF_SHA256_ECDSA_P256",
  "AES_256_GCM_IV12_TAG16_HKDF_SHA384_ECDSA_P384",
];

const found = findPython();
if ("missing" in found)
  console.log(`  Interop with the Encryption SDK for Python is left out: ${found.missing}`);
else defineSuites(found.python);

function defineSuites(python: string): void {
  const servers: [name: string, start: () => Promise<Server>][] = [
    ["the sandbox", () => startKmsServer({ region: REGION })],
    ["moto", () => withKeys(startMoto(python), ["app", "other"])],
  ];
  for (const [name, start] of servers) {
    suite(`the Encryption SDK for Python, the KMS being ${name}`, function () {
      this.timeout(60_000);
      let server: Awaited<ReturnType<typeof start>>;
      let client: KMSClient;
      let app: string;
      let other: string;
      suiteSetup(async () => {
        server = await start();
        client = connect(server.url);
        const arnOf = async (KeyId: string): Promise<string> =>
          (await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata!.Arn!;
        [app, other] = await Promise.all([arnOf("alias/app"), arnOf("alias/other")]);
      });
      suiteTeardown(async () => {
        client.destroy();
        await server.close();
      });
      const messages = (allowUncommitted = false): EncryptionSdkMessages =>
        new EncryptionSdkMessages({
          kms: localKms(client, () => undefined),
          isAws: false,
          allowUncommitted,
        });
      const sdk = (asked: object): Promise<unknown> =>
        runScript(python, join(root, "test/interop/encryption_sdk_client.py"), {
          endpoint: server.url,
          keyArns: [app],
          ...asked,
        });
      async function made(asked: { suite: string; frameLength: number; keyArns?: string[] }) {
        const { ciphertext } = (await sdk({ text: TEXT, context: CONTEXT, ...asked })) as {
          ciphertext: string;
        };
        return Buffer.from(ciphertext, "base64");
      }
      async function opened(message: Uint8Array, allowUncommitted = false): Promise<string> {
        const { plaintext } = await messages(allowUncommitted).open("alias/app", message, CONTEXT, never);
        return Buffer.from(plaintext).toString();
      }

      for (const text of ["", "secret", TEXT]) {
        test(`ours opens there: ${text.length} characters`, async () => {
          const message = await messages().seal("alias/app", Buffer.from(text), CONTEXT, never);
          const ciphertext = Buffer.from(message).toString("base64");
          assert.deepEqual(await sdk({ ciphertext }), { text, context: CONTEXT });
        });
      }

      for (const suiteName of COMMITTING) {
        for (const frameLength of [0, 1024]) {
          test(`theirs opens here: ${suiteName}, ${frameLength ? "frames" : "no frame"}`, async () => {
            assert.equal(await opened(await made({ suite: suiteName, frameLength })), TEXT);
          });
        }
      }

      for (const suiteName of UNCOMMITTED) {
        for (const frameLength of [0, 1024]) {
          test(`only where allowed: ${suiteName}, ${frameLength ? "frames" : "no frame"}`, async () => {
            const message = await made({ suite: suiteName, frameLength });
            const { failure } = await rejectedBy(opened(message));
            assert.equal(failure.code, "message-without-commitment");
            assert.equal(await opened(message, true), TEXT);
          });
        }
      }

      test("several data keys, ours the last", async () => {
        const message = await made({ suite: COMMITTING[1]!, frameLength: 1024, keyArns: [other, app] });
        assert.equal(await opened(message), TEXT);
      });
    });
  }
}
