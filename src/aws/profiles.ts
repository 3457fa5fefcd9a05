/**
 * What the profiles of the shared config files are: where each has its credentials from, or why it cannot have any. In
 * the order in which the SDK's `fromIni` looks, and as strict as the AWS CLI is:
 * https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
import type { Profile, SharedConfig, UnreadReason } from "./sharedConfig";

export interface ProfileDescription {
  readonly name: string;
  /** Where its credentials come from, in words. */
  readonly kind: string;
  readonly region: string | undefined;
  /** Why it cannot be used, to go on after "Can't … as this profile: ". `undefined`: nothing is known against it. */
  readonly problem: string | undefined;
}

interface Source {
  readonly kind: string;
  readonly problem?: string;
}

type Config = Pick<SharedConfig, "profiles" | "ssoSessions" | "unread">;

const CIRCLE = "its source_profiles go in a circle";

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html, credential_source */
const CREDENTIAL_SOURCES: Readonly<Record<string, string>> = {
  Environment: "the environment",
  Ec2InstanceMetadata: "the EC2 instance",
  EcsContainer: "the container",
};

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html */
const SSO_SETTINGS = ["sso_start_url", "sso_region", "sso_account_id", "sso_role_name"] as const;

/** The AWS CLI reads settings in capitals too; the SDK does not, and would go on to whatever else the profile has. */
const OF_CREDENTIALS = new Set<string>([
  ...SSO_SETTINGS,
  "aws_access_key_id",
  "aws_secret_access_key",
  "aws_session_token",
  "credential_process",
  "credential_source",
  "login_session",
  "mfa_serial",
  "role_arn",
  "source_profile",
  "sso_session",
  "web_identity_token_file",
]);

const UNREAD: Readonly<Record<UnreadReason, string>> = {
  empty: "it has no settings",
  name: "the AWS SDK cannot read its name; rename it, without spaces and unusual characters",
  "word-profile": 'in the credentials file a section has the name alone, without the word "profile"',
};

/** Sorted by name. */
export function describeProfiles(config: Config): ProfileDescription[] {
  const names = [...config.profiles.keys(), ...config.unread.keys()];
  return names.sort((a, b) => a.localeCompare(b)).map((name) => describeProfile(name, config));
}

export function describeProfile(name: string, config: Config): ProfileDescription {
  const { kind, problem } = sourceOf(name, config, []);
  return { name, kind, region: config.profiles.get(name)?.region, problem };
}

/** `chain`: the profiles that led here by their source_profile, none at first. */
function sourceOf(name: string, config: Config, chain: readonly string[]): Source {
  const settings = config.profiles.get(name);
  if (!settings) return { kind: "profile", problem: UNREAD[config.unread.get(name) ?? "empty"] };
  const capitals = inCapitals(settings);
  if (capitals) return capitals;
  const keys = accessKeys(settings);
  // A profile at the end of a chain, which may be its own, is asked for its keys first.
  if (chain.length > 0 && keys && !keys.problem) return keys;
  const { role_arn, web_identity_token_file, credential_source } = settings;
  if (role_arn !== undefined && web_identity_token_file === undefined)
    return assumedRole(name, settings, config, chain);
  if (credential_source !== undefined && role_arn === undefined && chain.length > 0)
    return fromCredentialSource(credential_source, "credentials of");
  if (keys && !keys.problem) return keys;
  if (web_identity_token_file !== undefined) {
    const problem = role_arn === undefined ? "it has a web_identity_token_file and no role_arn" : undefined;
    return { kind: "web identity", ...(problem && { problem }) };
  }
  if (settings.credential_process !== undefined) return { kind: "credential_process" };
  return sso(settings, config) ?? login(settings) ?? keys ?? ownNone(credential_source, chain);
}

