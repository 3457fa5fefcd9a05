/** Words for every failure: what happened, with what, and buttons that have titles. */
import assert from "node:assert/strict";
import {
  actionTitles,
  describeFailure,
  explainFailure,
  type Action,
  type Circumstances,
  type Description,
} from "../../../src/core/describeFailure";
import {
  KmsSelectionError,
  toKmsSelectionError,
  type Failure,
  type FailureCode,
} from "../../../src/core/errors";
import type { StackProblem } from "../../../src/core/stackProblems";
import { detailsOf } from "./failures";

const STACK_PROBLEMS: { readonly [Kind in StackProblem["kind"]]: Extract<StackProblem, { kind: Kind }> } = {
  "other-stack": { kind: "other-stack", name: "app" },
  busy: { kind: "busy", name: "app", status: "UPDATE_IN_PROGRESS" },
  stuck: { kind: "stuck", name: "app", status: "DELETE_FAILED", reason: "Alias: why-not" },
  changed: { kind: "changed", name: "app" },
  "not-found": { kind: "not-found", name: "app" },
  "not-a-key-stack": { kind: "not-a-key-stack", name: "app" },
  refused: { kind: "refused", reason: "why-not" },
  failed: {
    kind: "failed",
    name: "app",
    status: "DELETE_COMPLETE",
    resource: "Alias",
    type: "AWS::KMS::Alias",
    reason: "why-not",
  },
  "lost-sight": { kind: "lost-sight", name: "app", reason: "Why-not." },
  "not-allowed": {
    kind: "not-allowed",
    action: "cloudformation:CreateChangeSet",
    caller: "arn:aws:iam::111122223333:user/dev",
    resource: "arn:aws:cloudformation:us-east-2:111122223333:stack/app/*",
    reason: "no identity-based policy allows it",
  },
  throttled: { kind: "throttled" },
  unavailable: { kind: "unavailable" },
  "response-invalid": { kind: "response-invalid" },
};

