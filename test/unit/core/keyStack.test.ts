/** What stacks say, which anybody may write, and what becomes of it. */
import assert from "node:assert/strict";
import {
  firstFailure,
  isOfKeyTemplate,
  keyStackOf,
  retainedKey,
  stateOf,
  type StackEvent,
} from "../../../src/core/keyStack";
import { neededContext, withUsers } from "../../../src/core/useKeyStack";
import { keyStack, keyTemplate, replicaStack, replicaTemplate } from "../infra/keyStack";

const KEY = "arn:aws:kms:us-east-2:111122223333:key/11111111-1111-4111-8111-111111111111";
const SECRET = "arn:aws:secretsmanager:us-east-2:111122223333:secret:EncryptorSecret-1a2b3c";
const OUTPUTS = {
  KeyArn: KEY,
  KeyAlias: "alias/kms-selection",
  Region: "us-east-2",
  ContextKey: "identity",
  EncryptorIdentity: "alice",
  DecryptorIdentity: "bob",
  EncryptorSecretArn: SECRET,
};

suite("The outputs of a stack", () => {
  test("say which key, where, and whose", () => {
    assert.deepEqual(keyStackOf({ outputs: OUTPUTS }), {
      keyAlias: "alias/kms-selection",
      region: "us-east-2",
      contextKey: "identity",
      users: {
        encryptor: { identity: "alice", secretArn: SECRET },
        decryptor: { identity: "bob", secretArn: undefined },
      },
    });
  });

  test("are read by names that both templates have", () => {
    for (const stack of [keyStack(), replicaStack()])
      for (const name of ["KeyArn", "KeyAlias", "Region"]) assert.ok(name in stack.outputs, name);
    for (const name of Object.keys(OUTPUTS)) assert.ok(name in keyStack().outputs, name);
    const { KeyArn, KeyAlias, Region } = OUTPUTS;
    const ofReplica = keyStackOf({ outputs: { KeyArn, KeyAlias, Region } });
    assert.deepEqual(ofReplica, {
      keyAlias: KeyAlias,
      region: Region,
      contextKey: undefined,
      users: undefined,
    });
  });

  const foreign: Partial<Record<keyof typeof OUTPUTS, string>>[] = [
    { KeyArn: "" },
    { KeyArn: "arn:aws:s3:::bucket" },
    { KeyArn: KEY.replace("us-east-2", "eu-west-1") },
    { KeyAlias: KEY },
    { KeyAlias: "alias/[x](command:y)" },
    { KeyAlias: "alias/a\nb" },
    { Region: "us-east-2.evil.example" },
    { Region: "US" },
  ];
  for (const changed of foreign) {
    test(`are not taken with ${JSON.stringify(changed)}`, () => {
      assert.equal(keyStackOf({ outputs: { ...OUTPUTS, ...changed } }), undefined);
    });
  }

  test("no identity, context or secret is taken in another form than the template's", () => {
    const users = (changed: object) => keyStackOf({ outputs: { ...OUTPUTS, ...changed } })?.users;
    assert.equal(users({ EncryptorIdentity: "${profile}" }), undefined);
    assert.equal(users({ EncryptorIdentity: "a".repeat(65) }), undefined);
    assert.equal(users({ EncryptorSecretArn: "x; rm -rf ~" })?.encryptor.secretArn, undefined);
    assert.equal(keyStackOf({ outputs: { ...OUTPUTS, ContextKey: "a b" } })?.contextKey, undefined);
  });
});

suite("A stack", () => {
  test("is known by the parameters that it was made with; the replica's are others", () => {
    const names = Object.keys(keyTemplate.Parameters);
    const made = (by: readonly string[]) => ({
      parameters: Object.fromEntries(by.map((name) => [name, "x"])),
    });
    assert.ok(isOfKeyTemplate(made(names)));
    assert.ok(isOfKeyTemplate(made([...names, "Another"])));
    for (const others of [Object.keys(replicaTemplate.Parameters), ["AliasName", "ContextKey"], []])
      assert.ok(!isOfKeyTemplate(made(others)), others.join());
  });

  const states: [status: string, state: ReturnType<typeof stateOf>][] = [
    ["REVIEW_IN_PROGRESS", "review"],
    ["CREATE_COMPLETE", "ready"],
    ["UPDATE_COMPLETE", "ready"],
    ["UPDATE_ROLLBACK_COMPLETE", "ready"],
    ["IMPORT_COMPLETE", "ready"],
    ["CREATE_FAILED", "failed"],
    ["ROLLBACK_COMPLETE", "failed"],
    ["ROLLBACK_FAILED", "failed"],
    ["CREATE_IN_PROGRESS", "busy"],
    ["UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "busy"],
    ["DELETE_IN_PROGRESS", "busy"],
    ["UPDATE_ROLLBACK_FAILED", "stuck"],
    ["DELETE_FAILED", "stuck"],
    ["", "stuck"],
  ];
  for (const [status, state] of states)
    test(`in ${status || "a state without a name"} is ${state}`, () => {
      assert.equal(stateOf({ status }), state);
    });

  const event = (resource: string, type: string, status: string, reason = ""): StackEvent => ({
    id: "1",
    resource,
    type,
    physicalId: `physical-${resource}`,
    status,
    reason,
  });

  test("failed by the first resource that failed by itself", () => {
    const events = [
      event("app", "AWS::CloudFormation::Stack", "CREATE_FAILED", "The following resource(s) failed"),
      event("Alias", "AWS::KMS::Alias", "CREATE_FAILED", "Resource creation cancelled"),
      event("User", "AWS::IAM::User", "CREATE_FAILED", "exists"),
      event("Group", "AWS::IAM::Group", "CREATE_FAILED", "exists too"),
    ];
    assert.equal(firstFailure({ status: "ROLLBACK_COMPLETE", events })?.resource, "User");
    assert.equal(firstFailure({ status: "ROLLBACK_COMPLETE", events: [] }), undefined);
  });

  test("that is deleted says which key it left", () => {
    const events = [event("Key", "AWS::KMS::Key", "DELETE_SKIPPED")];
    assert.equal(retainedKey({ status: "DELETE_COMPLETE", events }), "physical-Key");
  });
});

suite("Using a key stack", () => {
  const stack = keyStackOf({ outputs: OUTPUTS })!;

  test("gives the users' identities their profiles; what else they have stays, but for another key", () => {
    const before = {
      alice: { keyAlias: "alias/old", region: "eu-west-1", encryptionContext: { a: "b" } },
      carol: { profile: "c" },
    };
    const after = withUsers(before, stack, { encrypt: "kms-encrypt", decrypt: "kms-decrypt" });
    assert.deepEqual(after, {
      alice: { encryptionContext: { a: "b" }, encryptProfile: "kms-encrypt" },
      carol: { profile: "c" },
      bob: { decryptProfile: "kms-decrypt" },
    });
    assert.deepEqual(withUsers(before, stack, { encrypt: undefined, decrypt: undefined }), before);
  });

  test("changes the context only where the key demands another one", () => {
    assert.equal(neededContext(stack, { identity: "${identity}" }), undefined);
    assert.deepEqual(neededContext({ ...stack, contextKey: "user_id" }, { identity: "${identity}" }), {
      user_id: "${identity}",
    });
    assert.equal(neededContext({ ...stack, contextKey: undefined }, {}), undefined);
  });
});
