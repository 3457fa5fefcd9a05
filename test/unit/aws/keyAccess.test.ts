/** Dry runs and callers over HTTP: what KMS and STS are asked, and how their answers are read. */
import assert from "node:assert/strict";
import { Aws } from "../../../src/aws/main";
import { resolveConnection } from "../../../src/aws/connection";
import type { DryRunOperation } from "../../../src/core/keyAccess";
import { KmsException } from "../../../src/sandbox/kmsException";
import { awsErrors, failWith, startKmsServer, TEST_REGION, type KmsServer } from "../../support/kmsServer";
import { assertCode, rejectedBy } from "../core/failures";
import { useHome } from "./home";

const CONTEXT = { identity: "alice" };
const OPERATIONS: readonly DryRunOperation[] = ["Encrypt", "GenerateDataKey", "Decrypt", "ReEncrypt"];
const signal = new AbortController().signal;

suite("Key access over HTTP", () => {
  const home = useHome();
  let server: KmsServer;
  let aws: Aws;
  setup(async () => {
    server = await startKmsServer();
    aws = new Aws(() => assert.fail("a code was asked for"));
    home.config(`[profile a]\nendpoint_url = ${server.url}\n`);
    home.credentials("[a]\naws_access_key_id = AKIAALICE\naws_secret_access_key = x\n");
  });
  teardown(async () => {
    aws.dispose();
    await server.close();
  });

  const connect = () => resolveConnection({ keyId: "alias/app", profile: "a", region: TEST_REGION });
  const kms = async () => aws.kms(await connect(), () => undefined);

  suite("a dry run", () => {
    for (const operation of OPERATIONS) {
      test(`of ${operation} asks with the identity's context, and does nothing`, async () => {
        const answer = await (await kms()).dryRun(operation, "alias/app", CONTEXT, signal);
        assert.equal(answer, "would-succeed");
        const [request] = server.requests;
        assert.equal(request?.operation, operation);
        const { DryRun, DryRunModifiers, CiphertextBlob, ...input } = request.input ?? {};
        const contexts = Object.entries(input).filter(([name]) => name.endsWith("EncryptionContext"));
        const needsCiphertext = operation === "Decrypt" || operation === "ReEncrypt";
        assert.equal(DryRun, true);
        assert.deepEqual(DryRunModifiers, needsCiphertext ? ["IGNORE_CIPHERTEXT"] : undefined);
        assert.equal(CiphertextBlob, undefined);
        assert.deepEqual(
          contexts.map(([, context]) => context),
          Array(operation === "ReEncrypt" ? 2 : 1).fill(CONTEXT),
        );
      });

      test(`of ${operation} says that it is not allowed`, async () => {
        server.restrict((_, asked) => awsErrors.accessDenied("alice", asked, server.arn("alias/app")));
        const asked = (await kms()).dryRun(operation, "alias/app", CONTEXT, signal);
        const { failure } = await rejectedBy(asked);
        assert.ok(failure.code === "access-denied");
        assert.equal(failure.action, `kms:${operation}`);
      });

      test(`of ${operation} says that the key is disabled`, async () => {
        const asked = (await kms()).dryRun(operation, "alias/disabled", CONTEXT, signal);
        assertCode(await rejectedBy(asked), "key-disabled");
      });
    }

    test("notices a KMS that does it all the same, with no text of anybody's", async () => {
      const body = JSON.stringify({
        CiphertextBlob: "AAAA",
        Plaintext: "AAAA",
        KeyId: server.arn("alias/app"),
      });
      server.fail(() => ({ answer: { status: 200, body } }));
      for (const operation of OPERATIONS)
        assert.equal(await (await kms()).dryRun(operation, "alias/app", CONTEXT, signal), "done");
      const [encrypt] = server.requests;
      assert.equal(
        Buffer.from(String(encrypt?.input?.Plaintext), "base64").toString(),
        "A test of KMS Selection",
      );
    });
  });

  test("the rotation of a key is told with its period and its next date", async () => {
    const rotation = await (await kms()).rotation(server.arn("11111111-1111-4111-8111-111111111111"), signal);
    assert.equal(rotation.enabled, true);
    assert.equal(rotation.periodInDays, 365);
    assert.ok(rotation.next && rotation.next > new Date());
  });

  suite("the caller", () => {
    const ARN = "arn:aws:iam::000000000000:user/alice";

    test("is who STS says, asked once for an access key, however many ask", async () => {
      server.identify((key) => (key === "AKIAALICE" ? ARN : undefined));
      const connection = await connect();
      const callers = await Promise.all([1, 2, 3].map(() => aws.caller(connection, signal)));
      assert.deepEqual(callers[2], { arn: ARN, account: "000000000000" });
      await aws.caller(await connect(), signal);
      assert.equal(server.lookups.length, 1);
    });

    test("is asked about anew when the credentials are others", async () => {
      server.identify((key) => ARN.replace("alice", String(key).toLowerCase()));
      await aws.caller(await connect(), signal);
      home.credentials("[a]\naws_access_key_id = AKIABOB\naws_secret_access_key = x\n");
      const { arn } = await aws.caller(await connect(), signal);
      assert.equal(arn, ARN.replace("alice", "akiabob"));
    });

    test("may be refused; then STS is left alone, unless it is to be asked anew", async () => {
      const connection = await connect();
      assertCode(await rejectedBy(aws.caller(connection, signal)), "access-denied");
      server.identify(() => ARN);
      assertCode(await rejectedBy(aws.caller(connection, signal)), "access-denied");
      assert.equal(server.lookups.length, 1);
      assert.equal((await aws.caller(connection, signal, { anew: true })).arn, ARN);
      assert.equal((await aws.caller(connection, signal)).arn, ARN);
      assert.equal(server.lookups.length, 2);
    });

    test("is not known to a server that is no STS", async () => {
      const connection = await connect();
      server.fail(() => ({ answer: { status: 200, body: "<html></html>", contentType: "text/html" } }));
      assertCode(await rejectedBy(aws.caller(connection, signal)), "response-invalid");
      server.fail(() => failWith(new KmsException("UnknownOperationException")));
      assert.ok(await rejectedBy(aws.caller(connection, signal, { anew: true })));
    });

    test("is waited for no longer than the signal says", async () => {
      server.fail(() => ({ wait: new Promise(() => undefined) }));
      const asked = aws.caller(await connect(), AbortSignal.timeout(50));
      assertCode(await rejectedBy(asked), "cancelled");
    });
  });
});
