/** The sandbox as the extension uses it: a real KMSClient, no socket, one key. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  IncorrectKeyException,
  KMSClient,
  ListAliasesCommand,
} from "@aws-sdk/client-kms";
import { SANDBOX_HEADER } from "../../../src/core/sandbox";
import { createRequestHandler } from "../../../src/sandbox/requestHandler";
import { SANDBOX_ALIAS } from "../../../src/core/sandbox";
import { createSandboxKms, SANDBOX_REGION } from "../../../src/sandbox/sandboxKeys";

function sandboxClient(masterKey: Uint8Array): KMSClient {
  return new KMSClient({
    region: SANDBOX_REGION,
    credentials: { accessKeyId: "sandbox", secretAccessKey: "sandbox" },
    requestHandler: createRequestHandler(createSandboxKms(masterKey)),
  });
}

suite("sandbox", () => {
  const masterKey = randomBytes(32);
  const kms = sandboxClient(masterKey);
  const Plaintext = Buffer.from("hunter2 🔑");
  const EncryptionContext = { identity: "alice" };

  test("text comes back, and the ARN says sandbox account and no Region of AWS", async () => {
    const sealed = await kms.send(new EncryptCommand({ KeyId: SANDBOX_ALIAS, Plaintext, EncryptionContext }));
    assert.match(sealed.KeyId!, /^arn:aws:kms:local:000000000000:key\/[0-9a-f-]{36}$/);
    const opened = await kms.send(
      new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob, KeyId: SANDBOX_ALIAS, EncryptionContext }),
    );
    assert.deepEqual(Buffer.from(opened.Plaintext!), Plaintext);
    assert.equal(opened.KeyId, sealed.KeyId);
    assert.match(opened.$metadata.requestId!, /^[0-9a-f-]{36}$/);
  });

  test("a token says that it is of the sandbox", async () => {
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: SANDBOX_ALIAS, Plaintext }));
    assert.deepEqual(Buffer.from(CiphertextBlob!).subarray(0, 9), Buffer.from(SANDBOX_HEADER));
    assert.ok(Buffer.from(CiphertextBlob!).toString("base64").startsWith("SANDBOX/KMS/"));
  });

  test("the same master key opens it after a restart, another master key does not", async () => {
    const { CiphertextBlob, KeyId } = await kms.send(
      new EncryptCommand({ KeyId: SANDBOX_ALIAS, Plaintext, EncryptionContext }),
    );
    const again = await sandboxClient(masterKey).send(
      new DecryptCommand({ CiphertextBlob, EncryptionContext }),
    );
    assert.deepEqual(Buffer.from(again.Plaintext!), Plaintext);
    assert.equal(again.KeyId, KeyId);
    const another = sandboxClient(randomBytes(32));
    const decrypt = { CiphertextBlob, EncryptionContext };
    await assert.rejects(another.send(new DecryptCommand(decrypt)), { name: "AccessDeniedException" });
    await assert.rejects(
      another.send(new DecryptCommand({ ...decrypt, KeyId: SANDBOX_ALIAS })),
      IncorrectKeyException,
    );
  });

  test("the key is enabled, rotates, and is listed under its alias", async () => {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: SANDBOX_ALIAS }));
    assert.equal(KeyMetadata?.KeyState, "Enabled");
    assert.equal(KeyMetadata.Enabled, true);
    assert.equal(KeyMetadata.AWSAccountId, "000000000000");
    assert.match(KeyMetadata.CurrentKeyMaterialId!, /^[0-9a-f]{64}$/);
    const rotation = await kms.send(new GetKeyRotationStatusCommand({ KeyId: KeyMetadata.KeyId }));
    assert.equal(rotation.KeyRotationEnabled, true);
    assert.equal(rotation.RotationPeriodInDays, 365);
    assert.ok(rotation.NextRotationDate!.getTime() > Date.now());
    const { Aliases, Truncated } = await kms.send(new ListAliasesCommand({}));
    assert.deepEqual(
      Aliases?.map(({ AliasName, TargetKeyId }) => [AliasName, TargetKeyId]),
      [[SANDBOX_ALIAS, KeyMetadata.KeyId]],
    );
    assert.equal(Truncated, false);
  });

  test("a master key of another length is refused", () => {
    for (const length of [0, 16, 31, 33])
      assert.throws(() => createSandboxKms(randomBytes(length)), TypeError);
  });
});
