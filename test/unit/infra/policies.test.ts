/**
 * What the policies of infra.yaml allow and deny, found out by evaluating them: the policies of a caller together with
 * the key policy, as IAM would for a request to KMS.
 */
import assert from "node:assert/strict";
import {
  account,
  keyArn,
  keyPolicyOf,
  keyStack,
  managedPolicyOf,
  type Policy,
  propertiesOf,
  region,
  replicaArn,
} from "./keyStack";
import { type Decision, everything, simulate } from "./simulate";

type Context = Record<string, string>;

interface Policies {
  readonly key: Policy;
  readonly EncryptPolicy: Policy;
  readonly DecryptPolicy: Policy;
}

interface Caller {
  readonly arn: string;
  readonly account?: string;
  readonly tags: Context;
  readonly policies: (policies: Policies) => Policy[];
}

/** Another key of the account, with the key policy that KMS gives to a key by default. */
const otherKeyArn = `arn:aws:kms:${region}:${account}:key/another`;
const otherKeyPolicy: Policy = {
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "EnableIamPolicies",
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: "kms:*",
      Resource: "*",
    },
  ],
};

const groups = ["EncryptPolicy", "DecryptPolicy"] as const;

/** A user of the stack, with the tags and the policies that the template gives to it. */
function stackUser(name: string): Caller {
  const stack = keyStack();
  const user = propertiesOf(stack, name);
  const memberOf = user.Groups as string[];
  const names = groups.filter((policy) =>
    (propertiesOf(stack, policy).Groups as string[]).some((group) => memberOf.includes(group)),
  );
  return {
    arn: `arn:aws:iam::${account}:user/${name}`,
    tags: Object.fromEntries(
      (user.Tags as { Key: string; Value: string }[]).map((tag) => [tag.Key, tag.Value]),
    ),
    policies: (all) => names.map((policy) => all[policy]),
  };
}

const inBoth = (all: Policies): Policy[] => [all.EncryptPolicy, all.DecryptPolicy];
const user = (name: string) => `arn:aws:iam::${account}:user/${name}`;
const session = (name: string) => `arn:aws:sts::${account}:assumed-role/Developer/${name}`;

const callers = {
  encryptor: stackUser("EncryptorUser"),
  decryptor: stackUser("DecryptorUser"),
  "bob in both": { arn: user("bob"), tags: { identity: "bob" }, policies: inBoth },
  "role tagged alice": { arn: session("alice"), tags: { identity: "alice" }, policies: inBoth },
  "role tagged bob": { arn: session("bob"), tags: { identity: "bob" }, policies: inBoth },
  "role without tag": { arn: session("carol"), tags: {}, policies: inBoth },
  "user tagged user_id": { arn: user("dan"), tags: { user_id: "1" }, policies: inBoth },
  administrator: { arn: user("admin"), tags: {}, policies: () => [everything] },
  "administrator alice": {
    arn: user("root-alice"),
    tags: { identity: "alice" },
    policies: () => [everything],
  },
  "user without policy": { arn: user("eve"), tags: { identity: "alice" }, policies: () => [] },
  "other account": {
    arn: "arn:aws:iam::444455556666:user/alice",
    account: "444455556666",
    tags: { identity: "alice" },
    policies: () => [everything],
  },
} satisfies Record<string, Caller>;

interface Request {
  readonly caller: keyof typeof callers;
  readonly action: string;
  readonly context?: Context;
  readonly on?: "another key" | "the replica" | "the alias" | "the account";
}

function decide({ key, ...policies }: Policies, { caller, action, context = {}, on }: Request): Decision {
  const { arn, tags, policies: policiesOf, ...rest }: Caller = callers[caller];
  const contextKeys = Object.keys(context);
  const [resource, resourcePolicy] = targets({ key, ...policies }, on);
  return simulate({
    principal: arn,
    action,
    resource,
    context: {
      "aws:PrincipalArn": arn,
      "kms:CallerAccount": rest.account ?? account,
      ...prefixed("aws:PrincipalTag/", tags),
      ...prefixed("kms:EncryptionContext:", context),
      ...(contextKeys.length > 0 && { "kms:EncryptionContextKeys": contextKeys }),
      ...(on === "the alias" && { "kms:RequestAlias": "alias/kms-selection" }),
    },
    identityPolicies: policiesOf({ key, ...policies }),
    resourcePolicy,
  });
}

