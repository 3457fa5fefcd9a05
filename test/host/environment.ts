/** The environment that VS Code, and with it the extension, gets. */

/** Belongs to a VS Code in whose terminal this may run, and would steer the one that is started. */
const ofAnotherVsCode = /^(VSCODE_|ELECTRON_)/;
/** A developer's own credentials and proxies must never take part in a test. */
const ofThisPerson = /^(AWS_|(HTTPS?|ALL|NO)_PROXY$)/i;

/** The person's own environment, for `npm start`. */
export function ownEnvironment(inherited: NodeJS.ProcessEnv): Record<string, string> {
  return without(inherited, ofAnotherVsCode);
}

/** An environment in which nothing of this person's AWS set-up is found: no variables, no files, no instance role. */
export function testEnvironment(
  inherited: NodeJS.ProcessEnv,
  home: string,
  changes: Record<string, string | undefined> = {},
): Record<string, string> {
  return without(
    {
      ...without(without(inherited, ofAnotherVsCode), ofThisPerson),
      HOME: home,
      USERPROFILE: home,
      AWS_EC2_METADATA_DISABLED: "true",
      ...changes,
    },
    /^$/,
  );
}

function without(env: NodeJS.ProcessEnv, names: RegExp): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !names.test(entry[0]),
    ),
  );
}
