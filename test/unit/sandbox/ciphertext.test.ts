/** What can be encrypted, and what opens it again. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  IncorrectKeyException,
  InvalidCiphertextException,
  type KMSClient,
  ReEncryptCommand,
} from "@aws-sdk/client-kms";
import { APP_KEY_ID, OTHER_KEY_ID, TEST_ACCOUNT, TEST_KEYS, TEST_REGION } from "../../support/kmsServer";
import { type Connected, transports } from "./transports";

const APP_ARN = `arn:aws:kms:${TEST_REGION}:${TEST_ACCOUNT}:key/${APP_KEY_ID}`;
const OTHER_ARN = `arn:aws:kms:${TEST_REGION}:${TEST_ACCOUNT}:key/${OTHER_KEY_ID}`;
/** What the layout adds to a plaintext; see src/sandbox/blob.ts. */
const OVERHEAD = 54;

type Context = Record<string, string>;

for (const transport of transports) {
  suite(`sandbox ciphertext, ${transport.name}`, () => {
    let connected: Connected;
    let kms: KMSClient;
    suiteSetup(async () => {
      connected = await transport.connect();
      kms = connected.kms;
    });
    suiteTeardown(() => connected.disconnect());

    async function seal(Plaintext: Uint8Array, EncryptionContext?: Context): Promise<Uint8Array> {
      const { CiphertextBlob } = await kms.send(
        new EncryptCommand({ KeyId: "alias/app", Plaintext, EncryptionContext }),
      );
      return CiphertextBlob!;
    }

    async function open(CiphertextBlob: Uint8Array, EncryptionContext?: Context): Promise<Buffer> {
      const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
      return Buffer.from(Plaintext!);
    }

    for (const size of [1, 2, 4095, 4096]) {
      test(`${size} bytes come back`, async () => {
        const plaintext = randomBytes(size);
        const blob = await seal(plaintext);
        assert.equal(blob.length, size + OVERHEAD);
        assert.deepEqual(await open(blob), plaintext);
      });
    }

    for (const [size, bound] of [
      [0, "greater than or equal to 1"],
      [4097, "less than or equal to 4096"],
    ] as const) {
      test(`${size} bytes are refused`, async () => {
        await assert.rejects(seal(randomBytes(size)), {
          name: "ValidationException",
          message: `1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length ${bound}`,
        });
      });
    }

    for (const [size, exception] of [
      [0, "ValidationException"],
      [1, "InvalidCiphertextException"],
      [OVERHEAD, "InvalidCiphertextException"],
      [6144, "InvalidCiphertextException"],
      [6145, "ValidationException"],
    ] as const) {
      test(`${size} random bytes as ciphertext: ${exception}`, async () => {
        await assert.rejects(open(randomBytes(size)), { name: exception });
      });
    }

    test("the same text never gives the same blob", async () => {
      const blobs = await Promise.all(Array.from({ length: 20 }, () => seal(Buffer.from("same"))));
      assert.equal(new Set(blobs.map((blob) => Buffer.from(blob).toString("base64"))).size, 20);
    });

    /** A blob in which one of these was changed looks like one of a key that is not here. */
    const KEY_ID_BYTES = Array.from({ length: 16 }, (_, n) => 10 + n);

    test("a blob with any byte changed, cut or added to does not open", async () => {
      const blob = await seal(Buffer.from("hunter2"), { identity: "alice" });
      const variants: Uint8Array[] = [...blob].map((byte, n) =>
        Uint8Array.from(blob).fill(byte ^ 1, n, n + 1),
      );
      variants.push(...[...blob.keys()].slice(1).map((length) => blob.subarray(0, length)));
      variants.push(Buffer.concat([blob, Buffer.of(0)]));
      assert.equal(variants.length, 2 * blob.length);
      for (const [n, variant] of variants.entries()) {
        await assert.rejects(open(variant, { identity: "alice" }), (error: unknown) => {
          if (KEY_ID_BYTES.includes(n)) return (error as Error).name === "AccessDeniedException";
          assert.ok(error instanceof InvalidCiphertextException);
          // KMS says nothing about why, and the SDK then puts a word of its own.
          assert.match(error.message, /^(UnknownError|Unknown|)$/);
          return true;
        });
      }
      assert.equal((await open(blob, { identity: "alice" })).toString(), "hunter2");
    });

    suite("a context is matched exactly, in any order of its pairs", () => {
      const given: Context = { identity: "alice", app: "shop", ключ: "значение" };
      const cases: [title: string, context: Context | undefined, opens: boolean][] = [
        ["the same", given, true],
        ["another order", { ключ: "значение", app: "shop", identity: "alice" }, true],
        ["none", undefined, false],
        ["empty", {}, false],
        ["another value", { ...given, identity: "bob" }, false],
        ["another case of a value", { ...given, identity: "Alice" }, false],
        ["another case of a key", { Identity: "alice", app: "shop", ключ: "значение" }, false],
        ["a pair less", { identity: "alice", app: "shop" }, false],
        ["a pair more", { ...given, extra: "" }, false],
        ["values exchanged", { ...given, identity: "shop", app: "alice" }, false],
        ["a border moved between key and value", { ...given, identitya: "lice" }, false],
        ["a space more", { ...given, identity: "alice " }, false],
      ];
      for (const [title, context, opens] of cases) {
        test(`${title}: ${opens ? "opens" : "refused"}`, async () => {
          const blob = await seal(Buffer.from("x"), given);
          if (opens) assert.equal((await open(blob, context)).toString(), "x");
          else await assert.rejects(open(blob, context), InvalidCiphertextException);
        });
      }

      test("borders between keys and values cannot be moved", async () => {
        const blob = await seal(Buffer.from("x"), { ab: "c", d: "e" });
        const others: Context[] = [
          { a: "bc", d: "e" },
          { ab: "cd", e: "" },
          { abcde: "" },
          { ab: "", cd: "e" },
        ];
        for (const context of others) await assert.rejects(open(blob, context), InvalidCiphertextException);
      });

      test("no context and an empty one are the same, as KMS has it", async () => {
        assert.equal((await open(await seal(Buffer.from("x")), {})).toString(), "x");
        assert.equal((await open(await seal(Buffer.from("x"), {}))).toString(), "x");
      });

      test("keys and values of Unicode that look alike are different", async () => {
        const blob = await seal(Buffer.from("x"), { identity: "andré" });
        await assert.rejects(open(blob, { identity: "andre\u0301" }), InvalidCiphertextException);
      });

      test("keys that are names of Object's own members are keys like others", async () => {
        const context = JSON.parse('{"__proto__":"a","constructor":"b"}') as Context;
        const blob = await seal(Buffer.from("x"), context);
        assert.equal((await open(blob, context)).toString(), "x");
        await assert.rejects(open(blob, { constructor: "b" }), InvalidCiphertextException);
      });
    });

    test("another key than the one that encrypted is refused, by each of its names", async () => {
      const CiphertextBlob = await seal(Buffer.from("x"));
      for (const KeyId of ["alias/other", OTHER_KEY_ID, OTHER_ARN])
        await assert.rejects(kms.send(new DecryptCommand({ CiphertextBlob, KeyId })), (error: unknown) => {
          assert.ok(error instanceof IncorrectKeyException);
          assert.match(error.message, /does not identify a CMK that can perform this operation\.$/);
          return true;
        });
    });

    test("the key can be named in four ways", async () => {
      const aliasArn = APP_ARN.replace(`key/${APP_KEY_ID}`, "alias/app");
      for (const KeyId of ["alias/app", aliasArn, APP_KEY_ID, APP_ARN]) {
        const sealed = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("x") }));
        assert.equal(sealed.KeyId, APP_ARN);
        assert.equal(sealed.EncryptionAlgorithm, "SYMMETRIC_DEFAULT");
        const opened = await kms.send(new DecryptCommand({ KeyId, CiphertextBlob: sealed.CiphertextBlob }));
        assert.equal(opened.KeyId, APP_ARN);
        assert.equal(opened.EncryptionAlgorithm, "SYMMETRIC_DEFAULT");
        assert.match(opened.KeyMaterialId!, /^[0-9a-f]{64}$/);
      }
    });

    test("ReEncrypt changes only the context", async () => {
      const moved = await kms.send(
        new ReEncryptCommand({
          CiphertextBlob: await seal(Buffer.from("x"), { identity: "alice" }),
          SourceEncryptionContext: { identity: "alice" },
          DestinationKeyId: "alias/app",
          DestinationEncryptionContext: { identity: "bob" },
        }),
      );
      assert.equal(moved.SourceKeyId, APP_ARN);
      assert.equal(moved.KeyId, APP_ARN);
      assert.equal(moved.SourceKeyMaterialId, moved.DestinationKeyMaterialId);
      assert.equal((await open(moved.CiphertextBlob!, { identity: "bob" })).toString(), "x");
      await assert.rejects(open(moved.CiphertextBlob!, { identity: "alice" }), InvalidCiphertextException);
    });

    test("ReEncrypt changes the key", async () => {
      const moved = await kms.send(
        new ReEncryptCommand({
          CiphertextBlob: await seal(Buffer.from("x")),
          SourceKeyId: "alias/app",
          DestinationKeyId: "alias/other",
        }),
      );
      assert.equal(moved.SourceKeyId, APP_ARN);
      assert.equal(moved.KeyId, OTHER_ARN);
      assert.notEqual(moved.SourceKeyMaterialId, moved.DestinationKeyMaterialId);
      assert.equal(moved.SourceEncryptionAlgorithm, "SYMMETRIC_DEFAULT");
      assert.equal(moved.DestinationEncryptionAlgorithm, "SYMMETRIC_DEFAULT");
      const opened = await kms.send(new DecryptCommand({ CiphertextBlob: moved.CiphertextBlob }));
      assert.equal(opened.KeyId, OTHER_ARN);
      assert.equal(Buffer.from(opened.Plaintext!).toString(), "x");
      assert.equal(opened.KeyMaterialId, moved.DestinationKeyMaterialId);
    });

    test("ReEncrypt refuses the wrong source context and the wrong source key", async () => {
      const CiphertextBlob = await seal(Buffer.from("x"), { identity: "alice" });
      const request = { CiphertextBlob, DestinationKeyId: "alias/other" };
      await assert.rejects(kms.send(new ReEncryptCommand(request)), InvalidCiphertextException);
      await assert.rejects(
        kms.send(
          new ReEncryptCommand({
            ...request,
            SourceEncryptionContext: { identity: "alice" },
            SourceKeyId: "alias/other",
          }),
        ),
        IncorrectKeyException,
      );
    });

    for (const [size, how] of [
      [32, { KeySpec: "AES_256" }],
      [16, { KeySpec: "AES_128" }],
      [1, { NumberOfBytes: 1 }],
      [64, { NumberOfBytes: 64 }],
      [1024, { NumberOfBytes: 1024 }],
    ] as const) {
      test(`a data key of ${size} bytes comes in clear and encrypted`, async () => {
        const EncryptionContext = { identity: "alice" };
        const request = new GenerateDataKeyCommand({ KeyId: "alias/app", EncryptionContext, ...how });
        const made = await kms.send(request);
        assert.equal(made.KeyId, APP_ARN);
        assert.equal(made.Plaintext?.length, size);
        assert.match(made.KeyMaterialId!, /^[0-9a-f]{64}$/);
        assert.deepEqual(await open(made.CiphertextBlob!, EncryptionContext), Buffer.from(made.Plaintext));
        await assert.rejects(open(made.CiphertextBlob!), InvalidCiphertextException);
      });
    }

    // https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
    test("once the material is changed, older ciphertext still opens and tells its material; new one has the new", async () => {
      const before = await kms.send(new DescribeKeyCommand({ KeyId: "alias/app" }));
      const old = await seal(Buffer.from("old"));
      const rotated = await transport.connect(TEST_KEYS.map((key) => ({ ...key, rotations: 2 })));
      try {
        const decrypt = (CiphertextBlob: Uint8Array | undefined) =>
          rotated.kms.send(new DecryptCommand({ CiphertextBlob }));
        const { KeyMetadata } = await rotated.kms.send(new DescribeKeyCommand({ KeyId: "alias/app" }));
        const current = KeyMetadata?.CurrentKeyMaterialId;
        assert.notEqual(current, before.KeyMetadata?.CurrentKeyMaterialId);
        const opened = await decrypt(old);
        assert.equal(Buffer.from(opened.Plaintext!).toString(), "old");
        assert.equal(opened.KeyMaterialId, before.KeyMetadata?.CurrentKeyMaterialId);
        const request = { CiphertextBlob: old, SourceKeyId: "alias/app", DestinationKeyId: "alias/app" };
        const renewed = await rotated.kms.send(new ReEncryptCommand(request));
        assert.equal(renewed.SourceKeyMaterialId, opened.KeyMaterialId);
        assert.equal(renewed.DestinationKeyMaterialId, current);
        assert.equal((await decrypt(renewed.CiphertextBlob)).KeyMaterialId, current);
        // The key before its rotations knows nothing of what comes after them.
        await assert.rejects(open(renewed.CiphertextBlob!), InvalidCiphertextException);
      } finally {
        await rotated.disconnect();
      }
    });

    test("two data keys are different", async () => {
      const request = new GenerateDataKeyCommand({ KeyId: "alias/app", KeySpec: "AES_256" });
      const [one, two] = [await kms.send(request), await kms.send(request)];
      assert.notDeepEqual(one.Plaintext, two.Plaintext);
    });

    test("a hundred at a time do not mix", async () => {
      const texts = Array.from({ length: 100 }, (_, n) => `text ${n}`);
      const opened = await Promise.all(
        texts.map(async (each) => {
          const blob = await seal(Buffer.from(each), { n: each });
          return (await open(blob, { n: each })).toString();
        }),
      );
      assert.deepEqual(opened, texts);
    });
  });
}
