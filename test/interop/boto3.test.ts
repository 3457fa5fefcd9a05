/** The proof of concept's flow by boto3, against the sandbox and moto. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DecryptCommand, EncryptCommand, type KMSClient } from "@aws-sdk/client-kms";
import { root } from "../host/paths";
import { startKmsServer } from "../support/kmsServer";
import { REGION, startMoto } from "./emulators";
import { findPython, runScript } from "./python";
import { connect, type Server, withKeys } from "./worlds";

const found = findPython();
if ("missing" in found) console.log(`  Interop with boto3 is left out: ${found.missing}`);
else defineSuites(found.python);

function defineSuites(python: string): void {
  const servers: [name: string, start: () => Promise<Server>][] = [
    ["the sandbox", () => startKmsServer({ region: REGION })],
    ["moto", () => withKeys(startMoto(python), ["kms-poc"])],
  ];
  for (const [name, start] of servers) {
    suite(`the proof of concept's flow by boto3, the KMS being ${name}`, function () {
      this.timeout(60_000);
      const script = join(root, "test/interop/boto3_client.py");
      const message = "correct horse battery staple";
      const context = { user_id: "1" };
      let server: Server;
      let kms: KMSClient;
      suiteSetup(async () => {
        server = await start();
        kms = connect(server.url);
      });
      suiteTeardown(async () => {
        kms.destroy();
        await server.close();
      });
      const boto3 = (asked: { message?: string; ciphertext?: string; context: Record<string, string> }) =>
        runScript(python, script, { endpoint: server.url, region: REGION, keyId: "alias/kms-poc", ...asked });
      const encrypt = async () => {
        const { CiphertextBlob } = await kms.send(
          new EncryptCommand({
            KeyId: "alias/kms-poc",
            Plaintext: Buffer.from(message, "ascii"),
            EncryptionContext: context,
          }),
        );
        return Buffer.from(CiphertextBlob!).toString("base64");
      };

      test("boto3 opens what the JavaScript client encrypted", async () => {
        assert.deepEqual(await boto3({ ciphertext: await encrypt(), context }), { message });
      });

      test("the JavaScript client opens what boto3 encrypted", async () => {
        const { ciphertext } = (await boto3({ message, context })) as { ciphertext: string };
        const { Plaintext } = await kms.send(
          new DecryptCommand({
            KeyId: "alias/kms-poc",
            CiphertextBlob: Buffer.from(ciphertext, "base64"),
            EncryptionContext: context,
          }),
        );
        assert.equal(Buffer.from(Plaintext!).toString("ascii"), message);
      });

      test("boto3 is refused as user 2", async () => {
        const refused = await boto3({ ciphertext: await encrypt(), context: { user_id: "2" } });
        assert.deepEqual(refused, { error: "InvalidCiphertextException" });
      });
    });
  }
}
