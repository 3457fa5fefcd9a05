/**
 * The lines of infra.yaml that security rests on. The template is read as text, by its indentation: no YAML parser is
 * among the dependencies. That it is valid CloudFormation is for cfn-lint to say.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../host/paths";

/** Without comments and empty lines. No value of the template holds a " #". */
const lines = readFileSync(join(root, "infra.yaml"), "utf8")
  .split("\n")
  .map((line) => line.replace(/(^| )\s*#.*$/, "").trimEnd())
  .filter((line) => line !== "");

const indentOf = (line: string): number => line.length - line.trimStart().length;

/** The lines below `name:` that are indented deeper; the path goes from a section at the margin inwards. */
function block(...path: string[]): string[] {
  let inner = lines;
  for (const name of path) {
    const start = inner.findIndex((line) => line.trim() === `${name}:`);
    assert.notEqual(start, -1, `infra.yaml has no ${path.join(" → ")}`);
    const indent = indentOf(inner[start]!);
    const rest = inner.slice(start + 1);
    const end = rest.findIndex((line) => indentOf(line) <= indent);
    inner = end === -1 ? rest : rest.slice(0, end);
  }
  return inner;
}

const trimmed = (some: string[]): string[] => some.map((line) => line.trim());

/** The statements of a policy, each as its trimmed lines. */
function statements(policy: string): string[][] {
  const found: string[][] = [];
  for (const line of trimmed(block("Resources", policy, "Properties", "PolicyDocument", "Statement"))) {
    if (line.startsWith("- Sid: ")) found.push([]);
    found.at(-1)!.push(line);
  }
  return found;
}

const actionsOf = (statement: string[]): string[] =>
  statement.flatMap((line) => /kms:\w+$/.exec(line)?.[0] ?? []);

const resourceOf = (statement: string[]): string | undefined =>
  statement.find((line) => line.startsWith("Resource: "))?.slice("Resource: ".length);

const resourceTypes = (): string[] =>
  trimmed(block("Resources"))
    .filter((line) => line.startsWith("Type: "))
    .map((line) => line.slice("Type: ".length));

suite("infra.yaml", () => {
  test("keeps the key when the stack goes or the key would be replaced", () => {
    const key = trimmed(block("Resources", "Key"));
    assert.ok(key.includes("DeletionPolicy: Retain"));
    assert.ok(key.includes("UpdateReplacePolicy: Retain"));
    assert.ok(key.includes("PendingWindowInDays: 30"));
  });

  test("rotates a symmetric key", () => {
    const properties = trimmed(block("Resources", "Key", "Properties"));
    assert.ok(properties.includes("KeySpec: SYMMETRIC_DEFAULT"));
    assert.ok(properties.includes("EnableKeyRotation: true"));
  });

  test("lets the key policy name the account alone", () => {
    const policy = trimmed(block("Resources", "Key", "Properties", "KeyPolicy"));
    assert.deepEqual(
      policy.filter((line) => line.includes("Principal") || line.startsWith("AWS:")),
      ["Principal:", "AWS: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root"],
    );
  });

  const policies = {
    EncryptPolicy: {
      group: "EncryptGroup",
      withContext: ["kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptTo"],
      onTheKey: ["kms:DescribeKey"],
    },
    DecryptPolicy: {
      group: "DecryptGroup",
      withContext: ["kms:Decrypt", "kms:ReEncryptFrom"],
      onTheKey: ["kms:DescribeKey", "kms:GetKeyRotationStatus"],
    },
  };

  for (const [name, { group, withContext, onTheKey }] of Object.entries(policies)) {
    suite(name, () => {
      test("belongs to its group alone", () => {
        assert.ok(trimmed(block("Resources", name, "Properties")).includes(`Groups: [!Ref ${group}]`));
      });

      test("allows what its group needs and no more", () => {
        assert.deepEqual(statements(name).map(actionsOf), [withContext, onTheKey, ["kms:ListAliases"]]);
        assert.ok(statements(name).every((statement) => statement.includes("Effect: Allow")));
      });

      test("names this key alone, but for the list of aliases", () => {
        assert.deepEqual(statements(name).map(resourceOf), ["!GetAtt Key.Arn", "!GetAtt Key.Arn", '"*"']);
      });

      test("uses the key in the caller's own name only", () => {
        const [use] = statements(name);
        assert.deepEqual(use!.slice(use!.indexOf("Condition:")), [
          "Condition:",
          "StringEquals:",
          "kms:EncryptionContext:identity: ${aws:PrincipalTag/identity}",
          '"Null":',
          'kms:EncryptionContext:identity: "false"',
          'aws:PrincipalTag/identity: "false"',
          "ForAllValues:StringEquals:",
          "kms:EncryptionContextKeys: [identity]",
        ]);
      });
    });
  }

  for (const [user, group] of [
    ["EncryptorUser", "EncryptGroup"],
    ["DecryptorUser", "DecryptGroup"],
  ] as const) {
    test(`tags ${user} with its identity and puts it into ${group} alone`, () => {
      const identity = user.replace("User", "Identity");
      assert.deepEqual(trimmed(block("Resources", user, "Properties")), [
        `Groups: [!Ref ${group}]`,
        "Tags:",
        "- Key: identity",
        `Value: !Ref ${identity}`,
      ]);
    });
  }

  test("makes nothing that holds a secret, and nothing else that grants", () => {
    assert.deepEqual(resourceTypes().sort(), [
      "AWS::IAM::Group",
      "AWS::IAM::Group",
      "AWS::IAM::ManagedPolicy",
      "AWS::IAM::ManagedPolicy",
      "AWS::IAM::User",
      "AWS::IAM::User",
      "AWS::KMS::Alias",
      "AWS::KMS::Key",
    ]);
    assert.equal(lines.join("\n").includes("SecretAccessKey"), false);
  });

  test("lets names come from the stack's name, so that two stacks fit into one account", () => {
    assert.equal(/\b(UserName|GroupName|ManagedPolicyName):/.test(block("Resources").join("\n")), false);
    const exports = trimmed(block("Outputs")).filter((line) => line.startsWith("Export:"));
    assert.ok(exports.length > 0);
    for (const line of exports) assert.match(line, /^Export: \{ Name: !Sub "\$\{AWS::StackName\}-\w+" \}$/);
  });
});