/** A request that lists has no resource, and so no policy but the caller's. */
function targets({ key }: Policies, on: Request["on"]): [resource: string, policy: Policy | undefined] {
  if (on === "the account") return ["*", undefined];
  if (on === "another key") return [otherKeyArn, otherKeyPolicy];
  return [on === "the replica" ? replicaArn : keyArn, key];
}

function prefixed(prefix: string, pairs: Context): Context {
  return Object.fromEntries(Object.entries(pairs).map(([name, value]) => [prefix + name, value]));
}

type Row = [
  caller: Request["caller"],
  action: string,
  context: Context | undefined,
  decision: Decision,
  on?: Request["on"],
];

const alice = { identity: "alice" };
const bob = { identity: "bob" };

const enforced: Row[] = [
  ["encryptor", "Encrypt", alice, "allowed"],
  ["encryptor", "Encrypt", alice, "allowed", "the alias"],
  ["encryptor", "GenerateDataKey", alice, "allowed"],
  ["encryptor", "ReEncryptTo", alice, "allowed"],
  ["encryptor", "DescribeKey", undefined, "allowed"],
  ["encryptor", "Encrypt", bob, "denied"],
  ["encryptor", "Encrypt", bob, "denied", "the alias"],
  ["encryptor", "Encrypt", { identity: "Alice" }, "denied"],
  ["encryptor", "Encrypt", { Identity: "alice" }, "denied"],
  ["encryptor", "Encrypt", { identity: "${aws:PrincipalTag/identity}" }, "denied"],
  ["encryptor", "Encrypt", undefined, "denied"],
  ["encryptor", "Encrypt", { user_id: "alice" }, "denied"],
  ["encryptor", "Encrypt", { ...alice, project: "x" }, "denied"],
  ["encryptor", "Encrypt", alice, "denied", "another key"],
  ["encryptor", "GenerateDataKey", bob, "denied"],
  ["encryptor", "GenerateDataKey", undefined, "denied"],
  ["encryptor", "ReEncryptTo", bob, "denied"],
  ["encryptor", "ReEncryptTo", { ...alice, project: "x" }, "denied"],
  ["encryptor", "Decrypt", alice, "denied"],
  ["encryptor", "ReEncryptFrom", alice, "denied"],
  ["encryptor", "GetKeyRotationStatus", undefined, "denied"],
  ["encryptor", "DescribeKey", undefined, "denied", "another key"],
  ["encryptor", "Encrypt", alice, "denied", "the replica"],
  ["encryptor", "PutKeyPolicy", undefined, "denied"],
  ["encryptor", "ScheduleKeyDeletion", undefined, "denied"],
  ["encryptor", "CreateGrant", undefined, "denied"],

  ["decryptor", "Decrypt", alice, "allowed"],
  ["decryptor", "Decrypt", alice, "allowed", "the alias"],
  ["decryptor", "ReEncryptFrom", alice, "allowed"],
  ["decryptor", "DescribeKey", undefined, "allowed"],
  ["decryptor", "GetKeyRotationStatus", undefined, "allowed"],
  ["decryptor", "Decrypt", bob, "denied"],
  ["decryptor", "Decrypt", undefined, "denied"],
  ["decryptor", "Decrypt", { ...alice, project: "x" }, "denied"],
  ["decryptor", "Decrypt", alice, "denied", "another key"],
  ["decryptor", "ReEncryptFrom", bob, "denied"],
  ["decryptor", "Encrypt", alice, "denied"],
  ["decryptor", "GenerateDataKey", alice, "denied"],
  ["decryptor", "ReEncryptTo", alice, "denied"],
  ["decryptor", "DisableKey", undefined, "denied"],

  ["bob in both", "Encrypt", bob, "allowed"],
  ["bob in both", "Decrypt", bob, "allowed"],
  ["bob in both", "ReEncryptFrom", bob, "allowed"],
  ["bob in both", "ReEncryptTo", bob, "allowed"],
  ["bob in both", "Decrypt", alice, "denied"],
  ["bob in both", "ReEncryptFrom", alice, "denied"],
  ["bob in both", "ReEncryptTo", alice, "denied"],

  ["role tagged alice", "Encrypt", alice, "allowed"],
  ["role tagged alice", "Decrypt", alice, "allowed"],
  ["role tagged alice", "Decrypt", bob, "denied"],
  ["role tagged bob", "Decrypt", bob, "allowed"],
  ["role tagged bob", "Decrypt", alice, "denied"],
  ["role without tag", "Encrypt", alice, "denied"],
  ["role without tag", "Encrypt", { identity: "" }, "denied"],
  ["role without tag", "Decrypt", undefined, "denied"],
  ["role without tag", "Decrypt", { identity: "${aws:PrincipalTag/identity}" }, "denied"],
  ["role without tag", "DescribeKey", undefined, "allowed"],

  ["administrator", "PutKeyPolicy", undefined, "allowed"],
  ["administrator", "ScheduleKeyDeletion", undefined, "allowed"],
  ["administrator", "ReplicateKey", undefined, "allowed"],
  ["administrator", "Encrypt", alice, "denied"],
  ["administrator", "Decrypt", alice, "denied"],
  ["administrator", "Decrypt", undefined, "denied"],
  ["administrator", "CreateGrant", undefined, "denied"],
  ["administrator", "Decrypt", undefined, "allowed", "another key"],
  ["administrator alice", "Decrypt", alice, "allowed"],
  ["administrator alice", "Decrypt", bob, "denied"],
  ["user without policy", "Decrypt", alice, "denied"],
  ["other account", "Decrypt", alice, "denied"],
  ["other account", "PutKeyPolicy", undefined, "denied"],

  ["encryptor", "ListAliases", undefined, "allowed", "the account"],
  ["decryptor", "ListAliases", undefined, "allowed", "the account"],
  ["role without tag", "ListAliases", undefined, "allowed", "the account"],
  ["user without policy", "ListAliases", undefined, "denied", "the account"],
  ["encryptor", "ListKeys", undefined, "denied", "the account"],
  ["decryptor", "ListKeys", undefined, "denied", "the account"],
  ["encryptor", "CreateKey", undefined, "denied", "the account"],
];

