/** Who may read the access keys that the stack puts into Secrets Manager, found out by evaluating the policies. */
import assert from "node:assert/strict";
import { account, keyStack, managedPolicyOf, type Policy, propertiesOf } from "./keyStack";
import { type Decision, everything, simulate } from "./simulate";

const secrets = ["EncryptorSecret", "DecryptorSecret"] as const;
const reader = `arn:aws:iam::${account}:role/Security`;

interface Caller {
  readonly principal: string;
  /** `aws:PrincipalArn`: of a session, the role's. */
  readonly arn: string;
  readonly policies: readonly Policy[];
}

const user = (name: string, policies: readonly Policy[]): Caller => {
  const arn = `arn:aws:iam::${account}:user/${name}`;
  return { principal: arn, arn, policies };
};
const session = (role: string, policies: readonly Policy[]): Caller => ({
  principal: `arn:aws:sts::${account}:assumed-role/${role}/carol`,
  arn: `arn:aws:iam::${account}:role/${role}`,
  policies,
});
const ofStack = (...names: string[]) => names.map((name) => managedPolicyOf(keyStack(), name));

const callers = {
  encryptor: user("EncryptorUser", ofStack("EncryptPolicy")),
  decryptor: user("DecryptorUser", ofStack("DecryptPolicy")),
  "in both groups": user("bob", ofStack("EncryptPolicy", "DecryptPolicy")),
  administrator: user("admin", [everything]),
  "administrator's role": session("Admin", [everything]),
  reader: session("Security", [everything]),
  "reader without right": session("Security", []),
  "another account": {
    principal: "arn:aws:iam::444455556666:user/admin",
    arn: "arn:aws:iam::444455556666:user/admin",
    policies: [everything],
  },
} satisfies Record<string, Caller>;

type Row = readonly [caller: keyof typeof callers, action: string, decision: Decision];

const open: readonly Row[] = [
  ["encryptor", "GetSecretValue", "denied"],
  ["decryptor", "GetSecretValue", "denied"],
  ["in both groups", "GetSecretValue", "denied"],
  ["reader without right", "GetSecretValue", "denied"],
  ["another account", "GetSecretValue", "denied"],
  ["encryptor", "ListSecrets", "denied"],
  ["encryptor", "PutSecretValue", "denied"],
  ["administrator", "GetSecretValue", "allowed"],
  ["administrator's role", "GetSecretValue", "allowed"],
];

const withReader: readonly Row[] = [
  ["encryptor", "GetSecretValue", "denied"],
  ["decryptor", "GetSecretValue", "denied"],
  ["in both groups", "GetSecretValue", "denied"],
  ["administrator", "GetSecretValue", "denied"],
  ["administrator's role", "GetSecretValue", "denied"],
  ["another account", "GetSecretValue", "denied"],
  ["reader", "GetSecretValue", "allowed"],
  ["reader without right", "GetSecretValue", "denied"],
  // Else nobody could take the rule away again, nor delete the stack.
  ["administrator", "DeleteSecret", "allowed"],
  ["administrator", "DeleteResourcePolicy", "allowed"],
];

type Secret = (typeof secrets)[number];

/** `undefined`: the secret has none. */
function policyOf(secret: Secret, parameters: Record<string, string>): Policy | undefined {
  const stack = keyStack(parameters);
  const name = `${secret}Policy`;
  return name in stack.resources
    ? structuredClone(propertiesOf(stack, name).ResourcePolicy as unknown as Policy)
    : undefined;
}

function decide(secret: Secret, resourcePolicy: Policy | undefined, [caller, action]: Row): Decision {
  const { principal, arn, policies }: Caller = callers[caller];
  return simulate({
    principal,
    action: `secretsmanager:${action}`,
    resource: action === "ListSecrets" ? "*" : (keyStack().outputs[`${secret}Arn`]?.value as string),
    context: { "aws:PrincipalArn": arn },
    identityPolicies: policies,
    resourcePolicy,
  });
}

suite("the secrets of infra.yaml", () => {
  for (const secret of secrets)
    for (const [title, parameters, rows] of [
      ["the defaults", {}, open],
      ["a reader", { SecretReaderArn: reader }, withReader],
    ] as const)
      suite(`${secret} with ${title}`, () => {
        const policy = policyOf(secret, parameters);
        for (const row of rows)
          test(`${row[0].padEnd(20)} ${row[1].padEnd(20)} ${row[2]}`, () => {
            assert.equal(decide(secret, policy, row), row[2]);
          });
      });

  suite("the table notices", () => {
    for (const secret of secrets) {
      const redRows = (change: (policy: Policy) => void): string[] => {
        const policy = policyOf(secret, { SecretReaderArn: reader })!;
        change(policy);
        return withReader
          .filter((row) => decide(secret, policy, row) !== row[2])
          .map(([caller, action]) => `${caller} ${action}`);
      };

      test(`of ${secret} that everybody may read it again`, () => {
        assert.deepEqual(
          redRows((policy) => (policy.Statement = [])),
          ["administrator GetSecretValue", "administrator's role GetSecretValue"],
        );
      });

      test(`of ${secret} that the reader is shut out too`, () => {
        assert.deepEqual(
          redRows(({ Statement }) => delete Statement[0]!.Condition),
          ["reader GetSecretValue"],
        );
      });

      test(`of ${secret} that nobody can look after it any more`, () => {
        assert.deepEqual(
          redRows(({ Statement }) => (Statement[0]!.Action = "secretsmanager:*")),
          ["administrator DeleteSecret", "administrator DeleteResourcePolicy"],
        );
      });
    }
  });
});
