/** What a moved alias, a rotated key and other spare keys have left behind, found without any text leaving KMS. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { loadRecoveryKey } from "../../../src/aws/messages";
import { NO_SPARE_KEYS, type SpareKeys } from "../../../src/core/keySet";
import { Limiter } from "../../../src/core/limiter";
import { whereTokensAre, type Whereabouts } from "../../../src/core/tokensUnderOtherKeys";
import { awsErrors } from "../../support/kmsServer";
import { arn, BOB, KEYS, never, NEW, OLD, plan, route, THIRD, World } from "./reEncryptionWorld";

const RECOVERY = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
}).publicKey;
const WITH_THIRD: SpareKeys = { additionalKeys: [arn(THIRD)], recoveryPublicKey: "" };
const WITH_RECOVERY: SpareKeys = { additionalKeys: [], recoveryPublicKey: RECOVERY };
const CURRENT = { keyId: "alias/new" };

const message = (spareKeys = NO_SPARE_KEYS) => ({ envelope: "always", spareKeys }) as const;

async function found(
  world: World,
  tokens: readonly string[],
  spareKeys = NO_SPARE_KEYS,
): Promise<Whereabouts[]> {
  const routes = [route({ keyId: undefined }, { spareKeys })] as const;
  const places = await whereTokensAre(world, tokens.join("\n"), plan({ routes }), new Limiter(2), never);
  assert.deepEqual(
    places.map(({ line }) => line),
    tokens.map((_, index) => index + 1),
  );
  assert.ok(!world.operations.some((operation) => !["ReEncrypt", "DescribeKey"].includes(operation)));
  return places.map(({ where }) => where);
}

suite("Tokens under other keys", () => {
  test("another key, and what is bob's: of blobs KMS tells, of messages the header", async () => {
    const world = new World();
    const tokens = [
      await world.token("a"),
      await world.token("b", CURRENT),
      await world.token("c", { ...CURRENT, context: BOB }),
      await world.token("d", {}, message()),
      await world.token("e", CURRENT, message()),
      await world.token("f", { ...CURRENT, context: BOB }, message()),
    ];
    assert.deepEqual(await found(world, tokens), [
      { kind: "other-key", keyArn: arn(OLD) },
      { kind: "current" },
      { kind: "unknown" },
      { kind: "other-key", keyArn: arn(OLD) },
      { kind: "current" },
      { kind: "unknown" },
    ]);
  });

  test("older material, of blobs and of the data keys of messages", async () => {
    const world = new World();
    const tokens = [await world.token("a", CURRENT), await world.token("b", CURRENT, message())];
    world.setKeys(KEYS.map((key) => ({ ...key, rotations: 1 })));
    const renewed = [await world.token("a", CURRENT), await world.token("b", CURRENT, message())];
    const older = { kind: "older-material", keyArn: arn(NEW) };
    assert.deepEqual(await found(world, [...tokens, ...renewed]), [
      older,
      older,
      { kind: "current" },
      { kind: "current" },
    ]);
  });

  test("a data key that many messages share is asked about once in an operation", async () => {
    const world = new World();
    const token = await world.token("b", CURRENT, message());
    const messages = world.messages();
    const text = Array.from({ length: 20 }, () => token).join("\n");
    const ciphers = { kms: world.kms, messages: () => messages };
    const places = await whereTokensAre(ciphers, text, plan({ routes: [route()] }), new Limiter(10), never);
    assert.equal(places.length, 20);
    assert.deepEqual(world.operations, ["ReEncrypt"]);
  });

  test("whoever may not ask for the material of a message is told of its keys alone", async () => {
    const world = new World();
    const token = await world.token("b", CURRENT, message());
    world.setKeys(KEYS.map((key) => ({ ...key, rotations: 1 })));
    world.refuse = () => awsErrors.accessDenied("alice", "ReEncryptFrom", arn(NEW));
    assert.deepEqual(await found(world, [token]), [{ kind: "current" }]);
  });

  test("other spare keys than those that are wanted, missing or needless", async () => {
    const world = new World();
    const { fingerprint } = await loadRecoveryKey(RECOVERY);
    const tokens = [
      await world.token("a", CURRENT),
      await world.token("b", CURRENT, message()),
      await world.token("c", CURRENT, message(WITH_THIRD)),
      await world.token("d", CURRENT, message(WITH_RECOVERY)),
    ];
    const others = (missing: string[], needless: string[]) => ({
      kind: "other-spare-keys",
      missing,
      needless,
    });
    assert.deepEqual(await found(world, tokens, WITH_THIRD), [
      others([arn(THIRD)], []),
      others([arn(THIRD)], []),
      { kind: "current" },
      others([arn(THIRD)], [fingerprint]),
    ]);
    assert.deepEqual(await found(world, tokens.slice(1), NO_SPARE_KEYS), [
      { kind: "current" },
      others([], [arn(THIRD)]),
      others([], [fingerprint]),
    ]);
  });
});