const notEnforced: Row[] = [
  ["encryptor", "Encrypt", alice, "allowed"],
  ["encryptor", "Encrypt", bob, "allowed"],
  ["encryptor", "Encrypt", undefined, "allowed"],
  ["encryptor", "Encrypt", { ...alice, project: "x" }, "allowed"],
  ["encryptor", "Decrypt", alice, "denied"],
  ["encryptor", "Encrypt", alice, "denied", "another key"],
  ["decryptor", "Decrypt", bob, "allowed"],
  ["decryptor", "Decrypt", undefined, "allowed"],
  ["decryptor", "Encrypt", alice, "denied"],
  ["role without tag", "Decrypt", alice, "allowed"],
  ["administrator", "CreateGrant", undefined, "denied"],
  ["user without policy", "Decrypt", alice, "denied"],
  ["other account", "Decrypt", alice, "denied"],
];

const userId: Row[] = [
  ["user tagged user_id", "Encrypt", { user_id: "1" }, "allowed"],
  ["user tagged user_id", "Decrypt", { user_id: "1" }, "allowed"],
  ["user tagged user_id", "Decrypt", { user_id: "2" }, "denied"],
  ["user tagged user_id", "Decrypt", { identity: "1" }, "denied"],
  ["user tagged user_id", "Decrypt", { user_id: "1", identity: "1" }, "denied"],
  ["role tagged alice", "Decrypt", alice, "denied"],
];

const multiRegion: Row[] = [
  ["encryptor", "Encrypt", alice, "allowed"],
  ["encryptor", "Encrypt", alice, "allowed", "the replica"],
  ["decryptor", "Decrypt", alice, "allowed", "the replica"],
  ["decryptor", "Decrypt", bob, "denied", "the replica"],
  ["decryptor", "Decrypt", alice, "denied", "another key"],
];

const tables: [title: string, parameters: Record<string, string>, rows: Row[]][] = [
  ["the defaults", {}, enforced],
  ["EnforceIdentity=false", { EnforceIdentity: "false" }, notEnforced],
  ["ContextKey=user_id", { ContextKey: "user_id" }, userId],
  ["MultiRegion=true", { MultiRegion: "true" }, multiRegion],
];

function policiesFor(parameters: Record<string, string>): Policies {
  const stack = keyStack(parameters);
  return {
    key: keyPolicyOf(stack),
    EncryptPolicy: managedPolicyOf(stack, "EncryptPolicy"),
    DecryptPolicy: managedPolicyOf(stack, "DecryptPolicy"),
  };
}

function requestOf([caller, action, context, , on]: Row): Request {
  return { caller, action: `kms:${action}`, context, on };
}

function words([caller, action, context, , on]: Row): string {
  const target = on ? ` on ${on}` : "";
  return `${caller.padEnd(20)} ${`${action}${target}`.padEnd(26)} ${JSON.stringify(context ?? {}).padEnd(45)}`;
}

