/** What a template becomes, and what is refused rather than dropped. */
import assert from "node:assert/strict";
import { resolveContext, showContext, type ContextVariables } from "../../../src/core/encryptionContext";
import { assertCode, thrownBy } from "./failures";

const ALL: ContextVariables = {
  identity: "alice",
  profile: "work",
  workspaceFolderBasename: "app",
  relativeFile: "config/.env",
};

/** Objects of this kind come from JSON: an own property, whatever its name. */
const parse = (json: string) => JSON.parse(json) as Record<string, string>;

suite("Encryption context", () => {
  const filled: [template: string, value: string, variables?: Partial<ContextVariables>][] = [
    ["plain", "plain"],
    ["${identity}", "alice"],
    ["${profile}", "work"],
    ["${workspaceFolderBasename}", "app"],
    ["${relativeFile}", "config/.env"],
    ["${workspaceFolderBasename}/${relativeFile}", "app/config/.env"],
    ["${identity}${identity}", "alicealice"],
    [" ${identity} ", " alice "],
    ["$identity", "$identity"],
    ["{identity}", "{identity}"],
    ["$", "$"],
    ["$ {identity}", "$ {identity}"],
    ["$${identity}", "$alice"],
    ["}", "}"],
    ["${identity}}", "alice}"],
    ["1", "1"],
    ["${identity}", "${profile}", { identity: "${profile}" }],
    ["a${identity}b", "a$&b", { identity: "$&" }],
    ["a${identity}b", "a$1$$$`$'b", { identity: "$1$$$`$'" }],
    ["${identity}", "constructor", { identity: "constructor" }],
    ["${identity}", "アリス 😀", { identity: "アリス 😀" }],
  ];
  for (const [template, value, variables] of filled) {
    test(`${template} becomes ${value}`, () => {
      assert.deepEqual(resolveContext({ name: template }, { ...ALL, ...variables }), { name: value });
    });
  }

  const refused: [title: string, template: string, reason: RegExp, variables?: Partial<ContextVariables>][] =
    [
      ["an unknown variable", "${user}", /^\$\{user\} is not a variable; there are \$\{identity\}/],
      ["an environment variable", "${env:HOME}", /\$\{env:HOME\} is not a variable/],
      ["a variable in another case", "${Identity}", /is not a variable/],
      ["a variable with spaces", "${ identity }", /is not a variable/],
      ["no variable", "${}", /^\$\{\} is not a variable/],
      ["what every object has", "${constructor}", /is not a variable/],
      ["what every object has, too", "${__proto__}", /is not a variable/],
      ["one that is not closed", "${identity", /^\$\{identity is not a variable/],
      ["one that is not closed, behind a good one", "${identity}${", /is not a variable/],
      ["one in another", "${${identity}}", /is not a variable/],
      ["nothing", "", /empty/],
      ["white space", " \t", /empty/],
      ["an identity that is empty", "${identity}", /empty/, { identity: "" }],
      ["no one profile", "${profile}", /different profiles/, { profile: undefined }],
      ["no folder", "${workspaceFolderBasename}", /folder/, { workspaceFolderBasename: undefined }],
      ["no file", "${relativeFile}", /folder/, { relativeFile: undefined }],
    ];
  for (const [title, template, reason, variables] of refused) {
    test(`refused, with the pair's name: ${title}`, () => {
      const { failure } = thrownBy(() =>
        resolveContext({ good: "1", bad: template }, { ...ALL, ...variables }),
      );
      assert.ok(failure.code === "context-invalid");
      assert.equal(failure.name, "bad");
      assert.match(failure.reason, reason);
    });
  }

  for (const name of ["", " ", "aws-crypto-public-key", "aws-crypto-"]) {
    test(`the name ${JSON.stringify(name)} is refused`, () => {
      const error = thrownBy(() => resolveContext({ [name]: "1" }, ALL));
      assertCode(error, "context-invalid");
    });
  }

  test("names that are close to reserved ones are allowed", () => {
    const context = { "aws-crypto": "1", "AWS-crypto-a": "2", "my-aws-crypto-": "3" };
    assert.deepEqual(resolveContext(context, ALL), context);
  });

  test("variables in names stay as they are", () => {
    assert.deepEqual(resolveContext({ "${identity}": "1" }, ALL), { "${identity}": "1" });
  });

  test("no pairs", () => {
    assert.deepEqual(resolveContext({}, ALL), {});
    assert.equal(showContext({}), "none");
  });

  test("names that every object has are pairs like others", () => {
    const context = resolveContext(
      parse('{ "__proto__": "${identity}", "constructor": "2", "b": "3" }'),
      ALL,
    );
    assert.deepEqual(Object.entries(context), [
      ["__proto__", "alice"],
      ["constructor", "2"],
      ["b", "3"],
    ]);
    assert.equal(JSON.stringify(context), '{"__proto__":"alice","constructor":"2","b":"3"}');
    assert.equal(showContext(context), "__proto__=alice, constructor=2, b=3");
  });

  test("the template stays as it was", () => {
    const template = Object.freeze({ identity: "${identity}" });
    resolveContext(template, ALL);
    assert.deepEqual(template, { identity: "${identity}" });
  });
});
