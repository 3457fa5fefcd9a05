/** A multi-Region key and its replica, over HTTP on loopback: which failures go to the other Region, and which do not. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { KMSClient } from "@aws-sdk/client-kms";
import type { AwsKms } from "../../../src/aws/awsKms";
import { resolveConnection } from "../../../src/aws/connection";
import { FallbackKms } from "../../../src/aws/fallbackKms";
import { Aws, localClient, localKms } from "../../../src/aws/main";
import { EncryptionSdkMessages } from "../../../src/aws/messages";
import { RegionHealth } from "../../../src/aws/regionHealth";
import { KmsSelectionError, type Failure, type FailureCode } from "../../../src/core/errors";
import { mapConcurrently } from "../../../src/core/mapConcurrently";
import { KmsException } from "../../../src/sandbox/kmsException";
import type { LocalKey } from "../../../src/sandbox/keyStore";
import { LocalKms } from "../../../src/sandbox/localKms";
import { createRequestHandler } from "../../../src/sandbox/main";
import {
  awsErrors,
  failWith,
  startKmsServer,
  type Fault,
  type KmsRequest,
  type KmsServer,
} from "../../support/kmsServer";
import { assertCode, rejectedBy } from "../core/failures";
import { useHome } from "./home";

const never = new AbortController().signal;
const CONTEXT = { identity: "alice" };
const HOME = "us-east-2";
const THERE = "eu-west-1";
const MRK = "mrk-0123456789abcdef0123456789abcdef";
const SINGLE = "11111111-1111-4111-8111-111111111111";
const arn = (region: string, resource: string): string => `arn:aws:kms:${region}:000000000000:${resource}`;
const SAME = { keyId: "alias/app", context: CONTEXT };
const secret = (): Buffer => Buffer.from("secret");
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

const KEYS: readonly LocalKey[] = [
  { keyId: MRK, aliases: ["alias/app"], replicas: [HOME, THERE] },
  { keyId: SINGLE, aliases: ["alias/single"] },
];

const refused = (name: string, status?: number): Fault => failWith(new KmsException(name, "", status));

suite("Fallback Regions", () => {
  const home = useHome();
  let server: KmsServer;
  let aws: Aws;
  let answered: (string | undefined)[];

  setup(async () => {
    server = await startKmsServer({ keys: KEYS, elsewhere: { [THERE]: KEYS } });
    aws = new Aws(() => assert.fail("asked for a code"));
    answered = [];
    home.config(`[profile work]\nendpoint_url = ${server.url}\n`);
    home.credentials("[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = work\n");
  });
  teardown(async () => {
    aws.dispose();
    await server.close();
  });

  async function kmsOf(
    options: { encrypts?: boolean; keyId?: string; regions?: string[] } = {},
  ): Promise<AwsKms> {
    const { encrypts = false, keyId = "alias/app", regions = [THERE] } = options;
    const connection = await resolveConnection({ keyId, profile: "work", region: HOME });
    return aws.kmsOfSeveral(connection, () => undefined, {
      regions,
      encrypts,
      onAnswer: (region) => answered.push(region),
    });
  }

  const atHome = (fault: Fault): void => {
    server.fail(({ region }) => (region === HOME ? fault : undefined));
  };
  const asked = (region: string): KmsRequest[] => server.requests.filter((each) => each.region === region);

  /** Made while all is well; those requests are forgotten by looking at the fallback's own alone. */
  async function sealed(keyId = "alias/app"): Promise<Uint8Array> {
    const { ciphertext } = await (await kmsOf()).encrypt(keyId, secret(), CONTEXT, never);
    answered.length = 0;
    return ciphertext;
  }

  const falls: [title: string, fault: Fault][] = [
    ["the connection is cut", { destroy: "before" }],
    ["the answer is cut off", { destroy: "during" }],
    ["InternalFailure", failWith(awsErrors.internalFailure())],
    ["KMSInternalException", refused("KMSInternalException", 500)],
    ["DependencyTimeoutException", refused("DependencyTimeoutException", 500)],
    ["KeyUnavailableException", refused("KeyUnavailableException", 500)],
    ["ServiceUnavailableException", refused("ServiceUnavailableException", 503)],
    ["502 of a load balancer", { answer: { status: 502, body: "<html>", contentType: "text/html" } }],
  ];
  for (const [title, fault] of falls) {
    test(`${title}: the replica answers, asked by the same alias`, async () => {
      const ciphertext = await sealed();
      atHome(fault);
      const { plaintext, keyArn } = await (await kmsOf()).decrypt("alias/app", ciphertext, CONTEXT, never);
      assert.equal(textOf(plaintext), "secret");
      assert.equal(keyArn, arn(THERE, `key/${MRK}`));
      assert.deepEqual(answered, [THERE]);
      assert.deepEqual(
        asked(THERE).map(({ input }) => input?.KeyId),
        ["alias/app"],
      );
    });
  }

  const stays: [title: string, fault: Fault, code: FailureCode][] = [
    ["throttled", failWith(awsErrors.throttling()), "throttled"],
    ["429", { answer: { status: 429, body: "" } }, "throttled"],
    ["not allowed", failWith(awsErrors.accessDenied("alice", "Decrypt", "arn")), "access-denied"],
    ["an unknown key", failWith(awsErrors.unknownCiphertextKey()), "key-not-accessible"],
    ["a bad ciphertext", refused("InvalidCiphertextException"), "invalid-ciphertext"],
    ["another key", refused("IncorrectKeyException"), "incorrect-key"],
    ["no such key", refused("NotFoundException"), "key-not-found"],
    ["a disabled key", refused("DisabledException"), "key-disabled"],
    ["a key in another state", refused("KMSInvalidStateException"), "key-invalid-state"],
    ["an expired session", failWith(awsErrors.expiredToken()), "credentials-expired"],
    ["unknown credentials", failWith(awsErrors.unrecognizedClient()), "credentials-invalid"],
    ["a wrong clock", refused("RequestTimeTooSkewed"), "clock-skew"],
    [
      "a page of something else",
      { answer: { status: 200, body: "<html>", contentType: "text/html" } },
      "response-invalid",
    ],
  ];
  for (const [title, fault, code] of stays) {
    test(`${title}: it is told, and no other Region is asked`, async () => {
      const ciphertext = await sealed();
      atHome(fault);
      const kms = await kmsOf({ encrypts: true });
      assertCode(await rejectedBy(kms.decrypt("alias/app", ciphertext, CONTEXT, never)), code);
      assertCode(await rejectedBy(kms.encrypt("alias/app", secret(), CONTEXT, never)), code);
      assert.deepEqual(asked(THERE), []);
      assert.deepEqual(answered, []);
    });
  }

  test("no answer at all: the replica answers in 15 seconds, and the next text waits for nothing", async function () {
    this.timeout(30_000);
    const ciphertext = await sealed();
    atHome({ wait: new Promise(() => undefined) });
    const kms = await kmsOf();
    let started = performance.now();
    await kms.decrypt("alias/app", ciphertext, CONTEXT, never);
    const first = performance.now() - started;
    assert.ok(first > 4_000 && first < 15_000, `${first} ms`);
    const before = asked(HOME).length;
    started = performance.now();
    await (await kmsOf()).decrypt("alias/app", ciphertext, CONTEXT, never);
    assert.ok(performance.now() - started < 1_000);
    assert.equal(asked(HOME).length, before);
  });

  const names: [keyId: string, there: string | undefined][] = [
    ["alias/app", "alias/app"],
    [arn(HOME, "alias/app"), arn(THERE, "alias/app")],
    [MRK, MRK],
    [arn(HOME, `key/${MRK}`), arn(THERE, `key/${MRK}`)],
    [SINGLE, undefined],
    [arn(HOME, `key/${SINGLE}`), undefined],
  ];
  for (const [keyId, there] of names) {
    test(`${keyId} is ${there ?? "not asked for"} in the other Region`, async () => {
      const ciphertext = await sealed(keyId);
      atHome({ destroy: "before" });
      const opening = (await kmsOf({ keyId })).decrypt(keyId, ciphertext, CONTEXT, never);
      if (there === undefined) assertCode(await rejectedBy(opening), "network");
      else assert.equal(textOf((await opening).plaintext), "secret");
      assert.deepEqual(
        asked(THERE).map(({ input }) => input?.KeyId),
        there === undefined ? [] : [there],
      );
    });
  }

  test("where KMS is to find the key, it may find it in the other Region", async () => {
    const ciphertext = await sealed();
    atHome({ destroy: "before" });
    const { keyArn } = await (await kmsOf()).decrypt(undefined, ciphertext, CONTEXT, never);
    assert.equal(keyArn, arn(THERE, `key/${MRK}`));
  });

  test("what the replica says of the ciphertext is told; that it has no such key is not", async () => {
    const ciphertext = await sealed();
    atHome({ destroy: "before" });
    const kms = await kmsOf();
    const bob = { identity: "bob" };
    assertCode(await rejectedBy(kms.decrypt("alias/app", ciphertext, bob, never)), "invalid-ciphertext");
    assertCode(await rejectedBy(kms.decrypt("alias/none", ciphertext, CONTEXT, never)), "network");
  });

  test("nothing is encrypted elsewhere unless that is allowed", async () => {
    atHome({ destroy: "before" });
    const kms = await kmsOf();
    const { ciphertext } = await (
      await kmsOf({ encrypts: true })
    ).encrypt("alias/app", secret(), CONTEXT, never);
    const before = asked(THERE).length;
    for (const attempt of [
      () => kms.encrypt("alias/app", secret(), CONTEXT, never),
      () => kms.generateDataKey("alias/app", 32, CONTEXT, never),
      () => kms.reEncrypt(SAME, SAME, ciphertext, never),
    ]) {
      assertCode(await rejectedBy(attempt()), "network");
    }
    assert.equal(asked(THERE).length, before);
  });

  test("what is encrypted elsewhere opens at home", async () => {
    atHome({ destroy: "before" });
    const kms = await kmsOf({ encrypts: true });
    const { ciphertext, keyArn } = await kms.encrypt("alias/app", secret(), CONTEXT, never);
    const dataKey = await kms.generateDataKey("alias/app", 32, CONTEXT, never);
    const moved = await kms.reEncrypt(SAME, SAME, ciphertext, never);
    assert.equal(keyArn, arn(THERE, `key/${MRK}`));
    server.fail(undefined);
    const connection = await resolveConnection({ keyId: "alias/app", profile: "work", region: HOME });
    const alone = aws.kms(connection, () => undefined);
    for (const each of [ciphertext, dataKey.ciphertext, moved.ciphertext]) {
      const opened = await alone.decrypt("alias/app", each, CONTEXT, never);
      assert.equal(opened.keyArn, arn(HOME, `key/${MRK}`));
    }
  });

  test("an alias that names a single-Region key elsewhere encrypts nothing there", async () => {
    atHome({ destroy: "before" });
    const kms = await kmsOf({ encrypts: true });
    assertCode(await rejectedBy(kms.encrypt("alias/single", secret(), CONTEXT, never)), "network");
    assertCode(await rejectedBy(kms.generateDataKey("alias/single", 32, CONTEXT, never)), "network");
  });

  suite("an alias that stands for another multi-Region key there", () => {
    const other = MRK.replace("mrk-0", "mrk-1");
    const serveThere = async (key: Partial<LocalKey>): Promise<void> => {
      await server.close();
      const there = [{ keyId: other, aliases: ["alias/app"], ...key }, { keyId: MRK }];
      server = await startKmsServer({ keys: KEYS, elsewhere: { [THERE]: there } });
      home.config(`[profile work]\nendpoint_url = ${server.url}\n`);
    };
    const mismatch = { code: "not-the-replica", region: THERE, keyArn: arn(THERE, `key/${other}`) };
    const known = { ...mismatch, home: arn(HOME, `key/${MRK}`) };
    const attempts = (kms: AwsKms, ciphertext: Uint8Array) => [
      () => kms.encrypt("alias/app", secret(), CONTEXT, never),
      () => kms.generateDataKey("alias/app", 32, CONTEXT, never),
      () => kms.reEncrypt(SAME, SAME, ciphertext, never),
    ];

    test("home has said which key it is: nothing is sent there, and both keys are named", async () => {
      await serveThere({ replicas: [HOME] });
      const ciphertext = await sealed();
      atHome({ destroy: "before" });
      for (const attempt of attempts(await kmsOf({ encrypts: true }), ciphertext)) {
        assert.deepEqual((await rejectedBy(attempt())).failure, known);
      }
      assert.deepEqual(asked(THERE), []);
    });

    test("home has not said it: a key that has no replica at home is refused", async () => {
      await serveThere({});
      atHome({ destroy: "before" });
      for (const attempt of attempts(await kmsOf({ encrypts: true }), Buffer.alloc(200, 1))) {
        assert.deepEqual((await rejectedBy(attempt())).failure, mismatch);
      }
      assert.deepEqual(asked(THERE), []);
    });

    test("nobody may look: refused where home has said nothing, and by the answer where it has", async () => {
      await serveThere({ replicas: [HOME] });
      server.restrict((_, operation) =>
        operation === "DescribeKey" ? awsErrors.accessDenied("work", operation, "*") : undefined,
      );
      atHome({ destroy: "before" });
      const kms = await kmsOf({ encrypts: true });
      assert.deepEqual((await rejectedBy(kms.encrypt("alias/app", secret(), CONTEXT, never))).failure, {
        code: "not-the-replica",
        region: THERE,
      });
      server.fail(undefined);
      await sealed();
      atHome({ destroy: "before" });
      const again = await kmsOf({ encrypts: true });
      assert.deepEqual(
        (await rejectedBy(again.encrypt("alias/app", secret(), CONTEXT, never))).failure,
        known,
      );
    });

    test("decrypting says so, and not that the alias at home was moved", async () => {
      await serveThere({ replicas: [HOME] });
      const ciphertext = await sealed();
      atHome({ destroy: "before" });
      const kms = await kmsOf();
      assert.deepEqual(
        (await rejectedBy(kms.decrypt("alias/app", ciphertext, CONTEXT, never))).failure,
        known,
      );
    });

    test("what its own replica did not encrypt is still told as such", async () => {
      const { ciphertext } = await (await kmsOf()).encrypt("alias/single", secret(), CONTEXT, never);
      atHome({ destroy: "before" });
      const failure = await rejectedBy((await kmsOf()).decrypt("alias/app", ciphertext, CONTEXT, never));
      assertCode(failure, "incorrect-key");
    });
  });

  test("all Regions out: the reason is that of the key's own; back again, it is asked first", async () => {
    const ciphertext = await sealed();
    server.fail(({ region }) =>
      region === HOME ? { destroy: "before" } : refused("KMSInternalException", 500),
    );
    const kms = await kmsOf();
    assertCode(await rejectedBy(kms.decrypt("alias/app", ciphertext, CONTEXT, never)), "network");
    assert.deepEqual(answered, []);
    server.fail(undefined);
    await kms.decrypt("alias/app", ciphertext, CONTEXT, never);
    assert.deepEqual(answered, [undefined]);
  });

  test("several replicas are asked in their order", async () => {
    const ciphertext = await sealed();
    server.fail(({ region }) => (region === THERE ? undefined : { destroy: "before" }));
    const kms = await kmsOf({ regions: ["ap-east-1", HOME, THERE] });
    await kms.decrypt("alias/app", ciphertext, CONTEXT, never);
    assert.deepEqual(
      [...new Set(server.requests.slice(1).map(({ region }) => region))],
      [HOME, "ap-east-1", THERE],
    );
  });

  test("cancelled while the key's own Region is waited for: at once, and nothing is asked elsewhere", async () => {
    const ciphertext = await sealed();
    atHome({ wait: new Promise(() => undefined) });
    const cancelling = new AbortController();
    const opening = (await kmsOf()).decrypt("alias/app", ciphertext, CONTEXT, cancelling.signal);
    await server.received(2);
    cancelling.abort();
    assertCode(await rejectedBy(opening), "cancelled");
    assert.deepEqual(asked(THERE), []);
  });

  test("a hundred texts at once: those under way wait, the others go where there is an answer", async () => {
    const ciphertext = await sealed();
    atHome({ destroy: "before" });
    const kms = await kmsOf();
    const texts = Array.from({ length: 100 }, () => ciphertext);
    await mapConcurrently(texts, 10, never, (each, _, signal) =>
      kms.decrypt("alias/app", each, CONTEXT, signal),
    );
    assert.equal(asked(THERE).length, 100);
    // One to encrypt, and the three attempts of the SDK for each of the first ten.
    assert.ok(asked(HOME).length <= 31, `${asked(HOME).length}`);
    assert.deepEqual(new Set(answered), new Set([THERE]));
  });

  test("the credentials are asked for once, for both Regions", async () => {
    const script = home.write(
      "credentials.sh",
      `echo x >> asked; echo '{"Version":1,"AccessKeyId":"AKIAPROCESS","SecretAccessKey":"s"}'`,
    );
    home.config(
      `[profile work]\nendpoint_url = ${server.url}\ncredential_process = cd ${home.path} && sh ${script}\n`,
    );
    home.credentials("");
    const ciphertext = await sealed();
    atHome({ destroy: "before" });
    await (await kmsOf()).decrypt("alias/app", ciphertext, CONTEXT, never);
    assert.equal(asked(THERE)[0]?.accessKeyId, "AKIAPROCESS");
    assert.equal(readFileSync(join(home.path, "asked"), "utf8"), "x\n");
  });

  suite("where nothing can be connected to", () => {
    /** The address that a server had, where none listens any more. */
    async function closedPort(): Promise<string> {
      const listener = createServer().listen(0, "127.0.0.1");
      await once(listener, "listening");
      const { port } = listener.address() as AddressInfo;
      listener.close();
      return `http://127.0.0.1:${port}`;
    }

    const ways: [title: string, endpoint: () => string | Promise<string>][] = [
      // https://www.rfc-editor.org/rfc/rfc6761#section-6.4
      ["a name that does not resolve", () => "http://kms.invalid"],
      ["a port on which nobody listens", closedPort],
    ];
    for (const [title, endpoint] of ways) {
      test(`${title}: the replica answers`, async () => {
        const ciphertext = await sealed();
        const there = await kmsOf();
        const client = new KMSClient({
          region: HOME,
          endpoint: await endpoint(),
          credentials: { accessKeyId: "AKIAWORK", secretAccessKey: "work" },
        });
        const kms = new FallbackKms(
          {
            client,
            profile: {},
            observe: () => undefined,
            health: new RegionHealth(),
          },
          {
            replicas: [{ region: THERE, kms: there }],
            homeRegion: HOME,
            keysAtHome: new Map(),
            encrypts: false,
            onAnswer: (region) => answered.push(region),
          },
        );
        const { plaintext } = await kms.decrypt("alias/app", ciphertext, CONTEXT, never);
        assert.equal(textOf(plaintext), "secret");
        assert.equal(answered.at(-1), THERE);
        client.destroy();
      });
    }
  });

  suite("messages", () => {
    async function messages(options: Parameters<typeof kmsOf>[0] = {}): Promise<EncryptionSdkMessages> {
      return new EncryptionSdkMessages({
        kms: await kmsOf(options),
        region: HOME,
        isAws: false,
        allowUncommitted: false,
      });
    }

    test("sealed in one Region, they open in the other, in both directions", async () => {
      const fromHome = await (await messages()).seal("alias/app", secret(), CONTEXT, never);
      atHome({ destroy: "before" });
      const fromThere = await (
        await messages({ encrypts: true })
      ).seal("alias/app", secret(), CONTEXT, never);
      const there = await (await messages()).open("alias/app", fromHome, CONTEXT, never);
      assert.equal(there.keyArn, arn(THERE, `key/${MRK}`));
      assert.equal(textOf(there.plaintext), "secret");

      server.fail(undefined);
      aws.dispose();
      aws = new Aws(() => assert.fail("asked for a code"));
      for (const keyId of ["alias/app", undefined]) {
        const here = await (await messages()).open(keyId, fromThere, CONTEXT, never);
        assert.equal(here.keyArn, arn(HOME, `key/${MRK}`));
        assert.equal(textOf(here.plaintext), "secret");
      }
    });

    test("a Region that a message names leads nowhere", async () => {
      const local = new LocalKms({ region: "ap-east-1", masterKey: Buffer.alloc(32, 7), keys: KEYS });
      const foreign = localKms(localClient("ap-east-1", createRequestHandler(local)), () => undefined);
      const sealing = new EncryptionSdkMessages({ kms: foreign, isAws: false, allowUncommitted: false });
      const message = await sealing.seal("alias/app", secret(), CONTEXT, never);
      for (const keyId of ["alias/app", undefined])
        await (await messages()).open(keyId, message, CONTEXT, never);
      assert.deepEqual(new Set(server.requests.map(({ region }) => region)), new Set([HOME]));
    });
  });
});