suite("the policies of infra.yaml", () => {
  for (const [title, parameters, rows] of tables) {
    suite(title, () => {
      const policies = policiesFor(parameters);
      for (const row of rows) {
        test(`${words(row)} ${row[3]}`, () => {
          assert.equal(decide(policies, requestOf(row)), row[3]);
        });
      }
    });
  }

  suite("the table notices", () => {
    /** The rows of the defaults that no longer come out as they should. */
    function redRows(change: (policies: Policies) => void): string[] {
      const policies = structuredClone(policiesFor({}));
      change(policies);
      return enforced
        .filter((row) => decide(policies, requestOf(row)) !== row[3])
        .map(([caller, action, context, , on]) =>
          [caller, action, JSON.stringify(context), on].join(" ").trim(),
        );
    }

    const use = ({ key }: Policies) => key.Statement.find(({ Sid }) => Sid === "UseThroughIam")!;

    test("nothing, where nothing is changed", () => {
      assert.deepEqual(
        redRows(() => undefined),
        [],
      );
    });

    test("that the condition is gone", () => {
      const red = redRows((policies) => delete use(policies).Condition);
      assert.ok(red.includes('encryptor Encrypt {"identity":"bob"}'));
      assert.ok(red.includes("encryptor Encrypt"));
      assert.ok(red.includes('encryptor Encrypt {"identity":"alice","project":"x"}'));
      assert.ok(red.includes('role without tag Encrypt {"identity":"alice"}'));
      assert.ok(red.includes('administrator Decrypt {"identity":"alice"}'));
    });

    test("that the identity need not be the caller's", () => {
      const red = redRows((policies) => delete use(policies).Condition!.StringEquals);
      assert.ok(red.includes('encryptor Encrypt {"identity":"bob"}'));
      assert.ok(red.includes('bob in both ReEncryptFrom {"identity":"alice"}'));
    });

    test("that other pairs are let in", () => {
      assert.deepEqual(
        redRows((policies) => delete use(policies).Condition!["ForAllValues:StringEquals"]),
        [
          'encryptor Encrypt {"Identity":"alice"}',
          'encryptor Encrypt {"identity":"alice","project":"x"}',
          'encryptor ReEncryptTo {"identity":"alice","project":"x"}',
          'decryptor Decrypt {"identity":"alice","project":"x"}',
        ],
      );
    });

    for (const [policy, red] of [
      [
        "EncryptPolicy",
        [
          'encryptor Encrypt {"identity":"alice"} another key',
          "encryptor DescribeKey  another key",
          'encryptor Encrypt {"identity":"alice"} the replica',
        ],
      ],
      ["DecryptPolicy", ['decryptor Decrypt {"identity":"alice"} another key']],
    ] as const) {
      test(`that ${policy} is widened to all keys`, () => {
        const widened = redRows((policies) => {
          for (const statement of policies[policy].Statement) statement.Resource = "*";
        });
        assert.deepEqual(widened, red);
      });

      test(`that ${policy} is widened to all actions`, () => {
        const widened = redRows((policies) => {
          for (const statement of policies[policy].Statement) statement.Action = "kms:*";
        });
        assert.ok(widened.length > 1, widened.join("\n"));
      });
    }

    for (const policy of groups) {
      const listing = (policies: Policies) =>
        policies[policy].Statement.find(({ Sid }) => Sid === "ListAliases")!;
      const role = policy === "EncryptPolicy" ? "encryptor" : "decryptor";

      test(`that ${policy} lists nothing any more`, () => {
        const red = redRows((policies) => (listing(policies).Action = "kms:ListGrants"));
        assert.ok(red.includes(`${role} ListAliases  the account`), red.join("\n"));
      });

      test(`that ${policy} lists more than aliases`, () => {
        const red = redRows((policies) => (listing(policies).Action = "kms:List*"));
        assert.ok(red.includes(`${role} ListKeys  the account`), red.join("\n"));
      });
    }

    test("that the administrators may use the key", () => {
      const red = redRows(({ key }) => {
        key.Statement.find(({ Sid }) => Sid === "AdministerThroughIam")!.Action = "kms:*";
      });
      assert.ok(red.includes('administrator Decrypt {"identity":"alice"}'));
      assert.ok(red.includes("administrator CreateGrant"));
    });

    test("that the key policy is open to other accounts", () => {
      const red = redRows((policies) => {
        use(policies).Principal = "*";
      });
      assert.ok(red.includes('other account Decrypt {"identity":"alice"}'));
    });
  });
});
