/** The server of the tests does what tests tell it to: each fault arrives at a real client as what it stands for. */
import assert from "node:assert/strict";
import {
  DecryptCommand,
  EncryptCommand,
  IncorrectKeyException,
  KMSClient,
  KMSServiceException,
} from "@aws-sdk/client-kms";
import {
  APP_KEY_ID,
  awsErrors,
  type Fault,
  failWith,
  type KmsServer,
  OTHER_KEY_ID,
  startKmsServer,
  TEST_KEYS,
} from "../../support/kmsServer";

const Plaintext = Buffer.from("hunter2");
const encrypt = () => new EncryptCommand({ KeyId: "alias/app", Plaintext });

suite("KMS server of the tests", () => {
  let server: KmsServer;
  let clients: KMSClient[];

  setup(async () => {
    server = await startKmsServer();
    clients = [];
  });

  teardown(async () => {
    for (const each of clients) each.destroy();
    await server.close();
  });

  function client(accessKeyId = "AKIAALICE", maxAttempts = 1): KMSClient {
    const made = new KMSClient({
      endpoint: server.url,
      region: server.region,
      credentials: { accessKeyId, secretAccessKey: "secret" },
      maxAttempts,
    });
    clients.push(made);
    return made;
  }

  test("it answers, and keeps what it was asked", async () => {
    const { KeyId } = await client().send(
      new EncryptCommand({ KeyId: "alias/app", Plaintext, EncryptionContext: { user_id: "1" } }),
    );
    assert.equal(KeyId, server.arn(APP_KEY_ID));
    const [request, ...others] = server.requests;
    assert.equal(others.length, 0);
    assert.equal(request?.operation, "Encrypt");
    assert.deepEqual(request.input, {
      KeyId: "alias/app",
      Plaintext: Plaintext.toString("base64"),
      EncryptionContext: { user_id: "1" },
    });
    assert.equal(request.accessKeyId, "AKIAALICE");
    assert.equal(request.headers["x-amz-target"], "TrentService.Encrypt");
    await request.ended;
    assert.equal(request.aborted, false);
  });

  for (const [name, error, status] of [
    ["InternalFailure", awsErrors.internalFailure(), 500],
    ["ThrottlingException", awsErrors.throttling(), 400],
    ["AccessDeniedException", awsErrors.accessDenied("alice", "Encrypt", "arn:aws:kms:x"), 400],
    ["AccessDeniedException", awsErrors.unknownCiphertextKey(), 400],
    ["ExpiredTokenException", awsErrors.expiredToken(), 400],
    ["UnrecognizedClientException", awsErrors.unrecognizedClient(), 400],
    ["InvalidSignatureException", awsErrors.invalidSignature(), 400],
  ] as const) {
    test(`it answers ${name}: ${error.message}`, async () => {
      server.fail(() => failWith(error));
      await assert.rejects(client().send(encrypt()), (thrown: unknown) => {
        assert.ok(thrown instanceof KMSServiceException);
        assert.equal(thrown.name, name);
        if (error.message) assert.equal(thrown.message, error.message);
        assert.equal(thrown.$metadata.httpStatusCode, status);
        assert.match(thrown.$metadata.requestId ?? "", /^[0-9a-f-]{36}$/);
        return true;
      });
    });
  }

  test("two errors and then an answer: the client's retries get through", async () => {
    // Counting starts anew with each call of fail, so this one does not count.
    server.fail(() => undefined);
    await client().send(encrypt());
    server.fail((_, n) => (n <= 2 ? failWith(awsErrors.internalFailure()) : undefined));
    const { $metadata } = await client("AKIAALICE", 3).send(encrypt());
    assert.equal($metadata.attempts, 3);
    assert.equal(server.requests.length, 4);
  });

  const broken: [title: string, fault: Fault, message: RegExp][] = [
    ["cut before the answer", { destroy: "before" }, /socket hang up|ECONNRESET/],
    ["cut in the middle of the answer", { destroy: "during" }, /aborted|ECONNRESET/],
    ["an answer that is no JSON", { answer: { status: 200, body: '{"Ciphertext' } }, /JSON/],
    [
      "a page of a proxy",
      { answer: { status: 200, body: "<html>Sign in</html>", contentType: "text/html" } },
      /Unexpected token '<'/,
    ],
  ];
  for (const [title, fault, message] of broken) {
    test(`${title} is an error that says so`, async () => {
      server.fail(() => fault);
      await assert.rejects(client().send(encrypt()), message);
    });
  }

  test("an answer is held until it is let go", async () => {
    let release: () => void = () => assert.fail("nothing to release");
    const held = new Promise<void>((resolve) => (release = resolve));
    server.fail(() => ({ wait: held }));
    let answered = false;
    const answer = client()
      .send(encrypt())
      .then(() => (answered = true));
    await server.received(1);
    // Another connection is served meanwhile, so the first had its time.
    server.fail(undefined);
    await client().send(encrypt());
    assert.equal(answered, false);
    release();
    await answer;
    assert.equal(answered, true);
  });

  test("a client that hangs up while it waits is seen", async () => {
    server.fail(() => ({ wait: 60_000 }));
    const abort = new AbortController();
    const refused = assert.rejects(client().send(encrypt(), { abortSignal: abort.signal }), {
      name: "AbortError",
    });
    const request = await server.received(1);
    assert.equal(request.aborted, false);
    abort.abort();
    await refused;
    await request.ended;
    assert.equal(request.aborted, true);
  });

  test("close ends requests that are held, and the port", async () => {
    server.fail(() => ({ wait: new Promise(() => undefined) }));
    const refused = assert.rejects(client().send(encrypt()), /socket hang up|ECONNRESET/);
    await server.received(1);
    await server.close();
    await refused;
    await assert.rejects(client().send(encrypt()), /ECONNREFUSED/);
    server = await startKmsServer();
  });

  test("access is by the caller's access key: alice may encrypt, bob may not", async () => {
    server.restrict((accessKeyId, operation) =>
      accessKeyId === "AKIABOB"
        ? awsErrors.accessDenied("bob", operation, server.arn(APP_KEY_ID))
        : undefined,
    );
    const { CiphertextBlob } = await client("AKIAALICE").send(encrypt());
    assert.ok(CiphertextBlob);
    await assert.rejects(client("AKIABOB").send(encrypt()), {
      name: "AccessDeniedException",
      message: /user\/bob is not authorized to perform: kms:Encrypt/,
    });
  });

  test("after an alias is moved, text of the old key is refused by the alias and opened without it", async () => {
    const { CiphertextBlob } = await client().send(encrypt());
    server.setKeys([{ keyId: APP_KEY_ID }, { keyId: OTHER_KEY_ID, aliases: ["alias/app"] }]);
    await assert.rejects(
      client().send(new DecryptCommand({ CiphertextBlob, KeyId: "alias/app" })),
      IncorrectKeyException,
    );
    const opened = await client().send(new DecryptCommand({ CiphertextBlob }));
    assert.equal(opened.KeyId, server.arn(APP_KEY_ID));
    assert.deepEqual(Buffer.from(opened.Plaintext!), Plaintext);
  });

  test("two servers are two Regions", async () => {
    const elsewhere = await startKmsServer({ region: "eu-west-1", keys: TEST_KEYS.slice(1) });
    try {
      const { CiphertextBlob } = await client().send(encrypt());
      const other = new KMSClient({
        endpoint: elsewhere.url,
        region: elsewhere.region,
        credentials: { accessKeyId: "AKIAALICE", secretAccessKey: "secret" },
      });
      clients.push(other);
      await assert.rejects(other.send(new DecryptCommand({ CiphertextBlob })), {
        name: "AccessDeniedException",
        message: awsErrors.unknownCiphertextKey().message,
      });
      await assert.rejects(other.send(encrypt()), {
        name: "NotFoundException",
        message: "Alias arn:aws:kms:eu-west-1:000000000000:alias/app is not found.",
      });
    } finally {
      await elsewhere.close();
    }
  });
});
