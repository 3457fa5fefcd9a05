/** What cfn-lint says about the templates: nothing, not even at the level of information. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root, temporaryFolder } from "../host/paths";
import { pythonWith } from "../support/python";

const found = pythonWith(["cfn-lint==1.58.0"]);
if ("missing" in found) console.log(`  cfn-lint is left out: ${found.missing}`);
else defineSuite(found.python);

/** What cfn-lint prints, a line for each finding; its exit code is 0 where there is none. */
function lint(python: string, template: string): Promise<Outcome> {
  const args = ["--include-checks", "I", "--format", "parseable", "--template", template];
  return run(join(dirname(python), "cfn-lint"), args);
}

interface Outcome {
  code: number;
  said: string;
}

function run(command: string, args: string[]): Promise<Outcome> {
  // Nothing of the person's own AWS configuration.
  const env = { PATH: process.env.PATH, AWS_DEFAULT_REGION: "us-east-2" };
  return new Promise((resolve) => {
    execFile(command, args, { encoding: "utf8", env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, said: stdout + stderr });
    });
  });
}

function defineSuite(python: string): void {
  suite("cfn-lint", () => {
    for (const name of ["infra.yaml", "infra-replica.yaml"])
      test(`has nothing to say about ${name}`, async () => {
        assert.deepEqual(await lint(python, join(root, name)), { code: 0, said: "" });
      });

    // In its version 1. Stricter than cfn-lint's parser: https://github.com/aws/aws-cli/blob/develop/awscli/customizations/cloudformation/yamlhelper.py
    for (const name of ["infra.yaml", "infra-replica.yaml"])
      test(`${name} is YAML to PyYAML, by which the AWS CLI reads it`, async () => {
        const script = "import sys, yaml; print(sum(1 for _ in yaml.parse(open(sys.argv[1]))))";
        const { code, said } = await run(python, ["-c", script, join(root, name)]);
        assert.equal(code, 0, said);
        assert.ok(Number(said) > 100);
      });

    test("would say that a property is misspelt, and that a secret has no deletion policy", async () => {
      const folder = temporaryFolder();
      try {
        const template = join(folder.path, "infra.yaml");
        const text = readFileSync(join(root, "infra.yaml"), "utf8");
        writeFileSync(
          template,
          text
            .replace("PendingWindowInDays:", "PendingWindow:")
            .replace(/ {4}DeletionPolicy: Delete.*\n/, ""),
        );
        const { code, said } = await lint(python, template);
        assert.notEqual(code, 0);
        assert.match(said, /E3002.*PendingWindow/);
        assert.match(said, /I3011.*DeletionPolicy/);
      } finally {
        folder.remove();
      }
    });
  });
}
