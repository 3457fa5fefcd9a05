/** The report of Test Key Access: what it says of each answer, and the policy that would be needed. */
import assert from "node:assert/strict";
import { accessReport, missingInWords } from "../../../src/core/accessReport";
import { KmsSelectionError, type Failure } from "../../../src/core/errors";
import {
  missingStatements,
  testedOperations,
  type Answer,
  type KeyAccess,
  type ProfileAccess,
  type TestedOperation,
} from "../../../src/core/keyAccess";

const ARN = "arn:aws:kms:us-east-2:111122223333:key/11111111-1111-4111-8111-111111111111";
const CALLER = { arn: "arn:aws:iam::111122223333:user/alice", account: "111122223333" };
const NOW = new Date("2026-11-24T20:15:30Z");

const denied = (action: string, reason = `no identity-based policy allows the ${action} action`): Answer =>
  new KmsSelectionError({ code: "access-denied", action, caller: CALLER.arn, resource: ARN, reason });
const failed = (failure: Failure): Answer => new KmsSelectionError(failure);

function profile(
  answers: Partial<Record<TestedOperation, Answer>>,
  rest: Partial<ProfileAccess> = {},
): ProfileAccess {
  const all = testedOperations(rest.direction).map(
    (each) => [each, answers[each] ?? "would-succeed"] as const,
  );
  return {
    direction: undefined,
    profile: "dev",
    caller: CALLER,
    answers: Object.fromEntries(all),
    ...rest,
  };
}

function access(profiles: readonly ProfileAccess[], rest: Partial<KeyAccess> = {}): KeyAccess {
  return {
    keyId: "alias/app",
    identity: "alice",
    context: { identity: "alice" },
    metadata: {
      Arn: ARN,
      AWSAccountId: "111122223333",
      KeyState: "Enabled",
      KeySpec: "SYMMETRIC_DEFAULT",
      KeyUsage: "ENCRYPT_DECRYPT",
      MultiRegion: false,
    },
    rotation: { enabled: true, periodInDays: 365, next: new Date("2027-01-01T00:00:00Z") },
    profiles,
    ...rest,
  };
}

const report = (...of: Parameters<typeof access>): string => accessReport(access(...of), NOW);

function statement(answers: Partial<Record<TestedOperation, Answer>>, rest?: Partial<KeyAccess>): unknown {
  const one = profile(answers);
  const json = missingStatements(access([one], rest), one);
  return json && JSON.parse(json);
}

