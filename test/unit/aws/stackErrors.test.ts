/** What CloudFormation answers, as problems; its reasons are text of strangers. */
import assert from "node:assert/strict";
import { plain, translateStackError } from "../../../src/aws/stackErrors";

function problemOf(name: string, message: string): object {
  const error = Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } });
  const { failure } = translateStackError(error, {}, "app");
  return failure.code === "stack" ? failure.problem : failure;
}

suite("What CloudFormation refuses", () => {
  const cases: [name: string, message: string, problem: object][] = [
    ["ValidationError", "Stack with id app does not exist", { kind: "not-found", name: "app" }],
    ["ValidationError", "Stack [app] does not exist", { kind: "not-found", name: "app" }],
    [
      "ValidationError",
      "Template error: x does not exist",
      { kind: "refused", reason: "Template error: x does not exist" },
    ],
    ["ChangeSetNotFound", "gone", { kind: "changed", name: "app" }],
    ["InvalidChangeSetStatus", "OBSOLETE", { kind: "changed", name: "app" }],
    ["InsufficientCapabilitiesException", "Requires x", { kind: "refused", reason: "Requires x" }],
    ["Throttling", "Rate exceeded", { kind: "throttled" }],
    ["InternalFailure", "", { kind: "unavailable" }],
    ["ExpiredToken", "", { code: "credentials-expired" }],
    ["InvalidClientTokenId", "", { code: "credentials-invalid" }],
  ];
  for (const [name, message, problem] of cases)
    test(`${name}: ${message}`, () => {
      assert.deepEqual(problemOf(name, message), problem);
    });

  test("AccessDenied names the action and the caller", () => {
    const message =
      "User: arn:aws:iam::1:user/x is not authorized to perform: cloudformation:CreateChangeSet on resource: arn:aws:y because no identity-based policy allows it";
    assert.deepEqual(problemOf("AccessDenied", message), {
      kind: "not-allowed",
      action: "cloudformation:CreateChangeSet",
      caller: "arn:aws:iam::1:user/x",
      resource: "arn:aws:y",
      reason: "no identity-based policy allows it",
    });
  });
});

suite("A reason", () => {
  test("is one line of limited length, without control characters", () => {
    assert.equal(plain("a\r\n\u001b[31mb\u202e c"), "a [31mb c");
    assert.equal(plain("x ".repeat(1000)).length, 401);
  });

  test("shows no value that was refused, and nothing with the form of a secret access key", () => {
    const key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    assert.equal(
      plain(`Value '{"SecretAccessKey":"x"}' at 'secretString' failed`),
      "the value at 'secretString' failed",
    );
    assert.equal(plain(`"${key}" is bad`), '"…" is bad');
    const arn = "arn:aws:iam::111122223333:policy/kms-selection-EncryptPolicy-ABCDEFGHIJKL";
    assert.equal(plain(arn), arn);
  });
});
