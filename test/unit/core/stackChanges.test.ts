/** What a change set does, in the words of the question. */
import assert from "node:assert/strict";
import { describeChanges, type StackChange } from "../../../src/core/stackChanges";
import { keyStack } from "../infra/keyStack";

const change = (action: string, resource: string, type: string, replacement = ""): StackChange => ({
  action,
  resource,
  type,
  replacement,
});

suite("The changes of a stack", () => {
  test("of the whole template: every resource by its kind, the key first, and what CAPABILITY_IAM stands for", () => {
    const all = Object.entries(keyStack().resources).map(([name, { type }]) => change("Add", name, type));
    const [heading, first, ...lines] = describeChanges(all);
    assert.equal(heading, "Creates:");
    assert.equal(first, "• KMS key: Key");
    const text = lines.join("\n");
    assert.doesNotMatch(text, /AWS::/, "every type of the template has a word");
    assert.match(text, /CAPABILITY_IAM\): IAM policies, groups, users and access keys\./);
    assert.doesNotMatch(text, /Another key/);
  });

  test("what is changed, replaced and removed is told apart", () => {
    const lines = describeChanges([
      change("Modify", "Alias", "AWS::KMS::Alias", "True"),
      change("Modify", "EncryptorUser", "AWS::IAM::User", "False"),
      change("Modify", "Group", "AWS::IAM::Group", "Conditional"),
      change("Remove", "EncryptorSecret", "AWS::SecretsManager::Secret"),
      change("Dynamic", "Other", "AWS::Other::Thing"),
    ]);
    assert.deepEqual(lines.slice(0, 9), [
      "Changes:",
      "• IAM user: EncryptorUser",
      "May replace:",
      "• IAM group: Group",
      "• AWS::Other::Thing: Other",
      "Replaces:",
      "• KMS alias: Alias",
      "Removes:",
      "• secret in Secrets Manager: EncryptorSecret",
    ]);
  });

  for (const [action, replacement] of [
    ["Modify", "True"],
    ["Modify", "Conditional"],
    ["Remove", ""],
  ] as const)
    test(`a key that is lost to the stack is warned of (${action} ${replacement})`, () => {
      const lines = describeChanges([change(action, "Key", "AWS::KMS::Key", replacement)]);
      assert.match(lines.join("\n"), /Another key takes the place.*It changes nothing in IAM/s);
    });
});
