/** Messages sealed to several keys, with the sandbox's KMS as two Regions; and opened by each key alone. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { buildDecrypt } from "@aws-crypto/decrypt-node";
import { RawRsaKeyringNode } from "@aws-crypto/raw-rsa-keyring-node";
import { localClient, localKms } from "../../../src/aws/main";
import { readHeader } from "../../../src/aws/messageHeader";
import { createDataKeyCache, EncryptionSdkMessages, loadRecoveryKey } from "../../../src/aws/messages";
import { KmsSelectionError } from "../../../src/core/errors";
import type { AwsKms } from "../../../src/aws/awsKms";
import type { Kms } from "../../../src/core/kms";
import { parseToken } from "../../../src/core/tokens";
import { decryptTokens, encryptTexts } from "../../../src/core/transform";
import { createRequestHandler } from "../../../src/sandbox/main";
import type { LocalKey } from "../../../src/sandbox/keyStore";
import { LocalKms } from "../../../src/sandbox/localKms";
import { assertCode, rejectedBy } from "../core/failures";

const never = new AbortController().signal;
const ALICE = { identity: "alice" };
const APP = "alias/app";
const HERE = "us-east-2";
const THERE = "eu-west-1";
const ACCOUNT = "000000000000";
const MRK = "mrk-0123456789abcdef0123456789abcdef";
const OWN_ID = "11111111-1111-4111-8111-111111111111";
const ESCROW_ID = "22222222-2222-4222-8222-222222222222";
const OWN: LocalKey = { keyId: OWN_ID, aliases: [APP] };
const ESCROW: LocalKey = { keyId: ESCROW_ID, aliases: ["alias/escrow"] };

const { publicKey, privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

class Region {
  readonly operations: string[] = [];
  readonly kms: AwsKms;
  readonly name: string;

  constructor(name: string, keys: readonly LocalKey[]) {
    this.name = name;
    const local = new LocalKms({ region: name, accountId: ACCOUNT, masterKey: Buffer.alloc(32, 7), keys });
    const handler = createRequestHandler({
      call: (operation, input) => {
        this.operations.push(operation);
        return local.call(operation, input);
      },
    });
    this.kms = localKms(localClient(name, handler), () => undefined);
  }

  arn(resource: string): string {
    return `arn:aws:kms:${this.name}:${ACCOUNT}:${resource}`;
  }

  additional(resource = `key/${ESCROW_ID}`) {
    return { kms: this.kms, arn: this.arn(resource) };
  }
}

type Options = ConstructorParameters<typeof EncryptionSdkMessages>[0];

function messages(kms: Kms, otherKeys?: Partial<Options["otherKeys"]>, cache?: Options["cache"]) {
  const others = { additional: [], recovery: undefined, ...otherKeys };
  return new EncryptionSdkMessages({ kms, isAws: false, allowUncommitted: false, otherKeys: others, cache });
}

const text = (plaintext: Uint8Array): string => Buffer.from(plaintext).toString();
const secret = (): Uint8Array => Buffer.from("secret");

async function opens(with_: EncryptionSdkMessages, message: Uint8Array, keyId = APP): Promise<string> {
  return text((await with_.open(keyId, message, ALICE, never)).plaintext);
}

suite("Messages sealed to several keys", () => {
  async function sealed() {
    const here = new Region(HERE, [OWN]);
    const there = new Region(THERE, [ESCROW]);
    const recovery = await loadRecoveryKey(publicKey);
    const others = { additional: [there.additional()], recovery };
    const message = await messages(here.kms, others).seal(APP, secret(), ALICE, never);
    return { here, there, recovery, others, message };
  }

  test("a data key for each: made by the key, encrypted by the others, named as they are", async () => {
    const { here, there, recovery, message } = await sealed();
    assert.deepEqual(
      readHeader(message).encryptedDataKeys.map(({ providerId, providerInfo }) => [providerId, providerInfo]),
      [
        ["aws-kms", here.arn(`key/${OWN_ID}`)],
        ["aws-kms", there.arn(`key/${ESCROW_ID}`)],
        ["kms-selection", recovery.fingerprint],
      ],
    );
    assert.deepEqual(here.operations, ["GenerateDataKey"]);
    assert.deepEqual(there.operations, ["Encrypt"]);
  });

  test("the key opens it, and no other is asked", async () => {
    const { here, there, others, message } = await sealed();
    assert.equal(await opens(messages(here.kms, others), message), "secret");
    assert.deepEqual(there.operations, ["Encrypt"]);
  });

  test("an additional key alone opens it, as the key in force or beside one that is lost", async () => {
    const { there, others, message } = await sealed();
    assert.equal(await opens(messages(there.kms), message, "alias/escrow"), "secret");
    for (const lost of [
      new Region(HERE, [{ ...OWN, state: "PendingDeletion" }]),
      new Region(HERE, [{ ...OWN, state: "Disabled" }]),
      new Region(HERE, []),
      new Region(HERE, [{ keyId: "33333333-3333-4333-8333-333333333333", aliases: [APP] }]),
    ]) {
      const opened = await messages(lost.kms, others).open(APP, message, ALICE, never);
      assert.equal(text(opened.plaintext), "secret");
      assert.equal(opened.keyArn, there.arn(`key/${ESCROW_ID}`));
      assert.equal(lost.operations[0], "Decrypt");
    }
  });

  test("the private key alone opens it in an Encryption SDK, without any KMS", async () => {
    const { recovery, message } = await sealed();
    const keyring = new RawRsaKeyringNode({
      keyNamespace: "kms-selection",
      keyName: recovery.fingerprint,
      rsaKey: { privateKey },
      oaepHash: "sha256",
    });
    const { plaintext, messageHeader } = await buildDecrypt().decrypt(keyring, message);
    assert.equal(text(plaintext), "secret");
    assert.deepEqual({ ...messageHeader.encryptionContext }, ALICE);
  });

  test("where KMS is to find the key, no additional key is asked", async () => {
    const { here, there, others, message } = await sealed();
    const lost = new Region(HERE, []);
    await rejectedBy(messages(lost.kms, others).open(undefined, message, ALICE, never));
    const found = await messages(here.kms, others).open(undefined, message, ALICE, never);
    assert.equal(found.keyArn, here.arn(`key/${OWN_ID}`));
    assert.deepEqual(there.operations, ["Encrypt"]);
  });

  test("bob is refused before any key is asked", async () => {
    const { here, there, others, message } = await sealed();
    const asked = [here.operations.length, there.operations.length];
    const error = await rejectedBy(messages(here.kms, others).open(APP, message, { identity: "bob" }, never));
    assertCode(error, "message-of-another-context");
    assert.deepEqual([here.operations.length, there.operations.length], asked);
  });

  test("where the key's Region could not be reached a moment ago, the others are asked first", async () => {
    const { here, there, others, message } = await sealed();
    const avoiding = messages(here.kms, { ...others, additionalFirst: () => true });
    assert.equal(await opens(avoiding, message), "secret");
    assert.deepEqual(here.operations, ["GenerateDataKey"]);
    assert.deepEqual(there.operations, ["Encrypt", "Decrypt"]);
    const lost = new Region(THERE, []);
    const additional = [lost.additional()];
    assert.equal(
      await opens(messages(here.kms, { additional, additionalFirst: () => true }), message),
      "secret",
    );
  });

  test("none opens it: the reason is that of the key in force", async () => {
    const { message } = await sealed();
    const here = new Region(HERE, [{ ...OWN, state: "Disabled" }]);
    const there = new Region(THERE, []);
    const error = await rejectedBy(opens(messages(here.kms, { additional: [there.additional()] }), message));
    assertCode(error, "key-disabled");
  });

  test("a thousand texts: one GenerateDataKey and one Encrypt, then one Decrypt", async () => {
    const here = new Region(HERE, [OWN]);
    const there = new Region(THERE, [ESCROW]);
    const others = { additional: [there.additional()], recovery: await loadRecoveryKey(publicKey) };
    const shared = messages(here.kms, others, { keys: createDataKeyCache(), partition: "test" });
    const ciphers = { kms: here.kms, messages: () => Promise.resolve(shared) };
    const texts = Array.from({ length: 1000 }, (_, n) => ({ content: `secret ${n}`, line: n + 1 }));
    const output = { format: "base64", envelope: "always", dataKeyCaching: true } as const;
    const binding = { keyId: APP, context: ALICE };
    const tokens = await encryptTexts(ciphers, texts, binding, output, never);
    assert.deepEqual([here.operations, there.operations], [["GenerateDataKey"], ["Encrypt"]]);
    const parts = tokens.map((token, n) => ({ content: parseToken(token)!, line: n + 1 }));
    for (const { content } of parts) {
      assert.ok(content.kind === "encryption-sdk");
      assert.equal(readHeader(content.bytes).encryptedDataKeys.length, 3);
    }
    const opened = await decryptTokens(ciphers, parts, binding, never);
    assert.deepEqual(
      opened.map((each) => each.text),
      texts.map(({ content }) => content),
    );
    assert.deepEqual([here.operations.slice(1), there.operations.slice(1)], [["Decrypt"], []]);
  });

  test("a data key that was cached for other keys is not used", async () => {
    const here = new Region(HERE, [OWN]);
    const there = new Region(THERE, [ESCROW]);
    const cache = { keys: createDataKeyCache(), partition: "test" };
    const recovery = await loadRecoveryKey(publicKey);
    const keysOf = async (otherKeys: Partial<Options["otherKeys"]>): Promise<number> => {
      const message = await messages(here.kms, otherKeys, cache).seal(APP, secret(), ALICE, never);
      return readHeader(message).encryptedDataKeys.length;
    };
    assert.equal(await keysOf({}), 1);
    assert.equal(await keysOf({ recovery }), 2);
    assert.equal(await keysOf({ additional: [there.additional()] }), 2);
    assert.equal(await keysOf({ additional: [there.additional()], recovery }), 3);
    assert.equal(await keysOf({}), 1);
    assert.equal(here.operations.length, 4);
  });
});

suite("A key that cannot be used for sealing", () => {
  const unusable: [title: string, keys: readonly LocalKey[], code: string][] = [
    ["disabled", [{ ...ESCROW, state: "Disabled" }], "key-disabled"],
    ["pending deletion", [{ ...ESCROW, state: "PendingDeletion" }], "key-pending-deletion"],
    ["not there", [], "key-not-found"],
    [
      "not for encryption",
      [{ ...ESCROW, keySpec: "HMAC_256", keyUsage: "GENERATE_VERIFY_MAC" }],
      "key-usage",
    ],
  ];
  for (const [title, keys, code] of unusable) {
    test(`an additional key that is ${title}: nothing is sealed to fewer keys`, async () => {
      const there = new Region(THERE, keys);
      const sealing = messages(new Region(HERE, [OWN]).kms, { additional: [there.additional()] });
      const { failure } = await rejectedBy(sealing.seal(APP, secret(), ALICE, never));
      assert.ok(failure.code === "additional-key-failed");
      assert.equal(failure.keyId, there.arn(`key/${ESCROW_ID}`));
      assert.equal(failure.failure.code, code);
    });
  }

  test("cancelled while an additional key is asked: silent", async () => {
    const there = new Region(THERE, [ESCROW]);
    const cancelling = new AbortController();
    const waiting = Object.assign(Object.create(there.kms) as AwsKms, {
      encrypt: (...[keyId, plaintext, context, signal]: Parameters<Kms["encrypt"]>) => {
        cancelling.abort();
        return there.kms.encrypt(keyId, plaintext, context, signal);
      },
    });
    const here = new Region(HERE, [OWN]);
    const sealing = messages(here.kms, { additional: [{ ...there.additional(), kms: waiting }] });
    assertCode(await rejectedBy(sealing.seal(APP, secret(), ALICE, cancelling.signal)), "cancelled");
    assert.deepEqual(here.operations, ["GenerateDataKey"]);
  });

  test("a recovery key that cannot be read: no request is made; opening goes on", async () => {
    const here = new Region(HERE, [OWN]);
    const recovery = new KmsSelectionError({ code: "setting-invalid", setting: "x", reason: "y" });
    assertCode(
      await rejectedBy(messages(here.kms, { recovery }).seal(APP, secret(), ALICE, never)),
      "setting-invalid",
    );
    assert.deepEqual(here.operations, []);
    const message = await messages(here.kms).seal(APP, secret(), ALICE, never);
    assert.equal(await opens(messages(here.kms, { recovery }), message), "secret");
  });
});

suite("Which additional keys are asked to open", () => {
  const replica: LocalKey = { keyId: MRK, aliases: ["alias/escrow"] };
  const there = new Region(THERE, [replica]);
  const cases: [title: string, additional: string, sealedUnder: LocalKey, isAsked: boolean][] = [
    ["a replica of the key that sealed it", `key/${MRK}`, { ...replica, aliases: [APP] }, true],
    ["an alias, for a multi-Region key", "alias/escrow", { ...replica, aliases: [APP] }, true],
    [
      "another multi-Region key",
      `key/${MRK.replace("mrk-0", "mrk-1")}`,
      { ...replica, aliases: [APP] },
      false,
    ],
    ["a single-Region key of another Region", `key/${OWN_ID}`, OWN, false],
    ["an alias, for a single-Region key of another Region", "alias/escrow", OWN, false],
  ];
  for (const [title, additional, sealedUnder, isAsked] of cases) {
    test(`${title}: ${isAsked ? "asked" : "not asked"}`, async () => {
      const message = await messages(new Region(HERE, [sealedUnder]).kms).seal(APP, secret(), ALICE, never);
      const lost = new Region(HERE, []);
      there.operations.length = 0;
      const opening = opens(messages(lost.kms, { additional: [there.additional(additional)] }), message);
      if (isAsked) assert.equal(await opening, "secret");
      else await rejectedBy(opening);
      assert.deepEqual(there.operations, isAsked ? ["Decrypt"] : []);
    });
  }
});
