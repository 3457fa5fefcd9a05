import assert from "node:assert/strict";
import { describeToken } from "../../../src/core/describeToken";
import type { MessageFacts } from "../../../src/core/messages";
import type { Token, TokenKind } from "../../../src/core/tokens";

const token = (kind: TokenKind, length = 1234): Token => ({
  kind,
  format: "base64",
  bytes: new Uint8Array(length),
  start: 0,
  end: 10,
});
const message = (facts: Partial<MessageFacts> = {}): MessageFacts => ({
  context: { identity: "alice" },
  keyArns: ["arn:aws:kms:eu-west-1:111122223333:key/k"],
  otherKeys: [],
  isCommitted: true,
  ...facts,
});
const alice = { name: "alice", context: { identity: "alice" } };
const bob = { name: "bob", context: { identity: "bob" } };

suite("What a token tells of itself", () => {
  const titles: readonly [what: string, title: string, ...of: Parameters<typeof describeToken>][] = [
    ["a message of the identity in force", "Your secret", token("encryption-sdk"), message(), alice, [bob]],
    [
      "a message of another identity",
      "bob's secret",
      token("encryption-sdk"),
      message({ context: bob.context }),
      alice,
      [bob],
    ],
    [
      "a message of nobody known",
      "Somebody else's secret",
      token("encryption-sdk"),
      message({ context: { team: "x" } }),
      alice,
      [bob],
    ],
    [
      "a message with a pair more than ours",
      "Somebody else's secret",
      token("encryption-sdk"),
      message({ context: { ...alice.context, team: "x" } }),
      alice,
      [],
    ],
    [
      "a message, while our own context has no value",
      "bob's secret",
      token("encryption-sdk"),
      message({ context: bob.context }),
      undefined,
      [bob],
    ],
    ["a message that is cut", "Damaged message", token("encryption-sdk"), undefined, alice, []],
    ["a ciphertext of KMS", "KMS secret", token("kms"), undefined, alice, []],
    ["a ciphertext of the sandbox", "Secret of the sandbox", token("sandbox"), undefined, alice, []],
  ];
  for (const [what, title, ...of] of titles) {
    test(`${what} is "${title}"`, () => {
      assert.equal(describeToken(...of).title, title);
    });
  }

  const factsOf = (...of: Parameters<typeof describeToken>): Record<string, string> =>
    Object.fromEntries(describeToken(...of).facts);

  test("a message tells its identity, context, keys and size", () => {
    assert.deepEqual(factsOf(token("encryption-sdk"), message(), alice, []), {
      Kind: "AWS Encryption SDK message",
      Identity: "yours (alice)",
      Context: "identity=alice",
      Key: "arn:aws:kms:eu-west-1:111122223333:key/k",
      Size: "1,234 bytes of ciphertext",
    });
  });

  test("keys of another kind are counted, and no key is none", () => {
    const keys = (facts: Partial<MessageFacts>): unknown => {
      const { Key, Keys } = factsOf(token("encryption-sdk"), message(facts), alice, []);
      return Key ?? Keys;
    };
    assert.equal(keys({ keyArns: ["a", "b"], otherKeys: ["k"] }), "a, b, 1 that is not of KMS");
    assert.equal(keys({ keyArns: [], otherKeys: ["k", "l"] }), "2 that are not of KMS");
    assert.equal(keys({ keyArns: [] }), "none");
  });

  test("missing key commitment is told", () => {
    const { Kind } = factsOf(token("encryption-sdk"), message({ isCommitted: false }), alice, []);
    assert.match(Kind ?? "", /without key commitment/);
  });

  test("of a ciphertext of KMS nothing is guessed", () => {
    assert.deepEqual(factsOf(token("kms"), undefined, alice, [bob]), {
      Kind: "KMS ciphertext",
      "Key and identity": "only KMS can tell",
      Size: "1,234 bytes of ciphertext",
    });
  });
});
