/** Tokens that are to open with several keys: the key, additional keys and a recovery key. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describeMessage } from "../../../src/aws/messageHeader";
import { NO_SPARE_KEYS, type SpareKeys } from "../../../src/core/keySet";
import { reEncryptTokens, type NewText } from "../../../src/core/reEncryption";
import { parseToken } from "../../../src/core/tokens";
import { awsErrors } from "../../support/kmsServer";
import { assertCode, rejectedBy } from "./failures";
import {
  ALICE,
  arn,
  BOB,
  KEYS,
  kindOf,
  moved,
  NEW,
  never,
  OLD,
  parts,
  plan,
  route,
  THIRD,
  World,
  type Change,
} from "./reEncryptionWorld";

function recoveryKey(): string {
  const options = { modulusLength: 2048, publicKeyEncoding: { type: "spki", format: "pem" } } as const;
  const privateKeyEncoding = { type: "pkcs8", format: "pem" } as const;
  return generateKeyPairSync("rsa", { ...options, privateKeyEncoding }).publicKey;
}

const RECOVERY = recoveryKey();
const WITH_THIRD: SpareKeys = { additionalKeys: [arn(THIRD)], recoveryPublicKey: "" };
const BOTH: SpareKeys = { additionalKeys: [arn(THIRD)], recoveryPublicKey: RECOVERY };

const to = (spareKeys: SpareKeys): Change => ({ routes: [route({}, { spareKeys })] });
const sealedTo = (spareKeys: SpareKeys) => ({ envelope: "always", spareKeys }) as const;

function keysOf(token: NewText): string[] {
  const { keyArns, otherKeys } = describeMessage(parseToken(token!)!.bytes);
  return [...keyArns, ...otherKeys.map(() => "recovery")];
}

suite("Re-encryption to several keys", () => {
  test("a message is sealed to all of them", async () => {
    const world = new World();
    const token = await moved(world, await world.token("secret", {}, sealedTo(NO_SPARE_KEYS)), to(BOTH));
    assert.deepEqual(keysOf(token), [arn(NEW), arn(THIRD), "recovery"]);
    assert.equal(await world.text(token), "secret");
    assert.equal(await world.text(token, { keyId: "alias/third" }), "secret");
    assert.ok(world.opened[0]!.plaintext.every((byte) => byte === 0));
  });

  test("a KMS ciphertext opens with one key alone, and so becomes a message", async () => {
    const world = new World();
    for (const [keyId, decrypts] of [
      ["alias/old", 1],
      ["alias/new", 2],
    ] as const) {
      const blob = await world.token("secret", { keyId });
      const decrypt = world.kms.decrypt.bind(world.kms);
      const decrypted: Uint8Array[] = [];
      world.kms.decrypt = async (...request) => {
        const answer = await decrypt(...request);
        decrypted.push(answer.plaintext);
        return answer;
      };
      const token = await moved(world, blob, to(BOTH));
      assert.deepEqual(world.operations, [
        ...Array<string>(decrypts).fill("Decrypt"),
        "GenerateDataKey",
        "Encrypt",
      ]);
      assert.equal(decrypted.length, 1);
      assert.ok(
        decrypted[0]!.every((byte) => byte === 0),
        "the text is zeroed",
      );
      world.kms.decrypt = decrypt;
      assert.deepEqual(keysOf(token), [arn(NEW), arn(THIRD), "recovery"]);
      assert.equal(await world.text(token), "secret");
    }
  });

  test("none becomes a KMS ciphertext, whatever form is asked for", async () => {
    const world = new World();
    const message = await world.token("secret", {}, sealedTo(NO_SPARE_KEYS));
    const token = await moved(world, message, { ...to(WITH_THIRD), toBlobs: true });
    assert.equal(kindOf(token), "encryption-sdk");
    assert.deepEqual(keysOf(token), [arn(NEW), arn(THIRD)]);
  });

  test("a message that is sealed to just these keeps its bytes", async () => {
    const world = new World();
    const alias: SpareKeys = { ...BOTH, additionalKeys: ["arn:aws:kms:local:000000000000:alias/third"] };
    const token = await world.token("secret", { keyId: "alias/new" }, sealedTo(BOTH));
    assert.equal(await moved(world, token, to(BOTH)), undefined);
    assert.deepEqual(world.operations, ["ReEncrypt"]);
    assert.equal(await moved(world, token, to(alias)), undefined);
    assert.equal(world.operations.filter((each) => each === "Decrypt").length, 0);
  });

  test("also where KMS does not tell which key an alias stands for", async () => {
    const world = new World();
    const alias: SpareKeys = { ...BOTH, additionalKeys: ["arn:aws:kms:local:000000000000:alias/third"] };
    const token = await world.token("secret", { keyId: "alias/new" }, sealedTo(BOTH));
    world.refuse = (operation) =>
      operation === "DescribeKey" ? awsErrors.accessDenied("alice", operation, arn(THIRD)) : undefined;
    assert.equal(await moved(world, token, to(alias)), undefined);
  });

  const others: readonly (readonly [title: string, is: SpareKeys, wanted: SpareKeys])[] = [
    ["no additional key", NO_SPARE_KEYS, WITH_THIRD],
    ["no recovery key", WITH_THIRD, BOTH],
    ["an additional key that is not wanted any more", BOTH, { ...BOTH, additionalKeys: [] }],
    ["a recovery key that is not wanted any more", BOTH, WITH_THIRD],
    ["another additional key", { ...BOTH, additionalKeys: [arn(OLD)] }, BOTH],
    ["another recovery key", { ...BOTH, recoveryPublicKey: recoveryKey() }, BOTH],
  ];
  for (const [title, is, wanted] of others) {
    test(`what is under the destination key with ${title} is sealed anew`, async () => {
      const world = new World();
      const token = await world.token("secret", { keyId: "alias/new" }, sealedTo(is));
      for (const how of [{}, { destinationArn: undefined }]) {
        const anew = await moved(world, token, { ...to(wanted), ...how });
        assert.deepEqual(keysOf(anew), [
          arn(NEW),
          ...wanted.additionalKeys,
          ...(wanted.recoveryPublicKey ? ["recovery"] : []),
        ]);
        assert.equal(await world.text(anew), "secret");
        assert.equal(await moved(world, anew!, { ...to(wanted), ...how }), undefined);
        if (is.recoveryPublicKey !== wanted.recoveryPublicKey) {
          assert.notDeepEqual(
            describeMessage(parseToken(anew!)!.bytes).otherKeys,
            describeMessage(parseToken(token)!.bytes).otherKeys,
          );
        }
      }
    });
  }

  test("an alias that is moved on the way stops it: nothing of one run is to lie under two keys", async () => {
    const movedTo = KEYS.map((key) => ({
      ...key,
      aliases: key.keyId === THIRD ? ["alias/new", "alias/third"] : key.keyId === NEW ? [] : key.aliases,
    }));
    const made: [title: string, make: (world: World) => Promise<string>, how: Change][] = [
      ["a blob", (world) => world.token("a"), {}],
      ["a blob to several keys", (world) => world.token("a"), to({ ...BOTH, additionalKeys: [] })],
      ["a message", (world) => world.token("a", {}, sealedTo(NO_SPARE_KEYS)), {}],
      ["a message to a blob", (world) => world.token("a", {}, sealedTo(NO_SPARE_KEYS)), { toBlobs: true }],
    ];
    for (const [title, make, how] of made) {
      for (const known of [{}, { destinationArn: undefined }]) {
        const world = new World();
        const [first, second] = [await make(world), await make(world)];
        const one = plan({ ...how, ...known });
        await reEncryptTokens(world, parts(first), one, never);
        world.setKeys(movedTo);
        const error = await rejectedBy(reEncryptTokens(world, parts(second), one, never));
        assert.deepEqual(
          error.failure,
          { code: "destination-changed", before: arn(NEW), now: arn(THIRD) },
          title,
        );
      }
    }
  });

  test("each identity has its own", async () => {
    const world = new World();
    const tokens = await Promise.all(
      [ALICE, BOB].map((context) => world.token("secret", { context }, sealedTo(NO_SPARE_KEYS))),
    );
    const routes = [
      route({}, { spareKeys: WITH_THIRD }),
      route({ context: BOB }, { context: BOB, spareKeys: { ...BOTH, additionalKeys: [] } }),
    ] as const;
    const [ofAlice, ofBob] = await reEncryptTokens(world, parts(...tokens), plan({ routes }), never);
    assert.deepEqual(keysOf(ofAlice), [arn(NEW), arn(THIRD)]);
    assert.deepEqual(keysOf(ofBob), [arn(NEW), "recovery"]);
  });

  test("where one of them fails, nothing is sealed to fewer", async () => {
    const world = new World();
    const tokens = [await world.token("a"), await world.token("b", {}, sealedTo(NO_SPARE_KEYS))];
    world.setKeys(KEYS.map((key) => (key.keyId === THIRD ? { ...key, state: "Disabled" } : key)));
    for (const token of tokens) {
      assertCode(await rejectedBy(moved(world, token, to(BOTH))), "additional-key-failed");
    }
  });

  test("a recovery key that cannot be used stops it before anything is opened", async () => {
    const world = new World();
    const token = await world.token("secret", {}, sealedTo(NO_SPARE_KEYS));
    const broken = to({ ...NO_SPARE_KEYS, recoveryPublicKey: "-----BEGIN PUBLIC KEY-----\nno" });
    assertCode(await rejectedBy(moved(world, token, broken)), "setting-invalid");
    assert.deepEqual(world.operations, []);
  });

  test("what may be opened and not sealed says so, also where it has arrived", async () => {
    const world = new World();
    const blob = await world.token("secret", { keyId: "alias/new" });
    world.refuse = (operation) =>
      operation === "GenerateDataKey" ? awsErrors.accessDenied("alice", operation, arn(NEW)) : undefined;
    assertCode(await rejectedBy(moved(world, blob, to(BOTH))), "access-denied");
  });
});
