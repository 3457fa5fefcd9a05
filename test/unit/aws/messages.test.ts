/** Envelope encryption, with the sandbox's KMS behind the real client; and messages that other Encryption SDKs may make. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { buildEncrypt } from "@aws-crypto/encrypt-node";
import {
  AlgorithmSuiteIdentifier,
  CommitmentPolicy,
  EncryptedDataKey,
  KeyringNode,
  KeyringTraceFlag,
  type NodeEncryptionMaterial,
} from "@aws-crypto/material-management-node";
import { localClient, localKms } from "../../../src/aws/main";
import { createDataKeyCache, EncryptionSdkMessages } from "../../../src/aws/messages";
import { readHeader } from "../../../src/aws/messageHeader";
import type { EncryptionContext } from "../../../src/core/encryptionContext";
import { KmsSelectionError } from "../../../src/core/errors";
import type { Kms } from "../../../src/core/kms";
import { MAX_ENCRYPTED_DATA_KEYS } from "../../../src/core/messages";
import { parseToken } from "../../../src/core/tokens";
import { decryptTokens, encryptTexts, type Output } from "../../../src/core/transform";
import { createRequestHandler } from "../../../src/sandbox/main";
import { LocalKms } from "../../../src/sandbox/localKms";
import { APP_KEY_ID, OTHER_KEY_ID, TEST_KEYS } from "../../support/kmsServer";
import { assertCode, rejectedBy, thrownBy } from "../core/failures";

const never = new AbortController().signal;
const ALICE: EncryptionContext = { identity: "alice" };
const BOB: EncryptionContext = { identity: "bob" };
const APP = "alias/app";

/** The operations that reached it, in order. */
class CountedKms {
  readonly operations: string[] = [];
  readonly kms: Kms;
  private readonly local = new LocalKms({
    region: "local",
    masterKey: Buffer.alloc(32, 7),
    keys: TEST_KEYS,
  });

  constructor() {
    const handler = createRequestHandler({
      call: (operation, input) => {
        this.operations.push(operation);
        return this.local.call(operation, input);
      },
    });
    this.kms = localKms(localClient("local", handler), () => undefined);
  }

  arn(keyId: string): string {
    return `arn:aws:kms:local:000000000000:key/${keyId}`;
  }

  messages(options: Partial<ConstructorParameters<typeof EncryptionSdkMessages>[0]> = {}) {
    return new EncryptionSdkMessages({
      kms: this.kms,
      isAws: false,
      allowUncommitted: false,
      cache: { keys: createDataKeyCache(), partition: "test" },
      ...options,
    });
  }
}

const bytesOf = (text: string): Buffer => Buffer.from(text);
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** A message as another program may make it: any suite, any number of data keys. */
class SeveralKeys extends KeyringNode {
  private readonly kms: Kms;
  private readonly keys: readonly { readonly keyId: string; readonly providerId?: string }[];

  constructor(kms: Kms, keys: readonly { readonly keyId: string; readonly providerId?: string }[]) {
    super();
    this.kms = kms;
    this.keys = keys;
  }

  override async _onEncrypt(material: NodeEncryptionMaterial): Promise<NodeEncryptionMaterial> {
    const dataKey = randomBytes(material.suite.keyLengthBytes);
    material.setUnencryptedDataKey(Uint8Array.from(dataKey), {
      keyNamespace: "test",
      keyName: "test",
      flags: KeyringTraceFlag.WRAPPING_KEY_GENERATED_DATA_KEY,
    });
    for (const { keyId, providerId = "aws-kms" } of this.keys) {
      const context = { ...material.encryptionContext };
      const { ciphertext, keyArn } = await this.kms.encrypt(keyId, dataKey, context, never);
      const edk = { providerId, providerInfo: keyArn, encryptedDataKey: ciphertext };
      material.addEncryptedDataKey(
        new EncryptedDataKey(edk),
        KeyringTraceFlag.WRAPPING_KEY_ENCRYPTED_DATA_KEY,
      );
    }
    return material;
  }

  override _onDecrypt(): Promise<never> {
    return Promise.reject(new Error("encrypts only"));
  }
}

