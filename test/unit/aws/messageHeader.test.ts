import assert from "node:assert/strict";
import { describeMessage } from "../../../src/aws/messageHeader";
import { EncryptionSdkMessages } from "../../../src/aws/messages";
import { localClient, localKms } from "../../../src/aws/main";
import { SANDBOX_ALIAS } from "../../../src/core/sandbox";
import { createRequestHandler, createSandboxKms, SANDBOX_REGION } from "../../../src/sandbox/main";
import { assertCode, thrownBy } from "../core/failures";

const never = new AbortController().signal;

suite("The header of a message", () => {
  const handler = createRequestHandler(createSandboxKms(Buffer.alloc(32, 1)));
  const kms = localKms(localClient(SANDBOX_REGION, handler), () => undefined);
  const messages = new EncryptionSdkMessages({ kms, isAws: false, allowUncommitted: false });
  const context = { identity: "alice", team: "payments" };
  const seal = (): Promise<Uint8Array> =>
    messages.seal(SANDBOX_ALIAS, Buffer.from("a secret"), context, never);

  test("tells the context, the key and the commitment, with no key at hand", async () => {
    const { keyArns, ...facts } = describeMessage(await seal());
    assert.deepEqual(facts, { context, otherKeys: [], isCommitted: true });
    assert.equal(keyArns.length, 1);
    assert.match(keyArns[0] ?? "", /^arn:aws:kms:[^:]+:000000000000:key\//);
  });

  test("is refused when it is cut", async () => {
    const message = await seal();
    assertCode(
      thrownBy(() => describeMessage(message.subarray(0, 40))),
      "token-damaged",
    );
  });
});