/** A failure of each code, with and without what it may carry. A new code fails to compile until it is here. */
const FAILURES: { readonly [Code in FailureCode]: readonly Extract<Failure, { code: Code }>[] } = {
  "no-editor": [{ code: "no-editor" }],
  "nothing-selected": [{ code: "nothing-selected" }],
  "no-token-at-cursor": [{ code: "no-token-at-cursor" }],
  "not-a-token": [{ code: "not-a-token" }],
  "token-damaged": [{ code: "token-damaged" }],
  "token-too-long": [{ code: "token-too-long", bytes: 6145 }],
  "message-of-another-context": [
    {
      code: "message-of-another-context",
      difference: { name: "identity", expected: "bob", actual: "alice" },
    },
    {
      code: "message-of-another-context",
      difference: { name: "team", expected: "a" },
    },
    {
      code: "message-of-another-context",
      difference: { name: "team", actual: "b" },
    },
  ],
  "identity-changed": [
    { code: "identity-changed", difference: { name: "identity", expected: "alice", actual: "bob" } },
    { code: "identity-changed", difference: { name: "team", expected: "a" } },
  ],
  "no-tokens": [{ code: "no-tokens" }],
  "nothing-marked": [{ code: "nothing-marked" }],
  "mark-ambiguous": [{ code: "mark-ambiguous", line: 7 }],
  "plaintext-empty": [{ code: "plaintext-empty" }],
  "mark-not-closed": [{ code: "mark-not-closed", line: 7 }],
  "message-too-many-keys": [{ code: "message-too-many-keys", keys: 65535 }],
  "message-without-commitment": [{ code: "message-without-commitment" }],
  "message-without-kms-key": [{ code: "message-without-kms-key" }],
  "sandbox-token": [{ code: "sandbox-token" }],
  "lone-surrogate": [{ code: "lone-surrogate" }],
  "plaintext-too-large": [{ code: "plaintext-too-large", bytes: 4097 }],
  "plaintext-not-text": [{ code: "plaintext-not-text", bytes: 1 }],
  "text-changed": [{ code: "text-changed" }],
  "document-closed": [{ code: "document-closed" }],
  "document-read-only": [{ code: "document-read-only" }],
  "edit-rejected": [{ code: "edit-rejected" }],
  "not-configured": [{ code: "not-configured" }],
  "setting-invalid": [{ code: "setting-invalid", setting: "kmsSelection.region", reason: "why-not" }],
  "context-invalid": [{ code: "context-invalid", name: "user_id", reason: "why-not" }],
  "region-missing": [{ code: "region-missing" }],
  "destination-changed": [{ code: "destination-changed", before: "arn:of-old", now: "arn:of-new" }],
  "not-the-replica": [
    { code: "not-the-replica", region: "eu-west-1" },
    { code: "not-the-replica", region: "eu-west-1", keyArn: "arn:there" },
    { code: "not-the-replica", region: "eu-west-1", keyArn: "arn:there", home: "arn:home" },
  ],
  "other-region": [{ code: "other-region", source: "eu-central-1", destination: "us-east-1" }],
  "profile-not-found": [
    { code: "profile-not-found", profile: "nobody", files: ["/a/config", "/a/credentials"] },
  ],
  "config-file-unreadable": [{ code: "config-file-unreadable", file: "/a/config", reason: "EACCES" }],
  "config-file-malformed": [{ code: "config-file-malformed", malformed: { file: "/a/config", line: 7 } }],
  "credentials-missing": [{ code: "credentials-missing" }],
  "credentials-failed": [{ code: "credentials-failed", reason: "why-not" }],
  "credentials-expired": [
    { code: "credentials-expired" },
    { code: "credentials-expired", signIn: "sso" },
    { code: "credentials-expired", signIn: "login" },
  ],
  "credentials-invalid": [{ code: "credentials-invalid" }],
  "aws-cli-missing": [{ code: "aws-cli-missing", command: "aws login --profile a" }],
  "sign-in-failed": [
    { code: "sign-in-failed", command: "aws login --profile a" },
    { code: "sign-in-failed", command: "aws login --profile a", exitCode: 0 },
    { code: "sign-in-failed", command: "aws login --profile a", exitCode: 255 },
  ],
  "clock-skew": [{ code: "clock-skew" }],
  "additional-key-failed": [
    {
      code: "additional-key-failed",
      keyId: "arn:aws:kms:eu-west-1:111122223333:key/11111111-1111-4111-8111-111111111111",
      failure: { code: "key-disabled" },
    },
  ],
  "invalid-ciphertext": [{ code: "invalid-ciphertext" }],
  "incorrect-key": [{ code: "incorrect-key" }],
  "access-denied": [
    { code: "access-denied" },
    {
      code: "access-denied",
      action: "kms:Encrypt",
      caller: "arn:aws:iam::111122223333:user/alice",
      resource: "arn:aws:kms:x:y:key/z",
      reason: "an explicit deny in a policy",
    },
  ],
  "key-not-accessible": [{ code: "key-not-accessible" }],
  "key-not-found": [{ code: "key-not-found" }],
  "key-disabled": [{ code: "key-disabled" }],
  "key-pending-deletion": [
    { code: "key-pending-deletion" },
    { code: "key-pending-deletion", deletionDate: new Date("2035-01-02T03:04:05Z") },
  ],
  "key-invalid-state": [{ code: "key-invalid-state" }, { code: "key-invalid-state", state: "creating" }],
  "key-usage": [{ code: "key-usage" }],
  "invalid-arn": [{ code: "invalid-arn" }],
  "unsupported-operation": [{ code: "unsupported-operation" }],
  "invalid-request": [{ code: "invalid-request", reason: "why-not" }],
  throttled: [{ code: "throttled" }],
  "kms-unavailable": [{ code: "kms-unavailable" }],
  "response-invalid": [{ code: "response-invalid" }],
  stack: Object.values(STACK_PROBLEMS).map((problem) => ({ code: "stack", problem })),
  network: [
    { code: "network", reason: "ECONNREFUSED" },
    { code: "network", reason: "ENOTFOUND", host: "kms.x.amazonaws.com" },
  ],
  certificate: [
    { code: "certificate", reason: "SELF_SIGNED_CERT_IN_CHAIN" },
    { code: "certificate", reason: "CERT_HAS_EXPIRED", host: "kms.x.amazonaws.com" },
  ],
  timeout: [{ code: "timeout" }, { code: "timeout", host: "kms.x.amazonaws.com" }],
  cancelled: [{ code: "cancelled" }],
  unexpected: [{ code: "unexpected" }],
};