suite("How long a Region is avoided", () => {
  let now = 0;
  let health: RegionHealth;
  const error = (failure: Failure, httpStatus?: number): KmsSelectionError =>
    new KmsSelectionError(failure, { source: { name: "x", ...(httpStatus && { httpStatus }) } });
  const out = error({ code: "network", reason: "ECONNREFUSED" });
  setup(() => {
    now = 1_000_000;
    health = new RegionHealth(() => now);
  });

  test("a minute; then one request finds out, while the others go on avoiding it", () => {
    assert.equal(health.isAvoided(), false);
    health.failed(out);
    now += 59_999;
    assert.equal(health.isAvoided(), true);
    now += 1;
    assert.deepEqual([health.isAvoided(), health.isAvoided(), health.isAvoided()], [false, true, true]);
    health.answered();
    assert.equal(health.isAvoided(), false);
  });

  test("a request that found it out again, or never ended, leaves it avoided for another minute", () => {
    health.failed(out);
    now += 60_000;
    assert.equal(health.isAvoided(), false);
    now += 59_999;
    assert.equal(health.isAvoided(), true);
    health.failed(out);
    now += 59_999;
    assert.equal(health.isAvoided(), true);
  });

  test("a refusal of KMS shows that it is there; a failure on this machine shows nothing", () => {
    health.failed(out);
    health.failed(error({ code: "credentials-missing" }));
    assert.equal(health.isAvoided(), true);
    health.failed(error({ code: "access-denied" }, 400));
    assert.equal(health.isAvoided(), false);
    health.failed(error({ code: "credentials-missing" }));
    assert.equal(health.isAvoided(), false);
  });

  test("the network of a credential provider is no Region's", () => {
    const source = { name: "CredentialsProviderError" };
    health.failed(new KmsSelectionError({ code: "network", reason: "ENOTFOUND" }, { source }));
    assert.equal(health.isAvoided(), false);
  });
});