async function foreignMessage(
  kms: Kms,
  keys: readonly { readonly keyId: string; readonly providerId?: string }[],
  suiteId: AlgorithmSuiteIdentifier = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY_ECDSA_P384,
): Promise<Uint8Array> {
  const isCommitting = (suiteId & 0xff00) >= 0x0400;
  const { encrypt } = buildEncrypt(
    isCommitting
      ? CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
      : CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT,
  );
  const { result } = await encrypt(new SeveralKeys(kms, keys), bytesOf("foreign"), {
    suiteId,
    encryptionContext: { ...ALICE },
  });
  return result;
}

suite("Envelope encryption", () => {
  for (const size of [0, 1, 4095, 4096, 4097, 65535, 65536, 65537, 1024 * 1024]) {
    test(`${size} bytes come back`, async () => {
      const messages = new CountedKms().messages();
      const plaintext = randomBytes(size);
      const message = await messages.seal(APP, Uint8Array.from(plaintext), ALICE, never);
      const opened = await messages.open(APP, message, ALICE, never);
      assert.ok(plaintext.equals(opened.plaintext));
    });
  }

  test("20 MB of text come back as tokens; memory stays within a small multiple", async () => {
    const counted = new CountedKms();
    const ciphers = { kms: counted.kms, messages: () => Promise.resolve(counted.messages()) };
    const text = "grüße 😀 ".repeat((20 * 1024 * 1024) / 13);
    const bytes = Buffer.byteLength(text);
    globalThis.gc?.();
    const before = process.memoryUsage();
    const output: Output = { format: "base64", envelope: "auto", dataKeyCaching: true };
    const binding = { keyId: APP, context: ALICE };
    const [token] = await encryptTexts(ciphers, [{ content: text, line: 1 }], binding, output, never);
    const content = parseToken(token!)!;
    assert.equal(content.kind, "encryption-sdk");
    const [opened] = await decryptTokens(ciphers, [{ content, line: 1 }], binding, never);
    assert.ok(opened?.text === text);
    const after = process.memoryUsage();
    // Text is held as two bytes a character, as a token, and as bytes on the way; nothing has been collected yet.
    const used = after.heapUsed + after.external - before.heapUsed - before.external;
    assert.ok(used < 16 * bytes, `${used / bytes} times the text`);
  });

  test("the suite commits to its key and has no signature; the context is in the header; one data key", async () => {
    const counted = new CountedKms();
    const message = await counted.messages().seal(APP, bytesOf("x"), ALICE, never);
    const { suiteId, encryptionContext, encryptedDataKeys } = readHeader(message);
    assert.equal(suiteId, 0x0478);
    assert.deepEqual({ ...encryptionContext }, ALICE);
    assert.deepEqual(
      encryptedDataKeys.map(({ providerId, providerInfo }) => [providerId, providerInfo]),
      [["aws-kms", counted.arn(APP_KEY_ID)]],
    );
  });

  test("the caller's bytes are left as they were", async () => {
    const plaintext = bytesOf("secret");
    await new CountedKms().messages().seal(APP, plaintext, ALICE, never);
    assert.equal(plaintext.toString(), "secret");
  });
});

