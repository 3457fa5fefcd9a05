/** The statement that a person hands to an administrator. */
import assert from "node:assert/strict";
import { policyStatement } from "../../../src/core/policyStatement";

const ARN = "arn:aws:kms:us-east-2:111122223333:key/11111111-2222-4333-8444-555555555555";
const NOWHERE = "arn:aws:kms:REGION:ACCOUNT:key/KEY-ID";

suite("Policy statement", () => {
  for (const [title, resource, context, expected] of [
    ["without a context there is no condition", ARN, {}, { Resource: ARN }],
    ["without a resource there is a place for one", undefined, {}, { Resource: NOWHERE }],
    [
      "one pair",
      ARN,
      { user_id: "1" },
      { Resource: ARN, Condition: { StringEquals: { "kms:EncryptionContext:user_id": "1" } } },
    ],
    [
      "two pairs",
      ARN,
      { a: '"', b: "ü" },
      {
        Resource: ARN,
        Condition: { StringEquals: { "kms:EncryptionContext:a": '"', "kms:EncryptionContext:b": "ü" } },
      },
    ],
  ] as const) {
    test(title, () => {
      const text = policyStatement("kms:Encrypt", resource, context);
      assert.deepEqual(JSON.parse(text), { Effect: "Allow", Action: "kms:Encrypt", ...expected });
      assert.ok(text.includes("\n"), "it is for people to read");
    });
  }
});
