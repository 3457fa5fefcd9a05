/** What the key picker tells of a key. */
import assert from "node:assert/strict";
import { describeKey, whyUnusable, type KeyMetadata } from "../../../src/core/keyDescription";

const USABLE: KeyMetadata = {
  KeyState: "Enabled",
  KeySpec: "SYMMETRIC_DEFAULT",
  KeyUsage: "ENCRYPT_DECRYPT",
  KeyManager: "CUSTOMER",
  MultiRegion: false,
};

const key = (metadata: KeyMetadata | undefined, alias = "alias/app", rotates?: boolean) => ({
  alias,
  account: "111122223333",
  metadata,
  rotates,
});

suite("Key description", () => {
  const reasons: [title: string, metadata: KeyMetadata | undefined, reason: string | undefined][] = [
    ["enabled and symmetric", USABLE, undefined],
    ["not known", undefined, undefined],
    ["a member that is not known", {}, undefined],
    ["a state that is not known", { ...USABLE, KeyState: "constructor!" }, undefined],
    ["being updated", { ...USABLE, KeyState: "Updating" }, undefined],
    ["disabled", { ...USABLE, KeyState: "Disabled" }, "it is disabled"],
    ["pending deletion", { ...USABLE, KeyState: "PendingDeletion" }, "it is pending deletion"],
    [
      "pending deletion with its date",
      { ...USABLE, KeyState: "PendingDeletion", DeletionDate: new Date("2035-01-02T03:04:05Z") },
      "it is pending deletion, on 2035-01-02",
    ],
    ["without material", { ...USABLE, KeyState: "PendingImport" }, "its key material is not imported"],
    ["unavailable", { ...USABLE, KeyState: "Unavailable" }, "its key store is not available"],
    ["asymmetric", { ...USABLE, KeySpec: "RSA_2048" }, "it is asymmetric (RSA_2048)"],
    [
      "for signatures",
      { ...USABLE, KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" },
      "it does not encrypt (SIGN_VERIFY, ECC_NIST_P256)",
    ],
    [
      "for MACs, and disabled: what cannot be mended comes first",
      { ...USABLE, KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC", KeyState: "Disabled" },
      "it does not encrypt (GENERATE_VERIFY_MAC, HMAC_256)",
    ],
    ["managed by AWS", { ...USABLE, KeyManager: "AWS" }, "AWS manages it, for one of its services"],
  ];
  for (const [title, metadata, reason] of reasons) {
    test(title, () => {
      assert.equal(whyUnusable(key(metadata)), reason);
    });
  }

  test("an alias of AWS tells that AWS manages the key", () => {
    assert.match(whyUnusable(key(undefined, "alias/aws/s3")) ?? "", /^AWS manages it/);
    assert.equal(whyUnusable(key(undefined, "alias/awstats")), undefined);
  });

  test("what is known is told, and nothing else", () => {
    assert.equal(describeKey(key(undefined)), "account 111122223333");
    assert.equal(
      describeKey(key({ ...USABLE, MultiRegion: true }, "alias/app", true)),
      "account 111122223333, enabled, symmetric, multi-Region, rotation on",
    );
    assert.match(describeKey(key(USABLE, "alias/app", false)), /symmetric, rotation off$/);
    assert.match(describeKey(key(USABLE)), /symmetric$/);
  });
});