suite("Envelope encryption of many texts", () => {
  const texts = Array.from({ length: 1000 }, (_, n) => ({ content: `secret ${n}`, line: n + 1 }));
  const binding = { keyId: APP, context: ALICE };

  async function roundTrip(counted: CountedKms, dataKeyCaching: boolean, envelope: Output["envelope"]) {
    const cache = dataKeyCaching ? { keys: createDataKeyCache(), partition: "test" } : undefined;
    const ciphers = { kms: counted.kms, messages: () => Promise.resolve(shared) };
    const shared = counted.messages({ cache });
    const output = { format: "base64", envelope, dataKeyCaching } as const;
    const tokens = await encryptTexts(ciphers, texts, binding, output, never);
    const parts = tokens.map((token, n) => ({ content: parseToken(token)!, line: n + 1 }));
    const opened = await decryptTokens(ciphers, parts, binding, never);
    assert.deepEqual(
      opened.map(({ text }) => text),
      texts.map(({ content }) => content),
    );
    const keys = new Set(
      parts.map(({ content }) =>
        content.kind === "encryption-sdk"
          ? Buffer.from(readHeader(content.bytes).encryptedDataKeys[0]!.encryptedDataKey).toString("hex")
          : "",
      ),
    );
    return { tokens: new Set(tokens).size, keys: keys.size };
  }

  test("a thousand: one GenerateDataKey and one Decrypt", async () => {
    const counted = new CountedKms();
    assert.deepEqual(await roundTrip(counted, true, "auto"), { tokens: 1000, keys: 1 });
    assert.deepEqual(counted.operations, ["GenerateDataKey", "Decrypt"]);
  });

  test("without the cache: one each for every text, as messages or as blobs", async () => {
    const counted = new CountedKms();
    assert.deepEqual(await roundTrip(counted, false, "always"), { tokens: 1000, keys: 1000 });
    assert.equal(counted.operations.filter((name) => name === "GenerateDataKey").length, 1000);
    assert.equal(counted.operations.filter((name) => name === "Decrypt").length, 1000);
    const direct = new CountedKms();
    await roundTrip(direct, false, "auto");
    assert.deepEqual(new Set(direct.operations), new Set(["Encrypt", "Decrypt"]));
    assert.equal(direct.operations.length, 2000);
  });

  test("a cached data key serves neither another context, nor another key, nor another way", async () => {
    const counted = new CountedKms();
    const keys = createDataKeyCache();
    const sealWith = async (partition: string, keyId: string, context: EncryptionContext): Promise<void> => {
      await counted.messages({ cache: { keys, partition } }).seal(keyId, bytesOf("x"), context, never);
    };
    await sealWith("one", APP, ALICE);
    await sealWith("one", APP, ALICE);
    assert.equal(counted.operations.length, 1);
    await sealWith("one", APP, BOB);
    await sealWith("one", OTHER_KEY_ID, ALICE);
    await sealWith("two", APP, ALICE);
    assert.equal(counted.operations.length, 4);
  });

  test("after a failure the next text asks anew", async () => {
    const counted = new CountedKms();
    const messages = counted.messages();
    assertCode(await rejectedBy(messages.seal("alias/no", bytesOf("x"), ALICE, never)), "key-not-found");
    await messages.seal(APP, bytesOf("x"), ALICE, never);
    assert.deepEqual(counted.operations, ["GenerateDataKey", "GenerateDataKey"]);
  });

  test("cancelled: silent, and no request where it was cancelled before", async () => {
    const counted = new CountedKms();
    const message = await counted.messages().seal(APP, bytesOf("x"), ALICE, never);
    for (const attempt of [
      counted.messages().seal(APP, bytesOf("x"), ALICE, AbortSignal.abort()),
      counted.messages().open(APP, message, ALICE, AbortSignal.abort()),
    ]) {
      assertCode(await rejectedBy(attempt), "cancelled");
    }
  });
});

