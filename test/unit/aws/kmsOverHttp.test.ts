/** From settings to KMS and back: real files, the real client, real HTTP on loopback, and everything that can go wrong. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import tls from "node:tls";
import type { AwsKms } from "../../../src/aws/awsKms";
import { resolveConnection } from "../../../src/aws/connection";
import { Aws } from "../../../src/aws/main";
import { describeFailure } from "../../../src/core/describeFailure";
import type { Failure, FailureCode, KmsSelectionError } from "../../../src/core/errors";
import { parseToken } from "../../../src/core/tokens";
import { decryptTokens, encryptTexts, MAX_CONCURRENT_REQUESTS } from "../../../src/core/transform";
import { KmsException } from "../../../src/sandbox/kmsException";
import {
  APP_KEY_ID,
  OTHER_KEY_ID,
  awsErrors,
  failWith,
  startKmsServer,
  TEST_REGION,
  type Fault,
  type KmsServer,
} from "../../support/kmsServer";
import { BLOBS, direct } from "../../support/direct";
import { kmsBytes } from "../core/ciphertexts";
import { assertCode, rejectedBy } from "../core/failures";
import { useHome } from "./home";
import { forwardTo, startSecureServer } from "./secureServer";

const never = new AbortController().signal;
const CONTEXT = { user_id: "1" };
const STATIC = "aws_access_key_id = AKIAALICE\naws_secret_access_key = secret\n";

suite("KMS over HTTP", () => {
  const home = useHome();
  let server: KmsServer;
  let aws: Aws;
  let requestIds: string[];

  setup(async () => {
    server = await startKmsServer();
    aws = new Aws(() => assert.fail("a code was asked for"));
    requestIds = [];
  });

  teardown(async () => {
    aws.dispose();
    await server.close();
  });

  /** The KMS of a profile; the file is read anew each time, as it is for each command. */
  async function kmsOf(profile: string | undefined = "work", keyId = "alias/app"): Promise<AwsKms> {
    const connection = await resolveConnection({ keyId, profile, region: TEST_REGION });
    return aws.kms(connection, (id) => requestIds.push(id));
  }

  /** A profile `work` with these settings, and the server as its endpoint. */
  function configure(settings = STATIC, endpoint = server.url): void {
    home.config(`[profile work]\nendpoint_url = ${endpoint}\n${settings}`);
  }

  async function encrypt(signal = never): Promise<Uint8Array> {
    const kms = await kmsOf();
    return (await kms.encrypt("alias/app", Buffer.from("hunter2"), CONTEXT, signal)).ciphertext;
  }

  async function failureOf(promise: Promise<unknown>): Promise<Failure> {
    return (await rejectedBy(promise)).failure;
  }

  suite("that answers", () => {
    setup(() => {
      configure();
    });

    test("text becomes a blob and text again; key and context are sent as given", async () => {
      const kms = await kmsOf();
      const { ciphertext, keyArn } = await kms.encrypt("alias/app", Buffer.from("grüße"), CONTEXT, never);
      assert.equal(keyArn, server.arn(APP_KEY_ID));
      const decrypted = await kms.decrypt("alias/app", ciphertext, CONTEXT, never);
      assert.equal(Buffer.from(decrypted.plaintext).toString(), "grüße");
      assert.equal(decrypted.keyArn, server.arn(APP_KEY_ID));
      const [first, second] = server.requests;
      assert.deepEqual(first?.input, {
        KeyId: "alias/app",
        Plaintext: Buffer.from("grüße").toString("base64"),
        EncryptionContext: CONTEXT,
      });
      assert.deepEqual(second?.input, {
        KeyId: "alias/app",
        CiphertextBlob: Buffer.from(ciphertext).toString("base64"),
        EncryptionContext: CONTEXT,
      });
      assert.equal(requestIds.length, 2);
      assert.ok(requestIds.every((id) => /^[0-9a-f-]{36}$/.test(id)));
    });

    test("without a key id none is sent, and KMS finds the key", async () => {
      const kms = await kmsOf();
      const { keyArn } = await kms.decrypt(undefined, await encrypt(), CONTEXT, never);
      assert.equal(keyArn, server.arn(APP_KEY_ID));
      assert.deepEqual(Object.keys(server.requests[1]?.input ?? {}).sort(), [
        "CiphertextBlob",
        "EncryptionContext",
      ]);
    });

    test("a pair called __proto__ is bound like others", async () => {
      const context = JSON.parse('{ "__proto__": "1" }') as Record<string, string>;
      const kms = await kmsOf();
      await kms.encrypt("alias/app", Buffer.from("x"), context, never);
      assert.equal(JSON.stringify(server.requests[0]?.input?.EncryptionContext), '{"__proto__":"1"}');
    });

    test("re-encrypting goes from one key and context to another, and tells the keys and their material", async () => {
      const kms = await kmsOf();
      const bob = { keyId: "alias/other", context: { identity: "bob" } };
      const blob = await encrypt();
      const source = { keyId: "alias/app", context: CONTEXT };
      const answer = await kms.reEncrypt(source, bob, blob, never);
      assert.equal(answer.sourceKeyArn, server.arn(APP_KEY_ID));
      assert.equal(answer.keyArn, server.arn(OTHER_KEY_ID));
      assert.match(answer.sourceMaterialId ?? "", /^[0-9a-f]{64}$/);
      assert.match(answer.materialId ?? "", /^[0-9a-f]{64}$/);
      assert.notEqual(answer.sourceMaterialId, answer.materialId);
      const { operation, input } = server.requests[1]!;
      assert.equal(operation, "ReEncrypt");
      assert.deepEqual([input?.SourceKeyId, input?.SourceEncryptionContext], ["alias/app", CONTEXT]);
      assert.deepEqual(
        [input?.DestinationKeyId, input?.DestinationEncryptionContext],
        ["alias/other", bob.context],
      );
      const opened = await kms.decrypt("alias/other", answer.ciphertext, bob.context, never);
      assert.equal(Buffer.from(opened.plaintext).toString(), "hunter2");
    });

    test("without a source key KMS finds it", async () => {
      const kms = await kmsOf();
      const source = { keyId: undefined, context: CONTEXT };
      const destination = { keyId: "alias/other", context: CONTEXT };
      const { sourceKeyArn } = await kms.reEncrypt(source, destination, await encrypt(), never);
      assert.equal(sourceKeyArn, server.arn(APP_KEY_ID));
      assert.equal("SourceKeyId" in (server.requests[1]?.input ?? {}), false);
    });

    test("a key is described", async () => {
      const { Arn, Enabled } = await (await kmsOf()).describeKey("alias/app", never);
      assert.deepEqual([Arn, Enabled], [server.arn(APP_KEY_ID), true]);
    });

    test("a client is made once for a connection", async () => {
      const connection = await resolveConnection({
        keyId: "alias/app",
        profile: "work",
        region: TEST_REGION,
      });
      const clientOf = (kms: AwsKms): unknown => Reflect.get(kms, "client");
      const observe = (): void => undefined;
      const first = clientOf(aws.kms(connection, observe));
      assert.equal(clientOf(aws.kms({ ...connection }, observe)), first);
      assert.equal(clientOf(await kmsOf()), first);
      for (const other of [
        { region: "eu-west-1" },
        { profile: "other" },
        { endpoint: { url: "http://127.0.0.1:1", origin: "x" } },
        { endpoint: undefined },
        { fingerprint: "other" },
      ]) {
        assert.notEqual(clientOf(aws.kms({ ...connection, ...other }, observe)), first);
      }
    });

    test("changed credentials are used from the next operation on", async () => {
      await encrypt();
      configure(STATIC.replace("AKIAALICE", "AKIANEW"));
      await encrypt();
      home.credentials(`[work]\naws_access_key_id = AKIANEWEST\naws_secret_access_key = x\n`);
      await encrypt();
      assert.deepEqual(
        server.requests.map(({ accessKeyId }) => accessKeyId),
        ["AKIAALICE", "AKIANEW", "AKIANEWEST"],
      );
    });

    test("each profile has its own credentials, also at the same endpoint", async () => {
      home.config(
        ["encrypt", "decrypt"]
          .map(
            (name) =>
              `[profile poc-${name}]\nendpoint_url = ${server.url}\n${STATIC.replace("ALICE", name.toUpperCase())}`,
          )
          .join(""),
      );
      const { ciphertext } = await (
        await kmsOf("poc-encrypt")
      ).encrypt("alias/kms-poc", Buffer.from("x"), CONTEXT, never);
      await (await kmsOf("poc-decrypt")).decrypt("alias/kms-poc", ciphertext, CONTEXT, never);
      assert.deepEqual(
        server.requests.map(({ accessKeyId }) => accessKeyId),
        ["AKIAENCRYPT", "AKIADECRYPT"],
      );
    });

    test("a profile with credentials wins over those of the environment", async () => {
      Object.assign(process.env, { AWS_ACCESS_KEY_ID: "AKIAENV", AWS_SECRET_ACCESS_KEY: "x" });
      await encrypt();
      assert.equal(server.requests[0]?.accessKeyId, "AKIAALICE");
    });

    test("without a profile the environment's credentials come before those of default", async () => {
      home.config(`[default]\nendpoint_url = ${server.url}\n${STATIC}`);
      Object.assign(process.env, { AWS_ACCESS_KEY_ID: "AKIAENV", AWS_SECRET_ACCESS_KEY: "x" });
      const connection = await resolveConnection({
        keyId: "alias/app",
        profile: undefined,
        region: TEST_REGION,
      });
      await aws.kms(connection, () => undefined).encrypt("alias/app", Buffer.from("x"), CONTEXT, never);
      assert.equal(server.requests[0]?.accessKeyId, "AKIAENV");
    });

    test("the endpoint of the chosen profile is asked, although AWS_PROFILE names another", async () => {
      const other = await startKmsServer();
      try {
        home.config(
          `[profile work]\nendpoint_url = ${server.url}\n${STATIC}[profile other]\nendpoint_url = ${other.url}\n${STATIC}`,
        );
        process.env.AWS_PROFILE = "other";
        await encrypt();
        assert.deepEqual([server.requests.length, other.requests.length], [1, 0]);
      } finally {
        await other.close();
      }
    });

    for (const count of [1, MAX_CONCURRENT_REQUESTS, MAX_CONCURRENT_REQUESTS + 1, 40]) {
      test(`${count} selections: at most ${MAX_CONCURRENT_REQUESTS} requests on the wire at a time`, async () => {
        let inFlight = 0;
        let most = 0;
        let allow: () => void = () => undefined;
        // Nobody is answered until as many wait as can come at a time.
        const full = new Promise<void>((resolve) => (allow = resolve));
        server.fail((request) => {
          most = Math.max(most, ++inFlight);
          void request.ended.then(() => inFlight--);
          if (inFlight === Math.min(count, MAX_CONCURRENT_REQUESTS)) allow();
          return { wait: full };
        });
        const parts = Array.from({ length: count }, (_, n) => ({ content: `text ${n}`, line: n + 1 }));
        const kms = await kmsOf();
        const binding = { keyId: "alias/app", context: CONTEXT };
        const tokens = await encryptTexts(direct(kms), parts, binding, BLOBS, never);
        server.fail(undefined);
        const opened = await decryptTokens(
          direct(kms),
          tokens.map((token, n) => ({ content: parseToken(token)!, line: n + 1 })),
          binding,
          never,
        );
        assert.deepEqual(
          opened.map(({ text }) => text),
          parts.map(({ content }) => content),
        );
        assert.equal(most, Math.min(count, MAX_CONCURRENT_REQUESTS));
      });
    }
  });

  suite("that refuses", () => {
    setup(() => {
      configure();
    });

    const exception = (name: string, message = "", status = 400): Fault =>
      failWith(new KmsException(name, message, status));
    const arn = `arn:aws:kms:${TEST_REGION}:111122223333:key/${APP_KEY_ID}`;
    const refusals: [title: string, fault: Fault, expected: Failure][] = [
      ["InvalidCiphertextException", exception("InvalidCiphertextException"), { code: "invalid-ciphertext" }],
      [
        "IncorrectKeyException",
        exception(
          "IncorrectKeyException",
          "The key ID in the request does not identify a CMK that can perform this operation.",
        ),
        { code: "incorrect-key" },
      ],
      [
        "AccessDeniedException of an explicit deny",
        exception(
          "AccessDeniedException",
          `User: arn:aws:iam::111122223333:user/alice is not authorized to perform: kms:Encrypt on resource: ${arn} with an explicit deny in a resource-based policy`,
        ),
        {
          code: "access-denied",
          caller: "arn:aws:iam::111122223333:user/alice",
          action: "kms:Encrypt",
          resource: arn,
          reason: "an explicit deny in a resource-based policy",
        },
      ],
      [
        "AccessDeniedException of no policy",
        failWith(awsErrors.accessDenied("alice", "Decrypt", arn)),
        {
          code: "access-denied",
          caller: "arn:aws:iam::000000000000:user/alice",
          action: "kms:Decrypt",
          resource: arn,
          reason: "no identity-based policy allows the kms:Decrypt action",
        },
      ],
      [
        "AccessDeniedException of an assumed role",
        exception(
          "AccessDeniedException",
          `User: arn:aws:sts::111122223333:assumed-role/dev/alice@example.com is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
        ),
        {
          code: "access-denied",
          caller: "arn:aws:sts::111122223333:assumed-role/dev/alice@example.com",
          action: "kms:Decrypt",
        },
      ],
      [
        "AccessDeniedException with HTTP 403",
        exception("AccessDeniedException", "", 403),
        { code: "access-denied" },
      ],
      [
        "AccessDeniedException for a ciphertext whose key is not to be known",
        failWith(awsErrors.unknownCiphertextKey()),
        { code: "key-not-accessible" },
      ],
      [
        "NotFoundException",
        exception(
          "NotFoundException",
          `Alias arn:aws:kms:${TEST_REGION}:111122223333:alias/no is not found.`,
        ),
        { code: "key-not-found" },
      ],
      ["DisabledException", exception("DisabledException", `${arn} is disabled.`), { code: "key-disabled" }],
      [
        "DisabledException of a key that waits for deletion",
        exception("DisabledException", `${arn} is pending deletion.`),
        { code: "key-pending-deletion" },
      ],
      [
        "KMSInvalidStateException of a key that waits for deletion",
        exception("KMSInvalidStateException", `${arn} is pending deletion.`),
        { code: "key-pending-deletion" },
      ],
      ...["pending import", "creating", "updating", "unavailable", "pending replica deletion"].map(
        (state): [string, Fault, Failure] => [
          `KMSInvalidStateException: ${state}`,
          exception("KMSInvalidStateException", `${arn} is ${state}.`),
          { code: "key-invalid-state", state },
        ],
      ),
      [
        "KMSInvalidStateException without words",
        exception("KMSInvalidStateException"),
        { code: "key-invalid-state" },
      ],
      [
        "InvalidKeyUsageException",
        exception(
          "InvalidKeyUsageException",
          `${arn} key usage is GENERATE_VERIFY_MAC which is not valid for Encrypt.`,
        ),
        { code: "key-usage" },
      ],
      ["InvalidArnException", exception("InvalidArnException", "Invalid arn"), { code: "invalid-arn" }],
      [
        "UnsupportedOperationException",
        exception("UnsupportedOperationException"),
        { code: "unsupported-operation" },
      ],
      [
        "InvalidGrantTokenException",
        exception("InvalidGrantTokenException"),
        { code: "invalid-request", reason: "a grant token is not valid." },
      ],
      [
        "UnrecognizedClientException",
        failWith(awsErrors.unrecognizedClient()),
        { code: "credentials-invalid" },
      ],
      ["InvalidClientTokenId", exception("InvalidClientTokenId", "", 403), { code: "credentials-invalid" }],
      ["InvalidSignatureException", failWith(awsErrors.invalidSignature()), { code: "credentials-invalid" }],
      ["IncompleteSignature", exception("IncompleteSignature"), { code: "credentials-invalid" }],
      ["OptInRequired", exception("OptInRequired", "", 403), { code: "credentials-invalid" }],
      ["an exception that is new", exception("BrandNewException", "canary"), { code: "response-invalid" }],
      [
        "an exception that is new, HTTP 403",
        exception("BrandNewException", "canary", 403),
        { code: "response-invalid" },
      ],
    ];
    for (const [title, fault, expected] of refusals) {
      test(title, async () => {
        server.fail(() => fault);
        const error = await rejectedBy(encrypt());
        assert.deepEqual(error.failure, expected);
        assert.equal(error.source?.httpStatus, fault.answer?.status);
        assert.match(error.source?.requestId ?? "", /^[0-9a-f-]{36}$/);
        assert.equal(server.requests.length, 1, "it is not asked again");
        assertTellsNothing(error);
      });
    }

    test("ValidationException repeats no values", async () => {
      server.fail(() =>
        exception(
          "ValidationException",
          "2 validation errors detected: Value 'canary' at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096; Value 'can\nary' at 'keyId' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ),
      );
      const error = await rejectedBy(encrypt());
      assert.ok(error.failure.code === "invalid-request");
      assert.match(error.failure.reason, /at 'plaintext' failed to satisfy.* 4096;.* at 'keyId'/s);
      assertTellsNothing(error);
    });

    test("an empty text is refused by KMS itself", async () => {
      const kms = await kmsOf();
      assertCode(
        await rejectedBy(kms.encrypt("alias/app", new Uint8Array(), CONTEXT, never)),
        "invalid-request",
      );
    });

    for (const [alias, code] of [
      ["alias/disabled", "key-disabled"],
      ["alias/pending-deletion", "key-pending-deletion"],
      ["alias/mac", "key-usage"],
      ["alias/no", "key-not-found"],
    ] as const) {
      test(`the server's own refusal of ${alias}`, async () => {
        const kms = await kmsOf();
        assertCode(await rejectedBy(kms.encrypt(alias, Buffer.from("x"), CONTEXT, never)), code);
      });
    }

    test("another key, another identity, other bytes", async () => {
      const kms = await kmsOf();
      const blob = await encrypt();
      assertCode(await rejectedBy(kms.decrypt("alias/other", blob, CONTEXT, never)), "incorrect-key");
      assertCode(
        await rejectedBy(kms.decrypt("alias/app", blob, { user_id: "2" }, never)),
        "invalid-ciphertext",
      );
      assertCode(
        await rejectedBy(kms.decrypt("alias/app", kmsBytes(168), CONTEXT, never)),
        "invalid-ciphertext",
      );
    });

    test("an expired token: credentials are had anew and the request is made again, once", async () => {
      server.fail(() => failWith(awsErrors.expiredToken()));
      assert.deepEqual(await failureOf(encrypt()), { code: "credentials-expired" });
      assert.equal(server.requests.length, 2);
    });

    for (const renewed of [true, false])
      test(`a token that expires among twenty texts, and is ${renewed ? "" : "not "}renewed: all or none`, async () => {
        server.fail(({ accessKeyId }, n) => {
          if (n === 7 && renewed) configure(STATIC.replace("AKIAALICE", "AKIANEW"));
          return n >= 7 && accessKeyId === "AKIAALICE" ? failWith(awsErrors.expiredToken()) : undefined;
        });
        const kms = direct(await kmsOf());
        const binding = { keyId: "alias/app", context: CONTEXT };
        const parts = Array.from({ length: 20 }, (_, n) => ({ content: `text ${n}`, line: n + 1 }));
        const encrypting = encryptTexts(kms, parts, binding, BLOBS, never);
        if (!renewed) {
          assertCode(await rejectedBy(encrypting), "credentials-expired");
          return;
        }
        const tokens = (await encrypting).map((token, n) => ({ content: parseToken(token)!, line: n + 1 }));
        assert.deepEqual(
          (await decryptTokens(kms, tokens, binding, never)).map(({ text }) => text),
          parts.map(({ content }) => content),
        );
      });

    test("an expired token of a profile with SSO asks for a sign-in", async () => {
      configure(`${STATIC}sso_start_url = https://sso.invalid/start\n`);
      server.fail(() => failWith(awsErrors.expiredToken()));
      assert.deepEqual(await failureOf(encrypt()), { code: "credentials-expired", signIn: "sso" });
    });

    test("an expired token of a profile with a login session asks for a sign-in", async () => {
      configure(`${STATIC}login_session = arn\n`);
      server.fail(() => failWith(awsErrors.expiredToken()));
      assert.deepEqual(await failureOf(encrypt()), { code: "credentials-expired", signIn: "login" });
    });

    test("a signature that is too old is the clock's fault", async () => {
      server.fail(() =>
        exception(
          "InvalidSignatureException",
          "Signature expired: 20240601T000000Z is now earlier than 20240601T000500Z",
        ),
      );
      assertCode(await rejectedBy(encrypt()), "clock-skew");
    });

    test("everything that Decrypt raises, it raises by Decrypt as well", async () => {
      const kms = await kmsOf();
      for (const [, fault, expected] of refusals) {
        server.fail(() => fault);
        assert.deepEqual(await failureOf(kms.decrypt("alias/app", kmsBytes(168), CONTEXT, never)), expected);
      }
    });
  });

  suite("that fails", () => {
    setup(() => {
      configure();
    });

    test("twice HTTP 500 and then an answer: the third try gets through", async () => {
      server.fail((_, n) => (n <= 2 ? failWith(awsErrors.internalFailure()) : undefined));
      await encrypt();
      assert.equal(server.requests.length, 3);
    });

    const lasting: [title: string, fault: Fault, code: FailureCode][] = [
      ["HTTP 500", failWith(awsErrors.internalFailure()), "kms-unavailable"],
      [
        "KMSInternalException",
        failWith(new KmsException("KMSInternalException", "", 500)),
        "kms-unavailable",
      ],
      [
        "DependencyTimeoutException",
        failWith(new KmsException("DependencyTimeoutException", "", 503)),
        "kms-unavailable",
      ],
      [
        "KeyUnavailableException",
        failWith(new KmsException("KeyUnavailableException", "", 500)),
        "kms-unavailable",
      ],
      ["throttling", failWith(awsErrors.throttling()), "throttled"],
      [
        "HTTP 502 of a proxy",
        { answer: { status: 502, body: "<html>Bad Gateway</html>", contentType: "text/html" } },
        "kms-unavailable",
      ],
      ["HTTP 429 of a proxy", { answer: { status: 429, body: "", contentType: "text/plain" } }, "throttled"],
      ["a connection that is cut before the answer", { destroy: "before" }, "network"],
    ];
    for (const [title, fault, code] of lasting) {
      test(`${title}, again and again: three tries, then the reason`, async () => {
        server.fail(() => fault);
        const error = await rejectedBy(encrypt());
        assertCode(error, code);
        assert.equal(server.requests.length, 3);
        assertTellsNothing(error);
      });
    }

    test("a connection that is cut in the middle of the answer", async () => {
      server.fail(() => ({ destroy: "during" }));
      assertCode(await rejectedBy(encrypt()), "network");
    });

    const type = "application/x-amz-json-1.1";
    const strange: [title: string, answer: NonNullable<Fault["answer"]>][] = [
      ["JSON that is cut", { status: 200, body: '{"CiphertextBlob":"AAAA', contentType: type }],
      ["a page", { status: 200, body: "<html>Sign in to canary</html>", contentType: "text/html" }],
      ["a page that says it is JSON", { status: 200, body: "<html>canary</html>", contentType: type }],
      ["nothing", { status: 200, body: "", contentType: type }],
      ["an empty object", { status: 200, body: "{}", contentType: type }],
      ["no key", { status: 200, body: '{"CiphertextBlob":"AAAA","Plaintext":"AAAA"}', contentType: type }],
      ["no blob", { status: 200, body: '{"KeyId":"x"}', contentType: type }],
      ["null", { status: 200, body: "null", contentType: type }],
      ["a list", { status: 200, body: "[]", contentType: type }],
      ["a string", { status: 200, body: '"canary"', contentType: type }],
      [
        "a number for a blob",
        { status: 200, body: '{"CiphertextBlob":5,"Plaintext":5,"KeyId":"x"}', contentType: type },
      ],
      [
        "no base64 for a blob",
        { status: 200, body: '{"CiphertextBlob":"!","Plaintext":"!","KeyId":"x"}', contentType: type },
      ],
      ["HTTP 404 and a page", { status: 404, body: "<html>canary</html>", contentType: "text/html" }],
      ["HTTP 403 and a page", { status: 403, body: "<html>canary</html>", contentType: "text/html" }],
      ["HTTP 302", { status: 302, body: "", headers: { location: "http://127.0.0.1:1/" } }],
      ["HTTP 400 and nothing", { status: 400, body: "", contentType: type }],
      ["HTTP 400 and JSON of another kind", { status: 400, body: '{"error":"canary"}', contentType: type }],
    ];
    for (const [title, answer] of strange) {
      test(`what is no answer of KMS: ${title}`, async () => {
        server.fail(() => ({ answer }));
        const kms = await kmsOf();
        for (const request of [
          kms.encrypt("alias/app", Buffer.from("x"), CONTEXT, never),
          kms.decrypt("alias/app", kmsBytes(168), CONTEXT, never),
        ]) {
          const error = await rejectedBy(request);
          assertCode(error, "response-invalid");
          assertTellsNothing(error);
        }
      });
    }

    test("a good answer with another content type is an answer", async () => {
      const { ciphertext, keyArn } = { ciphertext: kmsBytes(100), keyArn: "arn" };
      const body = JSON.stringify({ CiphertextBlob: ciphertext.toString("base64"), KeyId: keyArn });
      server.fail(() => ({ answer: { status: 200, body, contentType: "text/plain" } }));
      assert.deepEqual(Buffer.from(await encrypt()), ciphertext);
    });

    test("nobody listens", async () => {
      configure(STATIC, `http://127.0.0.1:${await unusedPort()}`);
      assert.deepEqual(await failureOf(encrypt()), {
        code: "network",
        reason: "ECONNREFUSED",
        host: "127.0.0.1",
      });
    });

    test("nobody listens at any address of the host", async () => {
      configure(STATIC, `http://localhost:${await unusedPort()}`);
      const failure = await failureOf(encrypt());
      assert.ok(failure.code === "network");
      assert.equal(failure.reason, "ECONNREFUSED");
    });

    test("a host that no one knows", async () => {
      configure(STATIC, "http://kms.invalid");
      const failure = await failureOf(encrypt());
      assert.ok(failure.code === "network");
      assert.match(failure.reason, /^(?:ENOTFOUND|EAI_AGAIN)$/);
      assert.equal(failure.host, "kms.invalid");
    });

    test("a certificate that nobody vouches for", async () => {
      const secure = await startSecureServer(home.path);
      try {
        configure(STATIC, secure.url);
        assert.deepEqual(await failureOf(encrypt()), {
          code: "certificate",
          reason: "DEPTH_ZERO_SELF_SIGNED_CERT",
        });
        assert.equal(secure.requests, 0);
      } finally {
        await secure.close();
      }
    });

    for (const [title, name] of [
      ["AWS_CA_BUNDLE", "environment"],
      ["ca_bundle of the profile", "profile"],
    ] as const)
      test(`a certificate of the authority in ${title} is trusted, and from the next operation on no more`, async () => {
        const secure = await startSecureServer(home.path, [], forwardTo(server.url));
        const bundle = `ca_bundle = ${secure.certificate}\n`;
        try {
          if (name === "environment") process.env.AWS_CA_BUNDLE = secure.certificate;
          configure(name === "profile" ? STATIC + bundle : STATIC, secure.url);
          await encrypt();
          assert.equal(server.requests.at(-1)?.operation, "Encrypt");
          Reflect.deleteProperty(process.env, "AWS_CA_BUNDLE");
          configure(STATIC, secure.url);
          assertCode(await rejectedBy(encrypt()), "certificate");
        } finally {
          await secure.close();
        }
      });

    for (const [title, made, reason] of [
      ["that has expired", { days: -1 }, "CERT_HAS_EXPIRED"],
      ["of another host", { address: "127.0.0.2" }, "ERR_TLS_CERT_ALTNAME_INVALID"],
    ] as const)
      test(`a certificate ${title}, by one who is trusted`, async () => {
        const secure = await startSecureServer(home.path, [], undefined, made);
        const { createSecureContext } = tls;
        // As if the machine trusted it.
        tls.createSecureContext = (options) =>
          createSecureContext({ ...options, ca: readFileSync(secure.certificate) });
        try {
          configure(STATIC, secure.url);
          const failure = await failureOf(encrypt());
          assert.ok(failure.code === "certificate");
          assert.equal(failure.reason, reason);
          assert.equal(secure.requests, 0);
        } finally {
          tls.createSecureContext = createSecureContext;
          await secure.close();
        }
      });

    test("http where https is spoken, and https where http is", async () => {
      const secure = await startSecureServer(home.path);
      try {
        configure(STATIC, secure.url.replace("https:", "http:"));
        assertCode(await rejectedBy(encrypt()), "network");
        configure(STATIC, server.url.replace("http:", "https:"));
        assertCode(await rejectedBy(encrypt()), "network");
      } finally {
        await secure.close();
      }
    });
  });

  suite("that is cancelled", () => {
    setup(() => {
      configure();
    });

    test("before the request: none is made", async () => {
      assertCode(await rejectedBy(encrypt(AbortSignal.abort())), "cancelled");
      assert.equal(server.requests.length, 0);
    });

    test("while KMS does not answer: at once, and the server sees that the client hung up", async () => {
      server.fail(() => ({ wait: new Promise(() => undefined) }));
      const controller = new AbortController();
      const outcome = rejectedBy(encrypt(controller.signal));
      const request = await server.received(1);
      controller.abort();
      assertCode(await outcome, "cancelled");
      await request.ended;
      assert.equal(request.aborted, true);
      assert.equal(server.requests.length, 1);
    });

    test("one of several that fails: the others are ended on the wire as well", async () => {
      server.fail((_, n) =>
        n === 3 ? failWith(awsErrors.unrecognizedClient()) : { wait: new Promise(() => undefined) },
      );
      const parts = [1, 2, 3].map((line) => ({ content: "x", line }));
      const error = await rejectedBy(
        encryptTexts(direct(await kmsOf()), parts, { keyId: "alias/app", context: CONTEXT }, BLOBS, never),
      );
      assertCode(error, "credentials-invalid");
      await Promise.all(server.requests.map(({ ended }) => ended));
      assert.equal(server.requests.filter(({ aborted }) => aborted).length, 2);
    });

    test("between two tries", async () => {
      const controller = new AbortController();
      server.fail(() => {
        controller.abort();
        return failWith(awsErrors.internalFailure());
      });
      assertCode(await rejectedBy(encrypt(controller.signal)), "cancelled");
      assert.equal(server.requests.length, 1);
    });

    test("while credentials are waited for: at once, and no request is made", async () => {
      const pidFile = join(home.path, "pid");
      const script = home.write(
        "hang.cjs",
        `require("node:fs").writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => {}, 1000);`,
      );
      configure(`credential_process = "${process.execPath}" "${script}"\n`);
      const controller = new AbortController();
      const outcome = rejectedBy(encrypt(controller.signal));
      while (!existsSync(pidFile) || readFileSync(pidFile, "utf8") === "") {
        await new Promise((resolve) => setImmediate(resolve));
      }
      try {
        controller.abort();
        assertCode(await outcome, "cancelled");
        assert.equal(server.requests.length, 0);
      } finally {
        process.kill(Number(readFileSync(pidFile, "utf8")));
      }
    });
  });

  suite("credentials", () => {
    /** Prints what it is told, and ends with a status. */
    function credentialProcess(stdout: string, stderr = "", status = 0): string {
      const script = home.write(
        "credentials.cjs",
        `process.stdout.write(${JSON.stringify(stdout)}); process.stderr.write(${JSON.stringify(stderr)}); process.exitCode = ${status};`,
      );
      return `credential_process = "${process.execPath}" "${script}" --password canary\n`;
    }
    const answered = (more: object = {}): string =>
      JSON.stringify({
        Version: 1,
        AccessKeyId: "AKIAPROCESS",
        SecretAccessKey: "s",
        SessionToken: "t",
        ...more,
      });

    test("of a credential_process", async () => {
      configure(credentialProcess(answered()));
      await encrypt();
      await encrypt();
      assert.deepEqual(
        server.requests.map(({ accessKeyId }) => accessKeyId),
        ["AKIAPROCESS", "AKIAPROCESS"],
      );
      assert.equal(server.requests[0]?.headers["x-amz-security-token"], "t");
    });

    const fails: Failure = {
      code: "credentials-failed",
      reason: "its credential_process failed; run that command in a terminal to see why",
    };
    const failing: [title: string, stdout: string, stderr: string, status: number][] = [
      ["that fails", "", "canary\n", 1],
      ["that fails and speaks of signing in", "", "canary: source_profile, credential_source, a cycle\n", 1],
      ["that answers no JSON", "canary", "", 0],
      ["that answers nothing", "", "", 0],
      ["that answers another version", '{"Version":2,"AccessKeyId":"canary"}', "", 0],
      ["that answers half", '{"Version":1,"AccessKeyId":"canary"}', "", 0],
      ["that answers what has expired", answered({ Expiration: "2001-01-01T00:00:00Z" }), "", 0],
    ];
    for (const [title, stdout, stderr, status] of failing) {
      test(`of a credential_process ${title}: nothing of it is told`, async () => {
        configure(credentialProcess(stdout, stderr, status));
        const error = await rejectedBy(encrypt());
        assert.deepEqual(error.failure, fails);
        assertTellsNothing(error);
      });

      test(`of a role whose source has a credential_process ${title}: nothing of it is told`, async () => {
        configure(
          `role_arn = arn:aws:iam::111122223333:role/r\nsource_profile = source\n[profile source]\n${credentialProcess(stdout, stderr, status)}`,
        );
        const error = await rejectedBy(encrypt());
        assertCode(error, "credentials-failed");
        assertTellsNothing(error);
      });
    }

    test("of nobody", async () => {
      home.config(`[default]\nendpoint_url = ${server.url}\n`);
      const connection = await resolveConnection({
        keyId: "alias/app",
        profile: undefined,
        region: TEST_REGION,
      });
      const kms = aws.kms(connection, () => undefined);
      assert.deepEqual(await failureOf(kms.encrypt("alias/app", Buffer.from("x"), CONTEXT, never)), {
        code: "credentials-missing",
      });
    });

    const ofProfiles: [title: string, settings: string, expected: Failure | FailureCode][] = [
      ["a profile without any", "output = json\n", "credentials-missing"],
      [
        "half of a key",
        "aws_access_key_id = AKIA\n",
        { code: "credentials-failed", reason: "it has no aws_secret_access_key" },
      ],
      [
        "roles in a circle",
        "role_arn = arn:aws:iam::111122223333:role/a\nsource_profile = b\n[profile b]\nrole_arn = arn:aws:iam::111122223333:role/b\nsource_profile = work\n",
        "credentials-failed",
      ],
      [
        "a source that is not there",
        "role_arn = arn:aws:iam::111122223333:role/a\nsource_profile = nobody\n",
        { code: "credentials-failed", reason: 'its source_profile "nobody" does not exist' },
      ],
      [
        "a credential source that is not there",
        "role_arn = arn:aws:iam::111122223333:role/a\ncredential_source = Nowhere\n",
        "credentials-failed",
      ],
      [
        "SSO without a session",
        "sso_session = corp\nsso_account_id = 111122223333\nsso_role_name = dev\n[sso-session corp]\nsso_start_url = https://sso.invalid/start\nsso_region = us-east-2\n",
        { code: "credentials-expired", signIn: "sso" },
      ],
      [
        "SSO of the old kind without a session",
        "sso_start_url = https://sso.invalid/start\nsso_region = us-east-2\nsso_account_id = 111122223333\nsso_role_name = dev\n",
        { code: "credentials-expired", signIn: "sso" },
      ],
      ["SSO that lacks settings", "sso_start_url = https://sso.invalid/start\n", "credentials-failed"],
      [
        "a login session that is not there",
        "login_session = arn:aws:iam::111122223333:user/alice\n",
        { code: "credentials-expired", signIn: "login" },
      ],
      [
        "a web identity whose file is not there",
        "role_arn = arn:aws:iam::111122223333:role/a\nweb_identity_token_file = /nowhere/token\n",
        "credentials-failed",
      ],
    ];
    for (const [title, settings, expected] of ofProfiles) {
      test(`of ${title}`, async () => {
        configure(settings);
        const error = await rejectedBy(encrypt());
        if (typeof expected === "string") assertCode(error, expected);
        else assert.deepEqual(error.failure, expected);
        assert.equal(server.requests.length, 0);
      });
    }

    test("of an SSO session that has expired", async () => {
      configure(
        "sso_start_url = https://sso.invalid/start\nsso_region = us-east-2\nsso_account_id = 1\nsso_role_name = dev\n",
      );
      const name = createHash("sha1").update("https://sso.invalid/start").digest("hex");
      home.write(
        `.aws/sso/cache/${name}.json`,
        JSON.stringify({ accessToken: "canary", expiresAt: "2001-01-01T00:00:00Z" }),
      );
      const error = await rejectedBy(encrypt());
      assert.deepEqual(error.failure, { code: "credentials-expired", signIn: "sso" });
      assertTellsNothing(error);
    });
  });
});

/** Neither what people read nor what is logged holds a secret, or the text of an answer. */
function assertTellsNothing(error: KmsSelectionError): void {
  const description = describeFailure(error, { operation: "decrypt", profile: "work", context: CONTEXT });
  const { failure, source, selection, name, message } = error;
  const told = JSON.stringify([description, { failure, source, selection, name, message }, error]);
  assert.doesNotMatch(told, /canary|hunter2|SecretAccessKey|credentials\.cjs/);
}

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // An address of another kind is for pipes.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
