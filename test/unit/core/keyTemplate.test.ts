/** The parameters of infra.yaml as the dialogs ask for them, and what CloudFormation would refuse. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkStackName, initialValues, parametersOf, type KeyTemplate } from "../../../src/core/keyTemplate";
import { root } from "../../host/paths";
import { keyTemplate } from "../infra/keyStack";

const built = JSON.parse(readFileSync(join(root, "dist/keyTemplate.json"), "utf8")) as KeyTemplate; // made by the build
const parameters = parametersOf(built);

suite("The key template's parameters", () => {
  test("are all those of infra.yaml, each with a label, a group and its default, which is valid", () => {
    assert.deepEqual(parameters.map(({ name }) => name).sort(), Object.keys(keyTemplate.Parameters).sort());
    for (const { name, label, group, description, defaultValue, check } of parameters) {
      assert.notEqual(label, name);
      assert.ok(["Key", "Identity", "Users"].includes(group), group);
      assert.equal(description, keyTemplate.Parameters[name]?.Description);
      assert.equal(defaultValue, String(keyTemplate.Parameters[name]?.Default));
      assert.equal(check(defaultValue), undefined, name);
    }
  });

  const refused: [name: string, value: string, words: RegExp][] = [
    ["AliasName", "app", /must begin with "alias\/"/],
    ["AliasName", "alias/aws/app", /must begin with "alias\/"/],
    ["AliasName", `alias/${"a".repeat(251)}`, /0 to 256 characters/],
    ["MultiRegion", "yes", /true or false/],
    ["RotationPeriodInDays", "89", /from 90 to 2560/],
    ["RotationPeriodInDays", "90.5", /whole number/],
    ["RotationPeriodInDays", "", /whole number/],
    ["DeletionWindowInDays", "31", /from 7 to 30/],
    ["ContextKey", "", /1 to 64 characters/],
    ["ContextKey", "1st", /must begin with a letter/],
    ["EncryptorIdentity", "alice smith", /must be made of letters/],
    ["SecretReaderArn", "arn:aws:iam::1:role/x", /must be empty or the ARN/],
  ];
  for (const [name, value, words] of refused) {
    test(`${name} cannot be "${value.slice(0, 30)}", and the template says why`, () => {
      assert.match(parameters.find((each) => each.name === name)?.check(value) ?? "", words);
    });
  }

  test("begin with what a stack has, and else with the defaults; what the template does not know is left out", () => {
    const values = initialValues(parameters, { AliasName: "alias/team", Unknown: "x" });
    assert.equal(values.AliasName, "alias/team");
    assert.equal(values.RotationPeriodInDays, "365");
    assert.ok(!("Unknown" in values));
  });
});

suite("The name of a stack", () => {
  for (const name of ["a", "kms-selection", "A1-b", "a".repeat(128)])
    test(`can be ${name.slice(0, 20)}`, () => {
      assert.equal(checkStackName(name), undefined);
    });
  for (const name of ["", "1a", "-a", "a_b", "a b", "ä", "a".repeat(129), "a\n"])
    test(`cannot be ${JSON.stringify(name.slice(0, 20))}`, () => {
      assert.match(checkStackName(name) ?? "", /letters, digits and hyphens/);
    });
});