suite("Whose message it is", () => {
  const others: [title: string, context: EncryptionContext, name: string][] = [
    ["bob", BOB, "identity"],
    ["nobody", {}, "identity"],
    ["alice, and more", { ...ALICE, team: "a" }, "team"],
    ["alice, in other letters", { identity: "Alice" }, "identity"],
    ["another name", { user: "alice" }, "user"],
  ];
  for (const [title, context, name] of others) {
    test(`what alice sealed is refused before any request: ${title}`, async () => {
      const counted = new CountedKms();
      const message = await counted.messages().seal(APP, bytesOf("x"), ALICE, never);
      counted.operations.length = 0;
      const messages = counted.messages();
      // Also where the data key is cached already.
      await messages.open(APP, message, ALICE, never);
      counted.operations.length = 0;
      for (const error of [
        await rejectedBy(messages.open(APP, message, context, never)),
        await rejectedBy(messages.open(undefined, message, context, never)),
        thrownBy(() => {
          messages.check(message, context);
        }),
      ]) {
        assertCode(error, "message-of-another-context");
        assert.ok(error.failure.code === "message-of-another-context");
        assert.equal(error.failure.difference.name, name);
      }
      assert.deepEqual(counted.operations, []);
    });
  }

  test("among several tokens it stops all, before any request, and is named", async () => {
    const counted = new CountedKms();
    const ciphers = { kms: counted.kms, messages: () => Promise.resolve(counted.messages()) };
    const output: Output = { format: "ENC[KMS]", envelope: "always", dataKeyCaching: true };
    const seal = (context: EncryptionContext) =>
      encryptTexts(ciphers, [{ content: "x", line: 1 }], { keyId: APP, context }, output, never);
    const tokens = [...(await seal(ALICE)), ...(await seal(BOB))];
    counted.operations.length = 0;
    const parts = tokens.map((token, n) => ({ content: parseToken(token)!, line: 10 * (n + 1) }));
    const error = await rejectedBy(decryptTokens(ciphers, parts, { keyId: APP, context: ALICE }, never));
    assertCode(error, "message-of-another-context");
    assert.deepEqual(error.selection, { number: 2, count: 2, line: 20 });
    assert.deepEqual(counted.operations, []);
  });
});

suite("Messages that others made", () => {
  const committing: [title: string, suite: AlgorithmSuiteIdentifier][] = [
    ["signed", AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY_ECDSA_P384],
    ["not signed", AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY],
  ];
  for (const [title, suiteId] of committing) {
    test(`with key commitment, ${title}`, async () => {
      const counted = new CountedKms();
      const message = await foreignMessage(counted.kms, [{ keyId: APP }], suiteId);
      const { plaintext } = await counted.messages().open(APP, message, ALICE, never);
      assert.equal(textOf(plaintext), "foreign");
    });
  }

  const version1 = Object.values(AlgorithmSuiteIdentifier)
    .filter((id) => typeof id === "number")
    .filter((id) => (id & 0xff00) < 0x0400);
  test("there are nine suites without key commitment", () => {
    assert.equal(version1.length, 9);
  });
  for (const suiteId of version1) {
    test(`without key commitment, suite ${suiteId.toString(16)}: only where that is allowed`, async () => {
      const counted = new CountedKms();
      const message = await foreignMessage(counted.kms, [{ keyId: APP }], suiteId);
      counted.operations.length = 0;
      assertCode(
        await rejectedBy(counted.messages().open(APP, message, ALICE, never)),
        "message-without-commitment",
      );
      assert.deepEqual(counted.operations, []);
      const { plaintext } = await counted
        .messages({ allowUncommitted: true })
        .open(APP, message, ALICE, never);
      assert.equal(textOf(plaintext), "foreign");
    });
  }

  test("several data keys: the one that fits opens it, wherever it stands", async () => {
    const counted = new CountedKms();
    for (const keys of [
      [{ keyId: OTHER_KEY_ID }, { keyId: APP }],
      [{ keyId: APP, providerId: "raw" }, { keyId: OTHER_KEY_ID }, { keyId: APP }],
    ]) {
      const message = await foreignMessage(counted.kms, keys);
      const opened = await counted.messages().open(APP, message, ALICE, never);
      assert.equal(textOf(opened.plaintext), "foreign");
      assert.equal(opened.keyArn, counted.arn(APP_KEY_ID));
    }
  });

  test("under another key alone: incorrect-key; where KMS may find the key, it is named", async () => {
    const counted = new CountedKms();
    const message = await foreignMessage(counted.kms, [{ keyId: OTHER_KEY_ID }]);
    const messages = counted.messages();
    assertCode(await rejectedBy(messages.open(APP, message, ALICE, never)), "incorrect-key");
    const opened = await messages.open(undefined, message, ALICE, never);
    assert.equal(opened.keyArn, counted.arn(OTHER_KEY_ID));
  });

  test("the reason that matters is told, not the first one", async () => {
    const counted = new CountedKms();
    const message = await foreignMessage(counted.kms, [{ keyId: OTHER_KEY_ID }, { keyId: APP }]);
    const denying: Kms = {
      encrypt: counted.kms.encrypt.bind(counted.kms),
      generateDataKey: counted.kms.generateDataKey.bind(counted.kms),
      reEncrypt: counted.kms.reEncrypt.bind(counted.kms),
      decrypt: async (...request) => {
        await counted.kms.decrypt(...request);
        throw new KmsSelectionError({ code: "access-denied" });
      },
    };
    const error = await rejectedBy(counted.messages({ kms: denying }).open(APP, message, ALICE, never));
    assertCode(error, "access-denied");
  });

  test("no data key of KMS", async () => {
    const counted = new CountedKms();
    const message = await foreignMessage(counted.kms, [{ keyId: APP, providerId: "raw" }]);
    assertCode(
      await rejectedBy(counted.messages().open(APP, message, ALICE, never)),
      "message-without-kms-key",
    );
  });

  test("a message of the sandbox is not sent to AWS", async () => {
    const counted = new CountedKms();
    const message = await counted.messages().seal(APP, bytesOf("x"), ALICE, never);
    counted.operations.length = 0;
    const error = await rejectedBy(counted.messages({ isAws: true }).open(APP, message, ALICE, never));
    assertCode(error, "sandbox-token");
    assert.deepEqual(counted.operations, []);
  });
});

