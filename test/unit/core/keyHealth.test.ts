/** What the status bar says of a key, and how often one looks. */
import assert from "node:assert/strict";
import type { KeyMetadata } from "../../../src/core/keyDescription";
import { healthOf, KeyHealths, type KeyInUse } from "../../../src/core/keyHealth";

const MINUTE = 60_000;
const key = (value: string): KeyInUse => ({
  key: { value, origin: "user" },
  region: undefined,
  encryptProfile: undefined,
  decryptProfile: undefined,
});
const a = key("alias/a");
const b = key("alias/b");
const HEALTH = { isUsable: true, words: "enabled" };

suite("Key health", () => {
  const cases: [metadata: KeyMetadata, rotates: boolean | undefined, isUsable: boolean, words: string][] = [
    [{ KeyState: "Enabled" }, true, true, "enabled, rotation is on"],
    [{ KeyState: "Enabled" }, false, true, "enabled, rotation is off"],
    [{ KeyState: "Enabled" }, undefined, true, "enabled"],
    [{}, undefined, true, ""],
    [
      { KeyState: "Disabled" },
      false,
      false,
      "disabled. It neither encrypts nor decrypts until an administrator enables it.",
    ],
    [
      { KeyState: "PendingDeletion", DeletionDate: new Date("2035-01-01T00:00:00Z") },
      undefined,
      false,
      "pending deletion, on 2035-01-01. Until then an administrator can cancel it; after that, all that it encrypted is lost.",
    ],
    [
      { KeyState: "Enabled", KeyUsage: "SIGN_VERIFY", KeySpec: "RSA_2048" },
      undefined,
      false,
      "it does not encrypt (SIGN_VERIFY, RSA_2048).",
    ],
  ];
  for (const [metadata, rotates, isUsable, words] of cases) {
    test(`${JSON.stringify(metadata)}, rotates: ${String(rotates)}`, () => {
      assert.deepEqual(healthOf(metadata, rotates), { isUsable, words });
    });
  }

  test("one looks at a key once in a quarter of an hour, whatever was seen", () => {
    const healths = new KeyHealths();
    assert.equal(healths.isDue(a, 0), true);
    assert.equal(healths.isDue(a, 1), false);
    assert.equal(healths.isDue(b, 1), true);
    healths.set(a, undefined, 2);
    assert.equal(healths.isDue(a, 14 * MINUTE), false);
    assert.equal(healths.isDue(a, 15 * MINUTE + 2), true);
  });

  test("what was seen stays while one looks again", () => {
    const healths = new KeyHealths();
    healths.set(a, HEALTH, 0);
    assert.equal(healths.isDue(a, 60 * MINUTE), true);
    assert.deepEqual(healths.get(a), HEALTH);
  });

  test("a key that is met in another state is looked at again at once", () => {
    const healths = new KeyHealths();
    healths.set(a, HEALTH, 5 * MINUTE);
    healths.doubt(a);
    assert.deepEqual(healths.get(a), HEALTH);
    assert.equal(healths.isDue(a, 6 * MINUTE), true);
    assert.equal(healths.isDue(a, 6 * MINUTE), false);
  });
});
