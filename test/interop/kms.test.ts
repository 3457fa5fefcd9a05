/** The sandbox and other people's KMS: one table against both, and boto3 as a client. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DecryptCommand, EncryptCommand, type KMSClient } from "@aws-sdk/client-kms";
import { root } from "../host/paths";
import { type KmsServer, startKmsServer } from "../support/kmsServer";
import { cases, outcome } from "./conformance";
import { findPython, type MotoServer, runScript } from "./python";
import { connect, motoWithKeys, motoWorld, REGION, sandboxWorld, type World } from "./worlds";

const found = findPython();
if ("missing" in found) console.log(`  Interop with moto and boto3 is left out: ${found.missing}`);
else defineSuites(found.python);

function defineSuites(python: string): void {
  suite("one table of what KMS does", () => {
    const worlds: [name: "sandbox" | "moto", open: () => Promise<World>][] = [
      ["sandbox", sandboxWorld],
      ["moto", () => motoWorld(python)],
    ];
    for (const [name, open] of worlds) {
      suite(name, function () {
        this.timeout(60_000);
        let world: World;
        suiteSetup(async () => {
          world = await open();
        });
        suiteTeardown(() => world.close());

        for (const each of cases) {
          const known = name === "moto" ? each.moto : undefined;
          const expected = known?.does ?? each.expected;
          const difference = known ? ` (AWS: ${String(each.expected)}, ${known.source})` : "";
          test(`${each.title}: ${String(expected)}${difference}`, async () => {
            const actual = await outcome(each, world);
            // Of a known difference all is compared, so that its end is noticed.
            if (known || typeof expected === "string" || typeof actual === "string")
              assert.deepEqual(actual, expected);
            else
              assert.deepEqual(
                expected.filter((member) => !actual.includes(member)),
                [],
                `members that are missing from ${actual.join(", ")}`,
              );
          });
        }
      });
    }
  });

  const servers: [name: string, start: () => Promise<{ url: string; close(): Promise<void> }>][] = [
    ["the sandbox", () => startKmsServer({ region: REGION })],
    ["moto", () => motoWithKeys(python, ["kms-poc"])],
  ];
  for (const [name, start] of servers) {
    suite(`the proof of concept's flow by boto3, the KMS being ${name}`, function () {
      this.timeout(60_000);
      const script = join(root, "test/interop/boto3_client.py");
      const message = "correct horse battery staple";
      const context = { user_id: "1" };
      let server: Pick<KmsServer | MotoServer, "url" | "close">;
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
