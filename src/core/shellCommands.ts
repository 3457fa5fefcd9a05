/** Commands for the AWS CLI, to be copied. Quoted for POSIX shells (sh, bash, zsh). */
import type { KeyStack, KeyUser } from "./keyStack";
import type { ParameterValues } from "./keyTemplate";

/** One word of a POSIX shell: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02 */
export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

export interface Place {
  /** "": the AWS CLI's own order. */
  readonly profile: string;
  readonly region: string;
}

function line(words: readonly string[], { region, profile }: Place): string {
  const where = ["--region", region, ...(profile === "" ? [] : ["--profile", profile])];
  return [...words, ...where].map(quote).join(" ");
}

/** `values`: those that differ from what the stack has, or else from the template; the AWS CLI keeps all others. */
export function deployCommand(
  place: Place,
  stackName: string,
  templateFile: string,
  values: ParameterValues,
): string {
  const overrides = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  const deploy = ["aws", "cloudformation", "deploy", "--stack-name", stackName];
  const template = ["--template-file", templateFile, "--capabilities", "CAPABILITY_IAM"];
  // Takes all words that follow it.
  const parameters =
    overrides.length === 0 ? "" : ` ${["--parameter-overrides", ...overrides].map(quote).join(" ")}`;
  return line([...deploy, ...template], place) + parameters;
}

export const ENCRYPT_PROFILE = "kms-encrypt";
export const DECRYPT_PROFILE = "kms-decrypt";

/** Commands that show each access key to the person, and store it as a profile. `undefined`: the stack made none. */
export function profileCommands({ users }: KeyStack, place: Place): string | undefined {
  const commands = ({ secretArn }: KeyUser, profile: string): string[] =>
    secretArn === undefined
      ? []
      : [
          `${line(["aws", "secretsmanager", "get-secret-value", "--secret-id", secretArn], place)} --query SecretString --output text`,
          line(["aws", "configure", "--profile", profile], { ...place, profile: "" }),
        ];
  const all = users
    ? [...commands(users.encryptor, ENCRYPT_PROFILE), ...commands(users.decryptor, DECRYPT_PROFILE)]
    : [];
  return all.length === 0 ? undefined : `${all.join("\n")}\n`;
}
