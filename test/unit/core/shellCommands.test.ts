/** Commands to be pasted into a shell, run by one. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import type { KeyStack } from "../../../src/core/keyStack";
import { deployCommand, profileCommands, quote } from "../../../src/core/shellCommands";

const PLACE = { profile: "admin", region: "us-east-2" };

/** The words that a shell makes of a line. */
function words(line: string): string[] {
  const script = `set -f\nfor word in ${line}; do printf '%s\\0' "$word"; done`;
  return execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
}

suite("Commands for a POSIX shell", () => {
  const hostile = ["", "a b", "it's", "$(id)", "`id`", "a;b", "*", "~", "a\nb", "\\", '"', "!x", "é", "--x"];
  test("any word comes out of the shell as it went in", () => {
    assert.deepEqual(words(hostile.map(quote).join(" ")), hostile);
  });

  test("what needs no quotes has none", () => {
    assert.equal(quote("alias/kms-selection"), "alias/kms-selection");
    assert.equal(quote("/home/me/infra.yaml"), "/home/me/infra.yaml");
  });

  test("the line that deploys has the place, the template and the changed parameters, each one word", () => {
    const line = deployCommand({ profile: "it's me", region: "us-east-2" }, "app", "/a folder/infra.yaml", {
      AliasName: "alias/team",
      SecretReaderArn: "",
    });
    assert.deepEqual(words(line), [
      ...[
        "aws",
        "cloudformation",
        "deploy",
        "--stack-name",
        "app",
        "--template-file",
        "/a folder/infra.yaml",
      ],
      ...["--capabilities", "CAPABILITY_IAM", "--region", "us-east-2", "--profile", "it's me"],
      ...["--parameter-overrides", "AliasName=alias/team", "SecretReaderArn="],
    ]);
    assert.doesNotMatch(deployCommand(PLACE, "app", "infra.yaml", {}), /parameter-overrides/);
    assert.doesNotMatch(deployCommand({ ...PLACE, profile: "" }, "app", "infra.yaml", {}), /--profile/);
  });

  test("the lines that make profiles name where the keys are, and are none where there are no keys", () => {
    const arn = "arn:aws:secretsmanager:us-east-2:111122223333:secret:E-1";
    const user = (secretArn: string | undefined) => ({ identity: "alice", secretArn });
    const stack = (secretArn: string | undefined): KeyStack => ({
      keyAlias: "alias/a",
      region: "us-east-2",
      contextKey: "identity",
      users: { encryptor: user(secretArn), decryptor: user(undefined) },
    });
    assert.equal(
      profileCommands(stack(arn), PLACE),
      `aws secretsmanager get-secret-value --secret-id ${arn} --region us-east-2 --profile admin --query SecretString --output text\naws configure --profile kms-encrypt --region us-east-2\n`,
    );
    assert.equal(profileCommands(stack(undefined), PLACE), undefined);
    assert.equal(profileCommands({ ...stack(arn), users: undefined }, PLACE), undefined);
  });
});
