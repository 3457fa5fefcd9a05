/** Tokens to another key, context or form: with several keys of the sandbox behind the real client, which counts requests. */
import assert from "node:assert/strict";
import type { Failure } from "../../../src/core/errors";
import { reEncryptReadableToken, reEncryptTokens, type NewText } from "../../../src/core/reEncryption";
import type { Route } from "../../../src/core/reEncryptionPlan";
import { parseToken, type TokenFormat } from "../../../src/core/tokens";
import type { Unreadable } from "../../../src/core/transform";
import { awsErrors } from "../../support/kmsServer";
import { sandboxBytes } from "./ciphertexts";
import { assertCode, rejectedBy } from "./failures";
import {
  ALICE,
  arn,
  BOB,
  CAROL,
  KEYS,
  kindOf,
  moved,
  never,
  NEW,
  OLD,
  parts,
  plan,
  route,
  World,
  type Change,
} from "./reEncryptionWorld";

suite("Re-encryption of blobs", () => {
  test("to another key, by one ReEncrypt and nothing else", async () => {
    const world = new World();
    const token = await moved(world, await world.token("secret"));
    assert.deepEqual(world.operations, ["ReEncrypt"]);
    assert.match(token!, /^ENC\[KMS,/);
    assert.equal(await world.text(token), "secret");
  });

  test("to another context under the same key", async () => {
    const world = new World();
    const routes = [route({}, { keyId: "alias/old", context: BOB })] as const;
    const token = await moved(world, await world.token("secret"), { routes, destinationArn: arn(OLD) });
    assert.deepEqual(world.operations, ["ReEncrypt"]);
    assert.equal(await world.text(token, { keyId: "alias/old", context: BOB }), "secret");
  });

  test("without a source key, from whichever key it is under", async () => {
    const world = new World();
    const routes = [route({ keyId: undefined })] as const;
    for (const keyId of ["alias/old", "alias/third"]) {
      const token = await moved(world, await world.token("secret", { keyId }), { routes });
      assert.equal(await world.text(token), "secret");
    }
  });

  const formats: readonly (readonly [from: TokenFormat, to: TokenFormat | undefined, is: TokenFormat])[] = [
    ["base64", undefined, "base64"],
    ["ENC[KMS]", undefined, "ENC[KMS]"],
    ["base64", "ENC[KMS]", "ENC[KMS]"],
    ["ENC[KMS]", "base64", "base64"],
  ];
  for (const [from, to, is] of formats) {
    test(`${from} is written as ${is} where ${to ?? "no format"} is asked for`, async () => {
      const world = new World();
      const token = await moved(world, await world.token("secret", {}, { format: from }), { format: to });
      assert.equal(parseToken(token!)!.format, is);
      assert.equal(await world.text(token), "secret");
    });
  }

  test("what is under the destination key and context already keeps its bytes", async () => {
    const world = new World();
    const token = await world.token("secret", { keyId: "alias/new" });
    const ways: [title: string, source: Partial<Route["source"]>, requests: number][] = [
      ["found by KMS", { keyId: undefined }, 1],
      ["the same key", { keyId: "alias/new" }, 1],
      ["another key, which it is not under any more", { keyId: "alias/old" }, 2],
      ["another context, which it does not have any more", { keyId: undefined, context: BOB }, 2],
    ];
    for (const [title, source, requests] of ways) {
      world.operations.length = 0;
      assert.equal(await moved(world, token, { routes: [route(source)] }), undefined, title);
      assert.deepEqual(world.operations, Array(requests).fill("ReEncrypt"), title);
    }
  });

  test("what is there already and is only to be written otherwise keeps its ciphertext", async () => {
    const world = new World();
    const token = await world.token("secret", { keyId: "alias/new" }, { format: "base64" });
    assert.equal(await moved(world, token, { format: "ENC[KMS]" }), `ENC[KMS,${token}]`);
  });

  test("what is under older material of the same key is renewed, once", async () => {
    const world = new World();
    const token = await world.token("secret", { keyId: "alias/new" });
    world.setKeys(KEYS.map((key) => ({ ...key, rotations: 2 })));
    const routes = [route({ keyId: "alias/new" })] as const;
    const renewed = await moved(world, token, { routes });
    assert.notEqual(renewed, undefined);
    assert.equal(await world.text(renewed), "secret");
    assert.equal(await moved(world, renewed!, { routes }), undefined);
    // Also where it is not found at the source.
    assert.notEqual(await moved(world, token, { routes: [route({ context: BOB })] }), undefined);
  });

  test("a KMS that tells no material: the same key is enough", async () => {
    const world = new World();
    const reEncrypt = world.kms.reEncrypt.bind(world.kms);
    world.kms.reEncrypt = async (...request) => ({
      ...(await reEncrypt(...request)),
      sourceMaterialId: undefined,
      materialId: undefined,
    });
    const token = await world.token("secret", { keyId: "alias/new" });
    assert.equal(await moved(world, token, { routes: [route({ keyId: undefined })] }), undefined);
  });

  test("of several identities each keeps its own, or all go to one", async () => {
    const world = new World();
    const tokens = await Promise.all([ALICE, BOB].map((context) => world.token("secret", { context })));
    const ownWays = [route(), route({ context: BOB }, { context: BOB })] as const;
    const own = await reEncryptTokens(world, parts(...tokens), plan({ routes: ownWays }), never);
    assert.equal(await world.text(own[0]), "secret");
    assert.equal(await world.text(own[1], { context: BOB }), "secret");
    const toCarol = [route({}, { context: CAROL }), route({ context: BOB }, { context: CAROL })] as const;
    const one = await reEncryptTokens(world, parts(...tokens), plan({ routes: toCarol }), never);
    for (const token of one) assert.equal(await world.text(token, { context: CAROL }), "secret");
  });

  test("one that is not readable stops all, and is named", async () => {
    const world = new World();
    const tokens = [await world.token("a"), await world.token("b", { context: BOB })];
    const error = await rejectedBy(reEncryptTokens(world, parts(...tokens), plan(), never));
    assertCode(error, "invalid-ciphertext");
    assert.deepEqual(error.selection, { number: 2, count: 2, line: 20 });
  });

  test("under another key than the one that was named is said as such, also with several contexts", async () => {
    const world = new World();
    const token = await world.token("secret", { keyId: "alias/third" });
    assertCode(await rejectedBy(moved(world, token)), "incorrect-key");
    const routes = [route({ keyId: undefined, context: BOB }), route()] as const;
    assertCode(await rejectedBy(moved(world, token, { routes })), "incorrect-key");
  });

  test("whoever may not read at the destination is told why it cannot be read at the source", async () => {
    const world = new World();
    const token = await world.token("secret", { keyId: "alias/third" });
    world.refuse = (_, { SourceKeyId }) =>
      SourceKeyId === "alias/new" ? awsErrors.accessDenied("alice", "ReEncryptFrom", arn(NEW)) : undefined;
    assertCode(await rejectedBy(moved(world, token)), "incorrect-key");
    world.refuse = (_, { SourceKeyId }) =>
      SourceKeyId === "alias/new" ? awsErrors.internalFailure() : undefined;
    assertCode(await rejectedBy(moved(world, token)), "kms-unavailable");
  });
});

suite("Re-encryption of messages", () => {
  const sealed = { envelope: "always" } as const;

  test("to another key, opened and sealed in memory, and zeroed", async () => {
    const world = new World();
    const token = await moved(world, await world.token("secret", {}, sealed));
    assert.deepEqual(world.operations, ["Decrypt", "GenerateDataKey"]);
    assert.equal(kindOf(token), "encryption-sdk");
    assert.equal(world.opened.length, 1);
    assert.ok(world.opened[0]!.plaintext.every((byte) => byte === 0));
    assert.equal(await world.text(token), "secret");
  });

  test("what is under the destination key already is known by its header; KMS tells of its material", async () => {
    const world = new World();
    const token = await world.token("secret", { keyId: "alias/new" }, sealed);
    assert.equal(await moved(world, token), undefined);
    assert.deepEqual(world.operations, ["ReEncrypt"]);
    world.refuse = (operation) =>
      operation === "ReEncrypt" ? awsErrors.accessDenied("alice", operation, arn(NEW)) : undefined;
    assert.equal(await moved(world, token), undefined, "whoever may not ask does without");
  });

  test("what is under older material of the destination key is renewed, once", async () => {
    const world = new World();
    const token = await world.token("secret", { keyId: "alias/new" }, sealed);
    world.setKeys(KEYS.map((key) => ({ ...key, rotations: 2 })));
    for (const how of [{}, { destinationArn: undefined, routes: [route({ keyId: undefined })] as const }]) {
      const renewed = await moved(world, token, how);
      assert.equal(await world.text(renewed), "secret");
      assert.equal(await moved(world, renewed!, how), undefined);
    }
  });

  test("one that has arrived does not stop those that have not", async () => {
    const world = new World();
    const toBob = [route({}, { context: BOB })] as const;
    const there = await world.token("there", { keyId: "alias/new", context: BOB }, sealed);
    const here = await world.token("here", {}, sealed);
    const [kept, went] = await reEncryptTokens(world, parts(there, here), plan({ routes: toBob }), never);
    assert.equal(kept, undefined);
    assert.equal(await world.text(went, { context: BOB }), "here");
  });

  test("where the destination key may not be looked at, it still keeps its bytes", async () => {
    const world = new World();
    const token = await world.token("secret", { keyId: "alias/new" }, sealed);
    const routes = [route({ keyId: undefined })] as const;
    assert.equal(await moved(world, token, { routes, destinationArn: undefined }), undefined);
  });

  test("the context of the header says which identity's it is", async () => {
    const world = new World();
    const token = await world.token("secret", { context: BOB }, sealed);
    const routes = [route(), route({ context: BOB }, { context: BOB })] as const;
    const token2 = await moved(world, token, { routes });
    assert.equal(await world.text(token2, { context: BOB }), "secret");
    assert.deepEqual(world.operations, ["Decrypt", "GenerateDataKey"]);
  });

  test("one of another identity stops all before any request", async () => {
    const world = new World();
    const tokens = [await world.token("a"), await world.token("b", { context: BOB }, sealed)];
    const error = await rejectedBy(reEncryptTokens(world, parts(...tokens), plan(), never));
    assertCode(error, "message-of-another-context");
    assert.equal(error.selection?.number, 2);
    assert.deepEqual(world.operations, []);
  });

  test("where asked for, it becomes a blob, unless its text is too long or empty", async () => {
    const world = new World();
    const texts: [text: string, kind: string][] = [
      ["secret", "sandbox"],
      ["x".repeat(4096), "sandbox"],
      ["x".repeat(4097), "encryption-sdk"],
      ["", "encryption-sdk"],
    ];
    for (const [text, kind] of texts) {
      const token = await moved(world, await world.token(text, {}, sealed), { toBlobs: true });
      assert.equal(kindOf(token), kind);
      assert.equal(await world.text(token), text);
    }
    const there = await world.token("secret", { keyId: "alias/new" }, sealed);
    const routes = [route({ keyId: undefined })] as const;
    assert.equal(kindOf(await moved(world, there, { toBlobs: true, routes })), "sandbox");
  });

  test("a blob never becomes a message", async () => {
    const world = new World();
    for (const toBlobs of [true, false]) {
      assert.equal(kindOf(await moved(world, await world.token("secret"), { toBlobs })), "sandbox");
      assert.deepEqual(world.operations, ["ReEncrypt"]);
    }
  });
});

suite("Re-encryption of what is readable", () => {
  async function result(
    world: World,
    token: string,
    how: Change & { isAws?: boolean } = {},
  ): Promise<NewText | Unreadable> {
    const { isAws = false, ...change } = how;
    return reEncryptReadableToken(world, parts(token)[0]!, { ...plan(change), isAws }, never);
  }

  const unreadable: [title: string, make: (world: World) => Promise<string>, code: Failure["code"]][] = [
    ["a blob of bob", (world) => world.token("x", { context: BOB }), "invalid-ciphertext"],
    [
      "a message of bob",
      (world) => world.token("x", { context: BOB }, { envelope: "always" }),
      "message-of-another-context",
    ],
    ["a blob under a third key", (world) => world.token("x", { keyId: "alias/third" }), "incorrect-key"],
  ];
  for (const [title, make, code] of unreadable) {
    test(`${title} is left alone: ${code}`, async () => {
      const world = new World();
      const answer = await result(world, await make(world));
      assert.ok(typeof answer === "object");
      assert.equal(answer.unreadable.code, code);
    });
  }

  test("a token of the sandbox is not sent to AWS", async () => {
    const world = new World();
    const answer = await result(world, `ENC[KMS,${sandboxBytes(100).toString("base64")}]`, { isAws: true });
    assert.deepEqual(answer, { unreadable: { code: "sandbox-token" } });
    assert.deepEqual(world.operations, []);
  });

  test("a refused key is a token's own reason where KMS finds the key, and everybody's where it was named", async () => {
    const world = new World();
    const token = await world.token("x");
    world.refuse = () => awsErrors.accessDenied("alice", "ReEncryptFrom", arn(OLD));
    const found = await result(world, token, { routes: [route({ keyId: undefined })] });
    assert.ok(typeof found === "object");
    assert.equal(found.unreadable.code, "access-denied");
    assertCode(await rejectedBy(result(world, token)), "access-denied");
  });

  test("of another Region or account is a token's own reason, also where the key was named", async () => {
    const world = new World();
    const token = await world.token("x");
    world.refuse = () => awsErrors.unknownCiphertextKey();
    for (const keyId of [undefined, "alias/old"]) {
      const answer = await result(world, token, { routes: [route({ keyId })] });
      assert.deepEqual(answer, { unreadable: { code: "key-not-accessible" } });
    }
  });

  test("a refused destination is everybody's", async () => {
    const world = new World();
    const token = await world.token("x");
    world.refuse = () => awsErrors.accessDenied("alice", "ReEncryptTo", arn(NEW));
    const routes = [route({ keyId: undefined })] as const;
    assertCode(await rejectedBy(result(world, token, { routes })), "access-denied");
  });

  test("a KMS that is not there is everybody's", async () => {
    const world = new World();
    const token = await world.token("x");
    world.refuse = () => awsErrors.internalFailure();
    assertCode(await rejectedBy(result(world, token)), "kms-unavailable");
  });
});
