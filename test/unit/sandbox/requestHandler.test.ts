/** The protocol under the client: what arrives malformed, what is aborted, and what is a fault of our own. */
import assert from "node:assert/strict";
import { EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { LocalKms, type LocalKmsOptions } from "../../../src/sandbox/localKms";
import { createRequestHandler, type SandboxRequest } from "../../../src/sandbox/requestHandler";
import { APP_KEY_ID, startKmsServer, TEST_KEYS, TEST_REGION } from "../../support/kmsServer";

const local = (options: Partial<LocalKmsOptions> = {}) =>
  new LocalKms({ region: TEST_REGION, masterKey: new Uint8Array(32), keys: TEST_KEYS, ...options });

function request(operation: string, body: unknown): SandboxRequest {
  return { headers: { "x-amz-target": operation }, body };
}

suite("sandbox request handler", () => {
  const handler = createRequestHandler(local());
  const describeApp = '{"KeyId":"alias/app"}';

  const kinds: [title: string, body: unknown][] = [
    ["text", describeApp],
    ["a Buffer", Buffer.from(describeApp)],
    ["bytes", new TextEncoder().encode(describeApp)],
  ];
  for (const [title, body] of kinds) {
    test(`a body can be ${title}`, async () => {
      const { response } = await handler.handle(request("TrentService.DescribeKey", body));
      assert.equal(response.statusCode, 200);
      assert.equal(response.headers["content-type"], "application/x-amz-json-1.1");
      const { KeyMetadata } = JSON.parse(Buffer.from(response.body).toString()) as {
        KeyMetadata: { KeyId: string };
      };
      assert.equal(KeyMetadata.KeyId, APP_KEY_ID);
    });
  }

  test("another kind of body is an error of the caller's program, not of KMS", async () => {
    await assert.rejects(handler.handle(request("TrentService.DescribeKey", 7)), TypeError);
  });

  const malformed: [
    title: string,
    operation: string,
    body: string | undefined,
    type: string,
    message?: string,
  ][] = [
    ["an unknown operation", "TrentService.Frobnicate", "{}", "UnknownOperationException"],
    [
      "an operation that this KMS has not",
      "TrentService.ScheduleKeyDeletion",
      "{}",
      "UnknownOperationException",
    ],
    ["a member of every object", "TrentService.toString", "{}", "UnknownOperationException"],
    ["another service", "DynamoDB_20120810.GetItem", "{}", "UnknownOperationException"],
    ["no target", "", "{}", "UnknownOperationException"],
    ["no body", "TrentService.Encrypt", undefined, "SerializationException"],
    ["half a body", "TrentService.Encrypt", '{"KeyId":', "SerializationException"],
    ["a list", "TrentService.Encrypt", "[]", "SerializationException"],
    ["null", "TrentService.Encrypt", "null", "SerializationException"],
    [
      "a number for a string",
      "TrentService.DescribeKey",
      '{"KeyId":1}',
      "SerializationException",
      "NUMBER_VALUE cannot be converted to String",
    ],
    [
      "a string for a boolean",
      "TrentService.Encrypt",
      '{"KeyId":"alias/app","Plaintext":"eA==","DryRun":"true"}',
      "SerializationException",
      "STRING_VALUE cannot be converted to Boolean",
    ],
    [
      "half a number",
      "TrentService.ListAliases",
      '{"Limit":1.5}',
      "SerializationException",
      "NUMBER_VALUE cannot be converted to Integer",
    ],
    [
      "a list for a map",
      "TrentService.Encrypt",
      '{"KeyId":"alias/app","Plaintext":"eA==","EncryptionContext":["a"]}',
      "SerializationException",
      "START_ARRAY cannot be converted to Map",
    ],
    [
      "a boolean in the context",
      "TrentService.Encrypt",
      '{"KeyId":"alias/app","Plaintext":"eA==","EncryptionContext":{"a":true}}',
      "SerializationException",
      "TRUE_VALUE cannot be converted to String",
    ],
    [
      "a null in the context",
      "TrentService.Encrypt",
      '{"KeyId":"alias/app","Plaintext":"eA==","EncryptionContext":{"a":null}}',
      "SerializationException",
      "NULL_VALUE cannot be converted to String",
    ],
    [
      "a blob that is not base64",
      "TrentService.Encrypt",
      '{"KeyId":"alias/app","Plaintext":"not base64!"}',
      "SerializationException",
    ],
  ];
  for (const [title, operation, body, type, message] of malformed) {
    test(`${title}: ${type}`, async () => {
      const { response } = await handler.handle(request(operation, body));
      assert.equal(response.statusCode, 400);
      assert.match(response.headers["x-amzn-requestid"] ?? "", /^[0-9a-f-]{36}$/);
      assert.equal(response.headers["x-amzn-errortype"], type);
      const answer: unknown = JSON.parse(Buffer.from(response.body).toString());
      assert.deepEqual(answer, message === undefined ? { __type: type } : { __type: type, message });
    });
  }

  test("members that KMS does not know, and nulls, are passed over", async () => {
    const body = '{"KeyId":"alias/app","GrantTokens":null,"Colour":"blue"}';
    const { response } = await handler.handle(request("TrentService.DescribeKey", body));
    assert.equal(response.statusCode, 200);
  });

  test("a signal that is aborted already ends a request before it begins", async () => {
    let calls = 0;
    const counting = createRequestHandler({
      call: () => {
        calls++;
        return {};
      },
    });
    const kms = new KMSClient({
      region: TEST_REGION,
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      requestHandler: counting,
    });
    const command = new EncryptCommand({ KeyId: "alias/app", Plaintext: Buffer.from("x") });
    await assert.rejects(kms.send(command, { abortSignal: AbortSignal.abort() }), { name: "AbortError" });
    assert.equal(calls, 0);
    await kms.send(command);
    assert.equal(calls, 1);
  });

  test("an error that is not an answer of KMS comes out as it is", async () => {
    const broken = createRequestHandler({
      call: () => {
        throw new RangeError("a bug");
      },
    });
    await assert.rejects(broken.handle(request("TrentService.Encrypt", "{}")), new RangeError("a bug"));
  });

  test("request ids are not repeated, in one process or over HTTP", async () => {
    const server = await startKmsServer();
    try {
      const ids = new Set<string | null | undefined>();
      for (let n = 0; n < 3; n++) {
        const { response } = await handler.handle(request("TrentService.ListAliases", "{}"));
        ids.add(response.headers["x-amzn-requestid"]);
        const wire = await fetch(server.url, {
          method: "POST",
          headers: { "x-amz-target": "TrentService.ListAliases" },
          body: "{}",
        });
        ids.add(wire.headers.get("x-amzn-requestid"));
      }
      assert.equal(ids.size, 6);
    } finally {
      await server.close();
    }
  });

  const wrong: [title: string, options: Partial<LocalKmsOptions>, message: RegExp][] = [
    ["a master key of 31 bytes", { masterKey: new Uint8Array(31) }, /has 31 bytes; it must have 32/],
    ["a key id that is none", { keys: [{ keyId: "app" }] }, /app is neither a UUID nor mrk-/],
    ["a key id in capitals", { keys: [{ keyId: "AAAAAAAA-1111-4111-8111-111111111111" }] }, /neither a UUID/],
    ["the same key twice", { keys: [{ keyId: APP_KEY_ID }, { keyId: APP_KEY_ID }] }, /Two keys have the id/],
    [
      "an alias without its prefix",
      { keys: [{ keyId: APP_KEY_ID, aliases: ["app"] }] },
      /begin with alias\//,
    ],
    [
      "an alias twice",
      { keys: [{ keyId: APP_KEY_ID, aliases: ["alias/a", "alias/a"] }] },
      /Two keys have the alias/,
    ],
  ];
  for (const [title, options, message] of wrong) {
    test(`a KMS is not made with ${title}`, () => {
      assert.throws(() => local(options), message);
    });
  }
});