suite("The report of Test Key Access", () => {
  test("tells what may be done, by whom, and what the key is", () => {
    assert.equal(
      report([profile({})]),
      `# Key access of \`alice\`

- Key: \`alias/app\`
- Encryption context: \`identity=alice\`
- Tested: 2026-11-24 20:15 UTC

KMS was asked whether it would do this (DryRun). It encrypted and decrypted nothing.

## Profile dev

- Caller: \`arn:aws:iam::111122223333:user/alice\`
- ✓ Encrypt (encrypt texts of up to 4,096 bytes): allowed
- ✓ GenerateDataKey (encrypt longer texts, and many at once): allowed
- ✓ Decrypt (decrypt): allowed
- ✓ ReEncrypt (re-encrypt, from this key and to it): allowed
- ✓ DescribeKey (look at the key): allowed

## Key

- ARN: \`${ARN}\`
- Account: 111122223333
- State: Enabled
- Kind: SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT
- Rotation: on, every 365 days, next on 2027-01-01
- Multi-Region: no
`,
    );
  });

  test("tells what is not allowed with the reason, and the least that would allow it", () => {
    const one = profile({ Decrypt: denied("kms:Decrypt"), ReEncrypt: denied("kms:ReEncryptTo") });
    const text = report([one]);
    assert.match(text, /✗ Decrypt .*: not allowed: no identity-based policy allows the kms:Decrypt action\n/);
    assert.match(text, /✗ ReEncrypt .*: not allowed: kms:ReEncryptTo, no identity-based policy/);
    assert.match(text, /✓ Encrypt/);
    assert.match(text, /## What profile dev is missing\n\nThis allows/);
    const [, json] = /```json\n(.*)\n```/s.exec(text) ?? [];
    assert.deepEqual(JSON.parse(json ?? ""), {
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
      Resource: ARN,
      Condition: { StringEquals: { "kms:EncryptionContext:identity": "alice" } },
    });
    assert.equal(
      missingInWords(access([one]), one),
      "Profile dev is not allowed kms:Decrypt, kms:ReEncrypt with alias/app.",
    );
  });

  test("keeps two profiles apart, each with what it is for and what it lacks", () => {
    const encryptor = profile({}, { direction: "encrypt", profile: "enc" });
    const decryptor = profile({ Decrypt: denied("kms:Decrypt") }, { direction: "decrypt", profile: "dec" });
    const text = report([encryptor, decryptor]);
    assert.match(
      text,
      /## Profile enc, to encrypt\n\n- Caller.*\n- ✓ Encrypt .*\n- ✓ GenerateDataKey .*\n- ✓ DescribeKey/,
    );
    assert.match(
      text,
      /## Profile dec, to decrypt\n\n- Caller.*\n- ✗ Decrypt .*\n- ✓ ReEncrypt .*\n- ✓ DescribeKey/,
    );
    assert.match(text, /## What profile dec is missing/);
    assert.doesNotMatch(text, /What profile enc/);
  });

  test("says plainly that a KMS knows no dry runs, and claims nothing of it", () => {
    const text = report([
      profile({
        Encrypt: "done",
        GenerateDataKey: "done",
        Decrypt: failed({ code: "kms-unavailable" }),
        ReEncrypt: failed({ code: "invalid-request", reason: "Value null at 'ciphertextBlob'" }),
      }),
    ]);
    assert.match(
      text,
      /\*\*This KMS does not know DryRun\.\*\* It did for real .* \(Encrypt, GenerateDataKey\)/,
    );
    for (const each of ["Encrypt", "GenerateDataKey", "Decrypt", "ReEncrypt"])
      assert.match(text, new RegExp(`^- \\? ${each} .*: not known$`, "m"));
    assert.doesNotMatch(text, /encrypted and decrypted nothing/);
  });

  test("does not know about Decrypt where KMS wants a ciphertext for it", () => {
    const text = report([profile({ Decrypt: failed({ code: "invalid-request", reason: "x" }) })]);
    assert.match(text, /^- \? Decrypt /m);
    assert.match(text, /^- ✓ Encrypt /m);
  });

  test("tells a key that cannot be used from a caller that may not use it", () => {
    const text = report([profile({ Encrypt: failed({ code: "key-disabled" }) })], {
      metadata: { Arn: ARN, KeyState: "PendingDeletion", DeletionDate: new Date("2035-01-01T00:00:00Z") },
    });
    assert.match(text, /✗ Encrypt .*: The key is disabled\. An administrator can enable it\./);
    assert.match(text, /State: PendingDeletion, will be deleted on 2035-01-01/);
    assert.doesNotMatch(text, /missing/);
  });

  test("offers no statement against an explicit deny", () => {
    const answers = { Encrypt: denied("kms:Encrypt", "an explicit deny in a service control policy") };
    assert.equal(statement(answers), undefined);
    assert.match(
      report([profile(answers)]),
      /A policy denies Encrypt\. Only a change to that policy helps\./,
    );
  });

  test("DescribeKey has no encryption context, so its statement has no condition", () => {
    const describe = { Effect: "Allow", Action: ["kms:DescribeKey"], Resource: ARN };
    assert.deepEqual(statement({ DescribeKey: denied("kms:DescribeKey") }), describe);
    const both = statement({ Encrypt: denied("kms:Encrypt"), DescribeKey: denied("kms:DescribeKey") });
    assert.deepEqual((both as unknown[]).at(-1), describe);
    assert.equal((both as unknown[]).length, 2);
  });

  test("the key's ARN comes from the refusal where the key may not be looked at", () => {
    const { Resource } = statement({ Encrypt: denied("kms:Encrypt") }, { metadata: undefined }) as {
      Resource: string;
    };
    assert.equal(Resource, ARN);
    assert.match(report([profile({})], { metadata: undefined }), /## Key\n\nNot known/);
  });

  const rotations: [title: string, rotation: KeyAccess["rotation"], expected: string][] = [
    ["off", { enabled: false }, "off"],
    ["on", { enabled: true }, "on"],
    [
      "refused",
      denied("kms:GetKeyRotationStatus") as KmsSelectionError,
      "not known (kms:GetKeyRotationStatus is not allowed)",
    ],
    ["not asked", undefined, "not known"],
    ["of a key that has none", failed({ code: "unsupported-operation" }) as KmsSelectionError, "not known"],
  ];
  for (const [title, rotation, expected] of rotations) {
    test(`rotation: ${title}`, () => {
      assert.ok(report([profile({})], { rotation }).includes(`- Rotation: ${expected}\n`));
    });
  }

  const regions: [title: string, metadata: KeyAccess["metadata"], expected: string][] = [
    ["no", { MultiRegion: false }, "no"],
    [
      "a primary key with replicas",
      {
        MultiRegion: true,
        MultiRegionConfiguration: {
          MultiRegionKeyType: "PRIMARY",
          PrimaryKey: { Region: "us-east-2" },
          ReplicaKeys: [{ Region: "eu-west-1" }, { Region: "eu-central-1" }],
        },
      },
      "yes, the primary key, primary in us-east-2, replicas in eu-west-1, eu-central-1",
    ],
    [
      "a replica",
      { MultiRegion: true, MultiRegionConfiguration: { MultiRegionKeyType: "REPLICA", ReplicaKeys: [] } },
      "yes, a replica, no replicas",
    ],
  ];
  for (const [title, metadata, expected] of regions) {
    test(`multi-Region: ${title}`, () => {
      assert.ok(report([profile({})], { metadata }).includes(`- Multi-Region: ${expected}\n`));
    });
  }

  test("says that the key is of another account than the caller", () => {
    const caller = { arn: "arn:aws:iam::999999999999:user/x", account: "999999999999" };
    assert.match(report([profile({}, { caller })]), /Account: 111122223333, another one than the caller's/);
  });

  test("says why the caller is not known, and goes on", () => {
    const caller = new KmsSelectionError({ code: "timeout", host: "sts.example" });
    assert.match(
      report([profile({}, { caller })]),
      /Caller: not known\. Sts\.example did not answer in time\./,
    );
    assert.match(report([profile({}, { caller: undefined })]), /Caller: nobody, the sandbox/);
  });

  test("names from files become neither links, pictures nor lines of their own", () => {
    const text = report([profile({}, { profile: "x\n# y ![p](http://evil)" })], {
      identity: "a`![p](http://evil)\n# b",
    });
    assert.doesNotMatch(text, /^# [yb]/m);
    assert.doesNotMatch(text, /Profile .*!\[/);
    assert.match(text, /^# Key access of `a'!\[p\]\(http:\/\/evil\) # b`$/m);
  });
});
