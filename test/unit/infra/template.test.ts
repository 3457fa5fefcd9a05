/** What infra.yaml makes, for given parameters. What its policies allow is for policies.test.ts to say. */
import assert from "node:assert/strict";
import {
  account,
  keyPolicyOf,
  keyStack,
  keyTemplate,
  managedPolicyOf,
  propertiesOf,
  secretAccessKey,
} from "./keyStack";

const kinds = (parameters: Record<string, string> = {}): string[] =>
  Object.values(keyStack(parameters).resources)
    .map(({ type }) => type)
    .sort();

const withoutUsers = [
  "AWS::IAM::Group",
  "AWS::IAM::Group",
  "AWS::IAM::ManagedPolicy",
  "AWS::IAM::ManagedPolicy",
  "AWS::KMS::Alias",
  "AWS::KMS::Key",
];

suite("infra.yaml", () => {
  suite("the key", () => {
    test("stays when the stack goes or the key would be replaced", () => {
      const { DeletionPolicy, UpdateReplacePolicy } = keyTemplate.Resources.Key!;
      assert.deepEqual([DeletionPolicy, UpdateReplacePolicy], ["Retain", "Retain"]);
    });

    test("is symmetric, rotates yearly and leaves 30 days to cancel its deletion", () => {
      const { KeyPolicy, Tags, Description, ...rest } = propertiesOf(keyStack(), "Key");
      assert.ok(KeyPolicy && Tags && Description);
      assert.deepEqual(rest, {
        KeySpec: "SYMMETRIC_DEFAULT",
        KeyUsage: "ENCRYPT_DECRYPT",
        MultiRegion: "false",
        EnableKeyRotation: "true",
        RotationPeriodInDays: "365",
        PendingWindowInDays: "30",
      });
    });

    test("takes the parameters", () => {
      const stack = keyStack({
        MultiRegion: "true",
        RotationPeriodInDays: "90",
        DeletionWindowInDays: "7",
        AliasName: "alias/app",
      });
      const { MultiRegion, RotationPeriodInDays, PendingWindowInDays } = propertiesOf(stack, "Key");
      assert.deepEqual([MultiRegion, RotationPeriodInDays, PendingWindowInDays], ["true", "90", "7"]);
      assert.equal(propertiesOf(stack, "Alias").AliasName, "alias/app");
    });

    test("has no period without rotation, as KMS demands", () => {
      const key = propertiesOf(keyStack({ EnableRotation: "false" }), "Key");
      assert.equal(key.EnableKeyRotation, "false");
      assert.equal("RotationPeriodInDays" in key, false);
    });

    test("has a policy that names the account alone and parts administration from use", () => {
      const { Statement } = keyPolicyOf(keyStack());
      assert.deepEqual(
        Statement.map(({ Sid, Principal }) => [Sid, Principal]),
        ["AdministerThroughIam", "UseThroughIam"].map((sid) => [
          sid,
          { AWS: `arn:aws:iam::${account}:root` },
        ]),
      );
      const [administer, use] = Statement.map(({ Action }) => Action as string[]);
      assert.deepEqual(use, [
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
      ]);
      const usesOrGrants = /\*|Encrypt|Decrypt|Generate|CreateGrant|Sign|Mac|DeriveSharedSecret|Import/;
      assert.deepEqual(
        administer!.filter((action) => usesOrGrants.test(action)),
        [],
      );
    });
  });

  suite("the groups' policies", () => {
    const expected = {
      EncryptPolicy: {
        group: "our-stack-EncryptGroup-1",
        actions: ["kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptTo", "kms:DescribeKey"],
      },
      DecryptPolicy: {
        group: "our-stack-DecryptGroup-1",
        actions: ["kms:Decrypt", "kms:ReEncryptFrom", "kms:DescribeKey", "kms:GetKeyRotationStatus"],
      },
    };
    for (const [name, { group, actions }] of Object.entries(expected)) {
      test(`${name} allows its group what it needs and no more`, () => {
        assert.deepEqual(propertiesOf(keyStack(), name).Groups, [group]);
        const statements = managedPolicyOf(keyStack(), name).Statement;
        assert.deepEqual(
          statements.map(({ Effect, Action }) => [Effect, [Action].flat()]),
          [
            ["Allow", actions],
            ["Allow", ["kms:ListAliases"]],
          ],
        );
      });
    }
  });

  suite("users", () => {
    for (const [name, group] of [
      ["Encryptor", "our-stack-EncryptGroup-1"],
      ["Decryptor", "our-stack-DecryptGroup-1"],
    ] as const) {
      test(`the ${name.toLowerCase()} has the tag of its identity and is in its group alone`, () => {
        const stack = keyStack({ ContextKey: "user_id", [`${name}Identity`]: "7" });
        assert.deepEqual(propertiesOf(stack, `${name}User`), {
          Groups: [group],
          Tags: [{ Key: "user_id", Value: "7" }],
        });
      });
    }

    test("have an access key each, in Secrets Manager", () => {
      assert.deepEqual(
        kinds(),
        [
          ...withoutUsers,
          "AWS::IAM::AccessKey",
          "AWS::IAM::AccessKey",
          "AWS::IAM::User",
          "AWS::IAM::User",
          "AWS::SecretsManager::Secret",
          "AWS::SecretsManager::Secret",
        ].sort(),
      );
      const { SecretString } = propertiesOf(keyStack(), "DecryptorSecret");
      assert.deepEqual(JSON.parse(SecretString as string), {
        AccessKeyId: "AKIA-DECRYPTOR",
        SecretAccessKey: secretAccessKey,
      });
    });

    test("can be left without access keys", () => {
      assert.deepEqual(
        kinds({ CreateAccessKeys: "false" }),
        [...withoutUsers, "AWS::IAM::User", "AWS::IAM::User"].sort(),
      );
    });

    test("can be left out, and their access keys with them", () => {
      assert.deepEqual(kinds({ CreateUsers: "false" }), withoutUsers);
      assert.deepEqual(kinds({ CreateUsers: "false", SecretReaderArn: reader }), withoutUsers);
    });
  });

  const reader = `arn:aws:iam::${account}:role/Admin`;

  suite("secret access keys", () => {
    test("are in Secrets Manager and nowhere else", () => {
      const { resources, outputs } = keyStack({ SecretReaderArn: reader });
      const holders = Object.entries({ ...resources, ...outputs }).filter(([, made]) =>
        JSON.stringify(made).includes(secretAccessKey),
      );
      assert.deepEqual(holders.map(([name]) => name).sort(), ["DecryptorSecret", "EncryptorSecret"]);
    });

    test("can be kept from all but one reader", () => {
      const stack = keyStack({ SecretReaderArn: reader });
      for (const name of ["EncryptorSecret", "DecryptorSecret"]) {
        const { SecretId, ResourcePolicy } = propertiesOf(stack, `${name}Policy`);
        assert.equal(SecretId, stack.outputs[`${name}Arn`]?.value);
        assert.deepEqual((ResourcePolicy as { Statement: unknown }).Statement, [
          {
            Sid: "NobodyElseReads",
            Effect: "Deny",
            Principal: "*",
            Action: "secretsmanager:GetSecretValue",
            Resource: "*",
            Condition: { ArnNotEquals: { "aws:PrincipalArn": reader } },
          },
        ]);
      }
    });
  });

  suite("names", () => {
    test("come from the stack's name, so that two stacks fit into one account", () => {
      for (const [name, { properties }] of Object.entries(keyStack({ SecretReaderArn: reader }).resources))
        for (const property of ["UserName", "GroupName", "ManagedPolicyName", "Name"])
          // An access key's UserName is the user that it is for.
          if (!name.endsWith("AccessKey")) assert.equal(property in properties, false, `${name}.${property}`);
    });

    test("of exports are the stack's and the output's", () => {
      const { outputs } = keyStack();
      assert.equal(Object.keys(outputs).length, 14);
      for (const [name, { exportName }] of Object.entries(outputs))
        assert.equal(exportName, `our-stack-${name}`);
    });

    test("of users and secrets are no outputs where there are none", () => {
      const names = Object.keys(keyStack({ CreateUsers: "false" }).outputs);
      assert.deepEqual(
        names.filter((name) => /^(Encryptor|Decryptor)/.test(name)),
        [],
      );
      assert.equal(names.length, 8);
    });
  });
});