const ALL: readonly Failure[] = Object.values(FAILURES).flat();

const NOTHING_KNOWN: Circumstances = { operation: "encrypt" };
const IN_FORCE: Circumstances = {
  operation: "decrypt",
  sandbox: false,
  identity: "alice",
  keyId: "alias/app",
  profile: "work",
  region: "us-east-2",
  context: { user_id: "1" },
};
const IN_SANDBOX: Circumstances = {
  operation: "decrypt",
  sandbox: true,
  identity: "bob",
  keyId: "alias/sandbox",
  profile: undefined,
  region: undefined,
  context: {},
};

/** Every action; a new one fails to compile until it is here. */
const ACTIONS = Object.keys({
  "choose-key": 0,
  "choose-profile": 0,
  "copy-policy-statement": 0,
  "create-key": 0,
  "find-key": 0,
  "install-aws-cli": 0,
  "leave-sandbox": 0,
  "open-config-file": 0,
  "open-settings": 0,
  retry: 0,
  "show-log": 0,
  "sign-in": 0,
  "switch-identity": 0,
  "try-sandbox": 0,
} satisfies Record<Action, 0>) as Action[];

const describe = (failure: Failure, circumstances: Circumstances) =>
  describeFailure(new KmsSelectionError(failure), circumstances);

