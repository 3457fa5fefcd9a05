/** Config files as people have them, and what the profile picker shows of them. */
import assert from "node:assert/strict";
import { listProfiles } from "../../../src/aws/connection";
import { useHome } from "./home";

const KEYS = "aws_access_key_id = AKIA\naws_secret_access_key = canary\n";
const ROLE = "role_arn = arn:aws:iam::111122223333:role/r\n";
const SESSION =
  "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n";
const BASE = `[profile base]\n${KEYS}`;
const UNREADABLE = "the AWS SDK cannot read its name; rename it, without spaces and unusual characters";

interface Case {
  readonly title: string;
  readonly config?: string;
  readonly credentials?: string;
  /** "name: kind, region", or "name ✗ kind: problem" for one that cannot be chosen. */
  readonly shown: readonly string[];
}

const cases: readonly Case[] = [
  { title: "no files", shown: [] },
  { title: "empty files", config: "", credentials: "\n# nothing\n", shown: [] },
  {
    title: "keys in the credentials file",
    credentials: `[default]\n${KEYS}`,
    shown: ["default: access keys"],
  },
  { title: "keys in the config file", config: BASE, shown: ["base: access keys"] },
  {
    title: "one profile in both files is shown once, with what each says of it",
    config: "[default]\nregion = us-east-2\n[profile work]\nregion = eu-west-1\n",
    credentials: `[work]\n${KEYS}[default]\n${KEYS}`,
    shown: ["default: access keys, us-east-2", "work: access keys, eu-west-1"],
  },
  {
    title: "one section twice in a file",
    config: `${BASE}[profile base]\nregion = us-west-1\n`,
    shown: ["base: access keys, us-west-1"],
  },
  {
    title: "[default] and [profile default] are one",
    config: `[default]\nregion = us-east-1\n[profile default]\nregion = us-west-1\n${KEYS}`,
    shown: ["default: access keys, us-west-1"],
  },
  {
    title: "keys with a session token",
    credentials: `[tmp]\n${KEYS}aws_session_token = t\n`,
    shown: ["tmp: temporary access keys"],
  },
  {
    title: "keys divided between the files",
    config: "[profile half]\naws_access_key_id = AKIA\n",
    credentials: "[half]\naws_secret_access_key = canary\n",
    shown: ["half: access keys"],
  },
  {
    title: "a key without its secret, a secret without its key",
    credentials: "[a]\naws_access_key_id = AKIA\n[b]\naws_secret_access_key = canary\n",
    shown: [
      "a ✗ access keys: it has no aws_secret_access_key",
      "b ✗ access keys: it has no aws_access_key_id",
    ],
  },
  {
    title: "SSO by a session",
    config: `${SESSION}[profile dev]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = R\nregion = us-east-2\n`,
    shown: ["dev: SSO session corp, us-east-2"],
  },
  {
    title: "SSO without a session",
    config:
      "[profile old]\nsso_start_url = https://x\nsso_region = x\nsso_account_id = 1\nsso_role_name = R\n",
    shown: ["old: SSO"],
  },
  {
    title: "SSO with a session that is not there",
    config: `${SESSION}[profile dev]\nsso_session = crop\nsso_account_id = 1\nsso_role_name = R\n`,
    shown: ['dev ✗ SSO session crop: its sso_session "crop" does not exist'],
  },
  {
    title: "SSO that lacks something",
    config: `${SESSION}[profile a]\nsso_session = corp\nsso_role_name = R\n[profile b]\nsso_start_url = https://x\n`,
    shown: [
      "a ✗ SSO session corp: it has no sso_account_id",
      "b ✗ SSO: it has no sso_region, no sso_account_id, no sso_role_name",
    ],
  },
  {
    title: "a session that lacks something",
    config:
      "[sso-session s]\nsso_region = x\n[profile a]\nsso_session = s\nsso_account_id = 1\nsso_role_name = R\n",
    shown: ["a ✗ SSO session s: it has no sso_start_url"],
  },
  {
    title: "sessions, services and plugins are no profiles, in either file",
    config: `${SESSION}[services local]\nkms =\n  endpoint_url = http://127.0.0.1\n[plugins]\na = b\n`,
    credentials: `${SESSION}[services local]\nkms =\n  endpoint_url = http://127.0.0.1\n`,
    shown: [],
  },
  {
    title: "a section of the config file without the word profile",
    config: `[work]\n${KEYS}`,
    shown: [],
  },
  {
    title: "a section of the credentials file with the word profile",
    credentials: `[profile work]\n${KEYS}`,
    shown: [
      'work ✗ profile: in the credentials file a section has the name alone, without the word "profile"',
    ],
  },
  {
    title: "an assumed role",
    config: `${BASE}[profile admin]\n${ROLE}source_profile = base\nregion = eu-central-1\n`,
    shown: ["admin: assume role from base, eu-central-1", "base: access keys"],
  },
  {
    title: "an assumed role with MFA",
    config: `${BASE}[profile admin]\n${ROLE}source_profile = base\nmfa_serial = arn:aws:iam::1:mfa/a\n`,
    shown: ["admin: assume role with MFA from base", "base: access keys"],
  },
  {
    title: "a role by way of a role",
    config: `${BASE}[profile b]\n${ROLE}source_profile = base\n[profile c]\n${ROLE}source_profile = b\n`,
    shown: ["b: assume role from base", "base: access keys", "c: assume role from b"],
  },
  {
    title: "a role by way of SSO",
    config: `${SESSION}[profile s]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = R\n[profile r]\n${ROLE}source_profile = s\n`,
    shown: ["r: assume role from s", "s: SSO session corp"],
  },
  {
    title: "a role whose source is in the credentials file",
    config: `[profile r]\n${ROLE}source_profile = keys\n`,
    credentials: `[keys]\n${KEYS}`,
    shown: ["keys: access keys", "r: assume role from keys"],
  },
  {
    title: "a role for the profile's own keys",
    config: `[profile self]\n${ROLE}source_profile = self\n${KEYS}`,
    shown: ["self: assume role from self"],
  },
  {
    title: "a role from the machine",
    config: ["Environment", "Ec2InstanceMetadata", "EcsContainer"]
      .map((source) => `[profile ${source}]\n${ROLE}credential_source = ${source}\n`)
      .join(""),
    shown: [
      "Ec2InstanceMetadata: assume role from the EC2 instance",
      "EcsContainer: assume role from the container",
      "Environment: assume role from the environment",
    ],
  },
  {
    title: "a role from a place that there is not",
    config: `[profile r]\n${ROLE}credential_source = toString\n`,
    shown: ['r ✗ assume role from toString: its credential_source "toString" is none that AWS knows'],
  },
  {
    title: "a role without a source",
    config: `[profile r]\n${ROLE}`,
    shown: ["r ✗ assume role: it has a role_arn and no source_profile"],
  },
  {
    title: "a role with two sources",
    config: `${BASE}[profile r]\n${ROLE}source_profile = base\ncredential_source = Environment\n`,
    shown: [
      "base: access keys",
      "r ✗ assume role from base: it has both a source_profile and a credential_source",
    ],
  },
  {
    title: "a role whose source is not there",
    config: `[profile r]\n${ROLE}source_profile = nobody\n`,
    shown: ['r ✗ assume role from nobody: its source_profile "nobody" does not exist'],
  },
  {
    title: "a source that differs in capitals is not there",
    config: `${BASE}[profile r]\n${ROLE}source_profile = Base\n`,
    shown: ["base: access keys", 'r ✗ assume role from Base: its source_profile "Base" does not exist'],
  },
  {
    title: "a chain that is broken further on",
    config: `[profile a]\n${ROLE}source_profile = b\n[profile b]\n${ROLE}source_profile = nobody\n`,
    shown: [
      'a ✗ assume role from b: of its source_profile "b": its source_profile "nobody" does not exist',
      'b ✗ assume role from nobody: its source_profile "nobody" does not exist',
    ],
  },
  {
    title: "a circle of one",
    config: `[profile a]\n${ROLE}source_profile = a\n`,
    shown: ["a ✗ assume role from a: its source_profiles go in a circle: a → a"],
  },
  {
    title: "a circle of two, and one that leads into it",
    config: ["a b", "b a", "c a"]
      .map((pair) => pair.split(" "))
      .map(([name, source]) => `[profile ${name}]\n${ROLE}source_profile = ${source}\n`)
      .join(""),
    shown: [
      "a ✗ assume role from b: its source_profiles go in a circle: a → b → a",
      "b ✗ assume role from a: its source_profiles go in a circle: b → a → b",
      "c ✗ assume role from a: its source_profiles go in a circle: c → a → b → a",
    ],
  },
  {
    title: "a circle that keys end",
    config: `[profile a]\n${ROLE}source_profile = b\n${KEYS}[profile b]\n${ROLE}source_profile = a\n`,
    shown: ["a: assume role from b", "b: assume role from a"],
  },
  {
    title: "a source that has no credentials",
    config: `[profile a]\n${ROLE}source_profile = b\n[profile b]\nregion = us-east-2\n`,
    shown: [
      'a ✗ assume role from b: of its source_profile "b": it has no credentials',
      "b: credentials of the environment or this machine, us-east-2",
    ],
  },
  {
    title: "a source that names a place instead of having credentials",
    config: `[profile a]\n${ROLE}source_profile = b\n[profile b]\ncredential_source = Environment\n`,
    shown: [
      "a: assume role from b",
      "b ✗ credentials of the environment: it has a credential_source and no role_arn",
    ],
  },
  {
    title: "a program",
    config: '[profile p]\ncredential_process = "/opt/my tool/x" --json\nregion = us-east-2\n',
    shown: ["p: credential_process, us-east-2"],
  },
  {
    title: "keys before a program",
    config: `[profile p]\ncredential_process = x\n${KEYS}`,
    shown: ["p: access keys"],
  },
  {
    title: "web identity",
    config: `[profile w]\n${ROLE}web_identity_token_file = /t\n`,
    shown: ["w: web identity"],
  },
  {
    title: "web identity without a role",
    config: "[profile w]\nweb_identity_token_file = /t\n",
    shown: ["w ✗ web identity: it has a web_identity_token_file and no role_arn"],
  },
  {
    title: "aws login",
    config: "[profile l]\nlogin_session = arn:aws:iam::1:user/a\n",
    shown: ["l: login session"],
  },
  { title: "an empty profile", config: "[profile e]\n", shown: ["e ✗ profile: it has no settings"] },
  {
    title: "an empty profile that the other file fills",
    config: "[profile e]\n",
    credentials: `[e]\n${KEYS}`,
    shown: ["e: access keys"],
  },
  {
    title: "names in quotes",
    config: `[profile "a"]\n${KEYS}[profile 'b']\n${KEYS}`,
    shown: ["a: access keys", "b: access keys"],
  },
  {
    title: "names with spaces and accents",
    config: `[profile "my team"]\n${KEYS}[profile my other team]\n${KEYS}[profile zoë]\n${KEYS}`,
    shown: [
      `my other team ✗ profile: ${UNREADABLE}`,
      `my team ✗ profile: ${UNREADABLE}`,
      `zoë ✗ profile: ${UNREADABLE}`,
    ],
  },
  {
    title: "names with spaces in the credentials file, of which the SDK reads some",
    credentials: `[my team]\n${KEYS}[my other team]\n${KEYS}`,
    shown: ["my other team: access keys", `my team ✗ profile: ${UNREADABLE}`],
  },
  {
    title: "names with every character that the SDK reads",
    config: `[profile a-b_c@d+e.f%g:h/i]\n${KEYS}[profile 123456789012]\n${KEYS}`,
    shown: ["123456789012: access keys", "a-b_c@d+e.f%g:h/i: access keys"],
  },
  {
    title: "a source whose name the SDK cannot read",
    config: `[profile "my team"]\n${KEYS}[profile r]\n${ROLE}source_profile = my team\n`,
    shown: [
      `my team ✗ profile: ${UNREADABLE}`,
      `r ✗ assume role from my team: of its source_profile "my team": ${UNREADABLE}`,
    ],
  },
  {
    title: "what the AWS CLI writes for nested settings does not get in the way of others",
    config: `[default]\ns3 =\n  max_concurrent_requests = 20\n  addressing_style = path\nregion = us-east-2\n${KEYS}`,
    shown: ["default: access keys, us-east-2"],
  },
  {
    title: "a setting without a value",
    config: `[profile a]\nregion =\n${KEYS}`,
    shown: ["a: access keys"],
  },
  {
    title: "settings that tell nothing about credentials",
    config: `[profile a]\noutput = json\ncli_pager =\nretry_mode = adaptive\nduration_seconds = 900\nendpoint_url = http://127.0.0.1:4566\n${KEYS}`,
    shown: ["a: access keys"],
  },
  {
    title: "services of a profile",
    config: `[profile a]\nservices = local\n${KEYS}[services local]\nkms =\n  endpoint_url = http://127.0.0.1\n`,
    shown: ["a: access keys"],
  },
  {
    // https://github.com/aws/aws-toolkit-vscode/issues/2885
    title: "a device of keys that assume no role",
    config: `[profile a]\nmfa_serial = arn:aws:iam::1:mfa/a\n${KEYS}`,
    shown: ["a: access keys"],
  },
  {
    // https://github.com/aws/aws-toolkit-vscode/issues/1624
    title: "a device of the source is not asked for, by the AWS CLI neither",
    config: `[profile base]\nmfa_serial = arn:aws:iam::1:mfa/a\n${KEYS}[profile admin]\n${ROLE}source_profile = base\n`,
    shown: ["admin: assume role from base", "base: access keys"],
  },
  {
    // https://github.com/aws/aws-toolkit-vscode/issues/1508, /issues/164
    title: "a vault as the source of a role",
    config: `[profile vault]\ncredential_process = aws-vault exec --json work\n[profile r]\n${ROLE}source_profile = vault\n`,
    shown: ["r: assume role from vault", "vault: credential_process"],
  },
  {
    title: "a program in the credentials file",
    config: "[profile p]\nregion = us-east-2\n",
    credentials: "[p]\ncredential_process = x\n",
    shown: ["p: credential_process, us-east-2"],
  },
  {
    title: "aws login as the source of a role",
    config: `[profile l]\nlogin_session = arn:aws:iam::1:user/a\n[profile r]\n${ROLE}source_profile = l\n`,
    shown: ["l: login session", "r: assume role from l"],
  },
  {
    title: "web identity comes before a source",
    config: `${BASE}[profile w]\n${ROLE}web_identity_token_file = /t\nsource_profile = base\n`,
    shown: ["base: access keys", "w: web identity"],
  },
  {
    title: "the AWS SDK passes over settings in capitals, which the AWS CLI reads",
    // https://github.com/aws/aws-toolkit-vscode/issues/2394
    credentials: "[a]\nAWS_ACCESS_KEY_ID = AKIA\nAWS_SECRET_ACCESS_KEY = canary\n",
    config: "[profile b]\nRole_Arn = arn:aws:iam::111122223333:role/r\nregion = x\n",
    shown: [
      `a ✗ profile: the AWS SDK does not read its AWS_ACCESS_KEY_ID; write aws_access_key_id`,
      `b ✗ profile: the AWS SDK does not read its Role_Arn; write role_arn`,
    ],
  },
  {
    title: "the words of sections are in small letters",
    config: `[Profile a]\n${KEYS}[DEFAULT]\n${KEYS}[PROFILE b]\n${KEYS}`,
    shown: [],
  },
  {
    title: "white space around names",
    config: `[profile   a]\n${KEYS}[profile b  ]\n${KEYS}[profile\tc]\n${KEYS}[  default  ]\n${KEYS}`,
    shown: [`a ✗ profile: ${UNREADABLE}`, `b ✗ profile: ${UNREADABLE}`, "c: access keys"],
  },
  {
    title: "settings that are indented throughout",
    config: `[profile a]\n  region = us-east-2\n  ${KEYS.replace("\n", "\n  ")}`,
    shown: ["a: access keys, us-east-2"],
  },
  {
    title: "settings before the first section are nobody's",
    config: `region = us-east-2\n[profile a]\n${KEYS}`,
    shown: ["a: access keys"],
  },
  {
    title: "a session with a name in quotes and spaces",
    config:
      '[sso-session "my corp"]\nsso_start_url = https://x\nsso_region = x\n[profile a]\nsso_session = my corp\nsso_account_id = 1\nsso_role_name = R\n',
    shown: ['a ✗ SSO session my corp: its sso_session "my corp" does not exist'],
  },
  {
    title: "a session that stands in the credentials file is not there",
    config: "[profile a]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = R\n",
    credentials: SESSION,
    shown: ['a ✗ SSO session corp: its sso_session "corp" does not exist'],
  },
  {
    title: "a profile called __proto__ in quotes",
    config: `${BASE}[profile "__proto__"]\n${ROLE}source_profile = base\n`,
    shown: ["__proto__ ✗ profile: it has no settings", "base: access keys"],
  },
  {
    title: "a setting called __proto__",
    config: `${BASE}__proto__ = x\n`,
    shown: ["base: access keys"],
  },
  {
    title: "names of what every object has",
    config: `[profile constructor]\n${KEYS}[profile toString]\n${ROLE}source_profile = valueOf\n`,
    shown: [
      "constructor: access keys",
      'toString ✗ assume role from valueOf: its source_profile "valueOf" does not exist',
    ],
  },
  {
    title: "a file of Windows, with a byte order mark and comments",
    config: `\ufeff[default] # mine\r\n${KEYS.replaceAll("\n", "\r\n")}; [profile no]\r\n[profile a] ;x\r\nregion = x ; y\r\n`,
    shown: ["a: credentials of the environment or this machine, x", "default: access keys"],
  },
];

suite("Profiles", () => {
  const home = useHome();

  for (const { title, config, credentials, shown } of cases) {
    test(`${title} → ${shown.join("; ") || "none"}`, async () => {
      if (config !== undefined) home.config(config);
      if (credentials !== undefined) home.credentials(credentials);
      const profiles = await listProfiles();
      assert.doesNotMatch(JSON.stringify(profiles), /canary/);
      assert.deepEqual(
        profiles.map(({ name, kind, region, problem }) =>
          problem === undefined
            ? `${name}: ${[kind, region].filter(Boolean).join(", ")}`
            : `${name} ✗ ${kind}: ${problem}`,
        ),
        shown,
      );
    });
  }
});