suite("Hostile messages", () => {
  test("more data keys than are read, and exactly as many", async () => {
    const counted = new CountedKms();
    const keys = (count: number) => Array.from({ length: count }, () => ({ keyId: APP }));
    const most = await foreignMessage(counted.kms, keys(MAX_ENCRYPTED_DATA_KEYS));
    await counted.messages().open(APP, most, ALICE, never);
    const tooMany = await foreignMessage(counted.kms, keys(MAX_ENCRYPTED_DATA_KEYS + 1));
    counted.operations.length = 0;
    assertCode(
      await rejectedBy(counted.messages().open(APP, tooMany, ALICE, never)),
      "message-too-many-keys",
    );
    assert.deepEqual(counted.operations, []);
  });

  test("a header that claims 65,535 data keys", async () => {
    const counted = new CountedKms();
    const message = Buffer.from(await counted.messages().seal(APP, bytesOf("x"), ALICE, never));
    // Version 2: version, suite, message id, and the context with its length are before the number of keys.
    const contextLength = message.readUInt16BE(1 + 2 + 32);
    message.writeUInt16BE(0xffff, 1 + 2 + 32 + 2 + contextLength);
    counted.operations.length = 0;
    assertCode(await rejectedBy(counted.messages().open(APP, message, ALICE, never)), "token-damaged");
    assert.deepEqual(counted.operations, []);
  });

  const suites: [title: string, suiteId: AlgorithmSuiteIdentifier][] = [
    ["unsigned", AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY],
    ["signed", AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY_ECDSA_P384],
  ];
  for (const [title, suiteId] of suites) {
    test(`cut at every place, ${title}`, async () => {
      const counted = new CountedKms();
      const message = await foreignMessage(counted.kms, [{ keyId: APP }], suiteId);
      const messages = counted.messages();
      for (let length = 0; length < message.length; length++) {
        await assert.rejects(
          messages.open(APP, message.subarray(0, length), ALICE, never),
          KmsSelectionError,
          `${length} bytes`,
        );
      }
    });

    test(`a changed byte at every place, and bytes behind the end, ${title}`, async () => {
      const counted = new CountedKms();
      const message = await foreignMessage(counted.kms, [{ keyId: APP }], suiteId);
      const messages = counted.messages({ allowUncommitted: true });
      for (let place = 0; place < message.length; place++) {
        const changed = Uint8Array.from(message);
        changed[place]! ^= 1 << (place % 8);
        await assert.rejects(messages.open(APP, changed, ALICE, never), KmsSelectionError, `place ${place}`);
      }
      const longer = messages.open(APP, Buffer.concat([message, message]), ALICE, never);
      // The Encryption SDK reads to the end of the message; only a signature covers what is behind it.
      if (title === "signed") assertCode(await rejectedBy(longer), "token-damaged");
      else assert.equal(textOf((await longer).plaintext), "foreign");
    });
  }
});