suite("Words for failures", () => {
  test("an additional key that failed is named, with its own reason and buttons that fit", () => {
    const keyId = "arn:aws:kms:eu-west-1:111122223333:alias/escrow";
    const failure: Failure = { code: "additional-key-failed", keyId, failure: { code: "key-not-found" } };
    const { message, actions }: Description = describe(failure, { ...IN_FORCE, operation: "encrypt" })!;
    assert.match(
      message,
      /the additional key .*alias\/escrow could not be used: there is no .*Region eu-west-1/,
    );
    assert.deepEqual(actions, ["open-settings", "choose-profile"]);
  });

  for (const failure of ALL) {
    const details = JSON.stringify(detailsOf(failure));
    if (failure.code === "cancelled") continue;
    test(`${failure.code} ${details}: one sentence or more, buttons without repetition`, () => {
      for (const circumstances of [NOTHING_KNOWN, IN_FORCE, IN_SANDBOX]) {
        const { message, actions }: Description = describe(failure, circumstances)!;
        assert.ok(message.startsWith(`Can't ${circumstances.operation}: `), message);
        assert.doesNotMatch(message, /undefined|null|\[object|NaN|\$\{| {2}/, message);
        assert.match(message, /[.?!]$|why-not$/, message);
        assert.doesNotMatch(message, /\.\.$/, message);
        assert.ok(message.length < 500, message);
        assert.equal(new Set(actions).size, actions.length);
        for (const action of actions) assert.ok(ACTIONS.includes(action), action);
      }
    });

    test(`${failure.code} ${details}: what it carries is told`, () => {
      const { message } = describe(failure, IN_FORCE)!;
      for (const [name, value] of Object.entries(detailsOf(failure))) {
        // Told in words of its own.
        if (name === "signIn" || name === "failure") continue;
        const words =
          typeof value === "number"
            ? [value.toLocaleString("en-US")]
            : value instanceof Date
              ? ["2035-01-02"]
              : Array.isArray(value)
                ? value.map(String)
                : typeof value === "object" && value !== null
                  ? Object.entries(value).flatMap(([each, word]) => (each === "kind" ? [] : String(word)))
                  : [String(value)];
        for (const word of words) assert.ok(message.includes(word), `"${word}" is not in: ${message}`);
      }
    });
  }

  test("outside of an operation the reason is a sentence of its own", () => {
    for (const failure of ALL) {
      if (failure.code === "cancelled") continue;
      assert.match(explainFailure(new KmsSelectionError(failure)), /^[A-Z/].*(?:[.?!]|why-not)$/s);
    }
  });

  test("cancelling is silent", () => {
    for (const circumstances of [NOTHING_KNOWN, IN_FORCE, IN_SANDBOX]) {
      assert.equal(describe({ code: "cancelled" }, circumstances), undefined);
    }
  });

  test("every action has a title of its own, and is offered by some failure", () => {
    const titles = ACTIONS.map((action) => actionTitles[action]);
    assert.ok(
      titles.every((title) => /^[A-Z][A-Za-z ]+…?$/.test(title)),
      titles.join(),
    );
    assert.equal(new Set(titles).size, ACTIONS.length);
    assert.deepEqual(Object.keys(actionTitles).sort(), [...ACTIONS].sort());
    const offered = new Set(
      [IN_FORCE, IN_SANDBOX].flatMap((at) => ALL.flatMap((failure) => describe(failure, at)?.actions ?? [])),
    );
    assert.deepEqual([...offered].sort(), [...ACTIONS].sort());
  });

  const moving: Circumstances = {
    ...IN_FORCE,
    operation: "re-encrypt",
    keyId: "alias/old",
    destination: { keyId: "alias/new", context: { user_id: "2" } },
  };
  const toldOfMoving: [failure: Failure, holds: RegExp[], not: RegExp][] = [
    [{ code: "incorrect-key" }, [/^Can't re-encrypt: /, /another key than alias\/old points/], /alias\/new/],
    [{ code: "invalid-ciphertext" }, [/identity alice/, /user_id=1/], /user_id=2/],
    [
      { code: "access-denied", action: "kms:ReEncryptFrom" },
      [/alias\/old/, /user_id=1/],
      /alias\/new|user_id=2/,
    ],
    [
      { code: "access-denied", action: "kms:ReEncryptTo" },
      [/alias\/new/, /user_id=2/],
      /alias\/old|user_id=1/,
    ],
    [{ code: "access-denied", action: "kms:Encrypt" }, [/alias\/new/], /alias\/old/],
    // KMS does not say which of the two.
    [{ code: "key-disabled" }, [/alias\/old or alias\/new is disabled/], /undefined/],
  ];
  for (const [failure, holds, not] of toldOfMoving) {
    test(`of a re-encryption, ${JSON.stringify(failure)} tells of the key and context that it is about`, () => {
      const { message } = describe(failure, moving)!;
      for (const words of holds) assert.match(message, words);
      assert.doesNotMatch(message, not);
    });
  }

  const told: [failure: Failure, circumstances: Circumstances, words: RegExp[], actions: Action[]][] = [
    [
      { code: "not-configured" },
      NOTHING_KNOWN,
      [/choose a key/i, /sandbox/, /create a key/],
      ["choose-key", "try-sandbox", "create-key"],
    ],
    [
      { code: "plaintext-too-large", bytes: 4812 },
      IN_FORCE,
      [/4,812 bytes/, /4,096 bytes/, /kmsSelection\.envelope/],
      ["open-settings"],
    ],
    [{ code: "plaintext-not-text", bytes: 1 }, IN_FORCE, [/: 1 byte that/], []],
    [{ code: "invalid-ciphertext" }, IN_FORCE, [/identity alice/, /user_id=1/], ["switch-identity"]],
    [
      { code: "invalid-ciphertext" },
      { ...IN_FORCE, context: {} },
      [/context sent was none/],
      ["switch-identity"],
    ],
    [{ code: "invalid-ciphertext" }, IN_SANDBOX, [/sandbox/, /as bob/], ["switch-identity", "leave-sandbox"]],
    [{ code: "incorrect-key" }, IN_FORCE, [/alias\/app/, /moved/], ["find-key", "choose-key"]],
    [{ code: "incorrect-key" }, IN_SANDBOX, [/another sandbox/], ["leave-sandbox"]],
    [
      { code: "access-denied" },
      IN_FORCE,
      [/profile work is not allowed/, /alias\/app/, /user_id=1/],
      ["switch-identity", "choose-profile"],
    ],
    [
      FAILURES["access-denied"][1]!,
      IN_FORCE,
      [/user\/alice is not allowed kms:Encrypt on arn:aws:kms:x:y:key\/z \(an explicit deny/, /user_id=1/],
      ["copy-policy-statement", "switch-identity", "choose-profile"],
    ],
    [
      { code: "access-denied" },
      NOTHING_KNOWN,
      [/the default credentials are not allowed to do this on the key\. Policies/],
      ["switch-identity", "choose-profile"],
    ],
    [
      { code: "access-denied", action: "sts:AssumeRole" },
      IN_FORCE,
      [/not allowed sts:AssumeRole/],
      ["switch-identity", "choose-profile"],
    ],
    [
      { code: "key-not-accessible" },
      IN_FORCE,
      [/profile work, Region us-east-2/],
      ["choose-profile", "choose-key", "open-settings"],
    ],
    [
      { code: "key-not-found" },
      IN_FORCE,
      [/no alias\/app for profile work, Region us-east-2/, /case-sensitive/],
      ["choose-key", "choose-profile"],
    ],
    [
      { code: "credentials-expired", signIn: "sso" },
      IN_FORCE,
      [/session of profile work/],
      ["sign-in", "choose-profile"],
    ],
    [
      { code: "credentials-expired" },
      { ...IN_FORCE, profile: undefined },
      [/the default credentials have expired/],
      ["retry", "choose-profile", "open-config-file"],
    ],
    [
      { code: "network", reason: "ENOTFOUND" },
      IN_FORCE,
      [/reach KMS \(ENOTFOUND\)/, /proxy/],
      ["retry", "open-settings"],
    ],
  ];
  for (const [failure, circumstances, words, actions] of told) {
    test(`${failure.code} ${JSON.stringify(detailsOf(failure))}: ${words.join(" ")}`, () => {
      const description = describe(failure, circumstances)!;
      for (const each of words) assert.match(description.message, each);
      assert.deepEqual(description.actions, actions);
    });
  }

  for (const [count, expected] of [
    [1, "Can't decrypt: "],
    [2, "Can't decrypt (selection 2 of 2, line 7): "],
    [30, "Can't decrypt (selection 2 of 30, line 7): "],
  ] as const) {
    test(`of ${count} selections, which one failed`, () => {
      const error = new KmsSelectionError({ code: "throttled" }).at({ number: 2, count, line: 7 });
      assert.ok(describeFailure(error, IN_FORCE)!.message.startsWith(expected));
    });
  }

  test("the request id is told at the end, where there is one", () => {
    const source = { name: "ThrottlingException", requestId: "1-2-3", httpStatus: 400 };
    const error = new KmsSelectionError({ code: "throttled" }, { source });
    assert.match(describeFailure(error, IN_FORCE)!.message, / \[request 1-2-3\]$/);
    const without = new KmsSelectionError({ code: "throttled" }, { source: { name: "x" } });
    assert.doesNotMatch(describeFailure(without, IN_FORCE)!.message, /request \w+\]/);
  });

  test("neither the cause nor what nobody foresaw is told", () => {
    const cause = new Error("canary: hunter2");
    for (const failure of ALL) {
      const error = new KmsSelectionError(failure, { cause, source: { name: "Error" } });
      for (const circumstances of [NOTHING_KNOWN, IN_FORCE, IN_SANDBOX]) {
        assert.doesNotMatch(describeFailure(error, circumstances)?.message ?? "", /canary|hunter2/);
      }
      assert.doesNotMatch(error.message + JSON.stringify(error), /canary|hunter2/);
    }
    for (const thrown of [cause, "canary", { canary: 1 }, undefined, null, new TypeError("canary")]) {
      const error = toKmsSelectionError(thrown);
      assert.equal(error.failure.code, "unexpected");
      assert.doesNotMatch(describeFailure(error, IN_FORCE)!.message + JSON.stringify(error), /canary/);
    }
  });

  test("an error of ours stays as it is, and keeps everything when its place is added", () => {
    const source = { name: "x", requestId: "1" };
    const cause = new Error("cause");
    const error = new KmsSelectionError({ code: "throttled" }, { cause, source });
    assert.equal(toKmsSelectionError(error), error);
    const placed = error.at({ number: 1, count: 2, line: 3 });
    assert.deepEqual([placed.failure, placed.source, placed.cause], [error.failure, source, cause]);
    assert.equal(error.selection, undefined);
  });
});