function inCapitals(settings: Profile): Source | undefined {
  for (const name of Object.keys(settings)) {
    const wanted = name.toLowerCase();
    if (name !== wanted && OF_CREDENTIALS.has(wanted) && settings[wanted] === undefined)
      return { kind: "profile", problem: `the AWS SDK does not read its ${name}; write ${wanted}` };
  }
  return undefined;
}

function accessKeys(settings: Profile): Source | undefined {
  const { aws_access_key_id, aws_secret_access_key, aws_session_token } = settings;
  if (aws_access_key_id === undefined && aws_secret_access_key === undefined) return undefined;
  const kind = aws_session_token === undefined ? "access keys" : "temporary access keys";
  if (aws_secret_access_key === undefined) return { kind, problem: "it has no aws_secret_access_key" };
  if (aws_access_key_id === undefined) return { kind, problem: "it has no aws_access_key_id" };
  return { kind };
}

function assumedRole(name: string, settings: Profile, config: Config, chain: readonly string[]): Source {
  const { source_profile, credential_source, mfa_serial } = settings;
  const mfa = mfa_serial === undefined ? "" : " with MFA";
  if (source_profile === undefined) {
    if (credential_source !== undefined)
      return fromCredentialSource(credential_source, `assume role${mfa} from`);
    return { kind: "assume role", problem: "it has a role_arn and no source_profile" };
  }
  const kind = `assume role${mfa} from ${source_profile}`;
  if (credential_source !== undefined)
    return { kind, problem: "it has both a source_profile and a credential_source" };
  if (!config.profiles.has(source_profile) && !config.unread.has(source_profile))
    return { kind, problem: `its source_profile "${source_profile}" does not exist` };
  const path = [...chain, name];
  const keys = accessKeys(config.profiles.get(source_profile) ?? {});
  // A profile may take itself for its source: for its own keys.
  if (path.includes(source_profile) && (!keys || keys.problem))
    return { kind, problem: `${CIRCLE}: ${[...path, source_profile].join(" → ")}` };
  const { problem } = sourceOf(source_profile, config, path);
  if (problem === undefined) return { kind };
  // A circle names all who are in it already.
  return problem.startsWith(CIRCLE)
    ? { kind, problem }
    : { kind, problem: `of its source_profile "${source_profile}": ${problem}` };
}

function fromCredentialSource(source: string, words: string): Source {
  const place = Object.hasOwn(CREDENTIAL_SOURCES, source) ? CREDENTIAL_SOURCES[source] : undefined;
  return place === undefined
    ? { kind: `${words} ${source}`, problem: `its credential_source "${source}" is none that AWS knows` }
    : { kind: `${words} ${place}` };
}

function sso(settings: Profile, { ssoSessions }: Config): Source | undefined {
  const { sso_session } = settings;
  if (sso_session === undefined && SSO_SETTINGS.every((setting) => settings[setting] === undefined))
    return undefined;
  const kind = sso_session === undefined ? "SSO" : `SSO session ${sso_session}`;
  if (sso_session !== undefined && !ssoSessions.has(sso_session))
    return { kind, problem: `its sso_session "${sso_session}" does not exist` };
  const all = { ...settings, ...(sso_session === undefined ? {} : ssoSessions.get(sso_session)) };
  const missing = SSO_SETTINGS.filter((setting) => !all[setting]);
  return missing.length === 0 ? { kind } : { kind, problem: `it has no ${missing.join(", no ")}` };
}

function login({ login_session }: Profile): Source | undefined {
  return login_session === undefined ? undefined : { kind: "login session" };
}

/** The SDK then goes through its whole chain; but not for a profile that another one takes for its source. */
function ownNone(credentialSource: string | undefined, chain: readonly string[]): Source {
  if (credentialSource !== undefined)
    return {
      kind: fromCredentialSource(credentialSource, "credentials of").kind,
      problem: "it has a credential_source and no role_arn",
    };
  const kind = "credentials of the environment or this machine";
  return chain.length === 0 ? { kind } : { kind, problem: "it has no credentials" };
}
