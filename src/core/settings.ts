/** The settings as one validated object. Where they come from is the editor's business; what they may be is said here. */
import type { EncryptionContext } from "./encryptionContext";
import { KmsSelectionError } from "./errors";
import { explainKeyId, parseKeyId } from "./keyId";
import { MAX_ENCRYPTED_DATA_KEYS, type EnvelopeMode } from "./messages";
import type { TokenFormat } from "./tokens";

/** The scope that a setting's value was taken from: the closest one that has it. */
export type SettingScope = "default" | "user" | "workspace" | "folder";

export interface Scoped<T> {
  readonly value: T;
  readonly scope: SettingScope;
}

export interface IdentityEntry {
  readonly profile?: string;
  readonly encryptProfile?: string;
  readonly decryptProfile?: string;
  readonly keyAlias?: string;
  readonly region?: string;
  readonly encryptionContext?: EncryptionContext;
  readonly additionalKeys?: readonly string[];
  readonly fallbackRegions?: readonly string[];
}

/** What a save does with decrypted text: makes tokens of it, says that it was written, or nothing. */
export type SealOnSave = "seal" | "warn" | "off";

export interface Settings {
  readonly keyAlias: Scoped<string>;
  readonly identity: Scoped<string>;
  readonly region: Scoped<string>;
  readonly encryptionContext: Scoped<EncryptionContext>;
  readonly outputFormat: Scoped<TokenFormat>;
  readonly envelope: Scoped<EnvelopeMode>;
  readonly additionalKeys: Scoped<readonly string[]>;
  readonly recoveryPublicKey: Scoped<string>;
  readonly fallbackRegions: Scoped<readonly string[]>;
  readonly encryptInFallbackRegions: Scoped<boolean>;
  readonly dataKeyCaching: Scoped<boolean>;
  readonly allowUncommittedMessages: Scoped<boolean>;
  readonly profile: Scoped<string>;
  readonly identities: Scoped<Readonly<Record<string, IdentityEntry>>>;
  readonly sandbox: Scoped<boolean>;
  readonly sealOnSave: Scoped<SealOnSave>;
  readonly revealSeconds: Scoped<number>;
  readonly clipboardSeconds: Scoped<number>;
  readonly hover: Scoped<boolean>;
  readonly codeLens: Scoped<boolean>;
}

export type SettingName = keyof Settings;

type Check<T> = (value: unknown, setting: string) => T;

function invalid(setting: string, reason: string): never {
  throw new KmsSelectionError({ code: "setting-invalid", setting, reason });
}

const string: Check<string> = (value, setting) =>
  typeof value === "string" ? value.trim() : invalid(setting, "it must be text");

const boolean: Check<boolean> = (value, setting) =>
  typeof value === "boolean" ? value : invalid(setting, "it must be true or false");

function seconds(least: number, most: number): Check<number> {
  return (value, setting) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? (value as number)
      : invalid(setting, `it must be a whole number from ${least} to ${most}`);
}

function record(value: unknown, setting: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    invalid(setting, "it must be an object");
  return value as Record<string, unknown>;
}

/** A key may be absent (empty), never malformed. */
export const keyAlias: Check<string> = (value, setting) => {
  const text = string(value, setting);
  return text === "" || parseKeyId(text) ? text : invalid(setting, explainKeyId(text));
};

export const region: Check<string> = (value, setting) => {
  const text = string(value, setting);
  return text === "" || /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text)
    ? text
    : invalid(setting, `"${text}" is not a Region, which looks like eu-central-1`);
};

/** Names go into contexts, policies and logs: no control characters, and short. */
const name: Check<string> = (value, setting) => {
  const text = string(value, setting);
  if (/[\u0000-\u001f\u007f]/.test(text)) invalid(setting, "it holds control characters");
  return text.length <= 256 ? text : invalid(setting, "it is longer than 256 characters");
};

const encryptionContext: Check<EncryptionContext> = (value, setting) => {
  for (const [pair, text] of Object.entries(record(value, setting))) {
    if (typeof text !== "string") invalid(setting, `the value of "${pair}" must be text in quotes`);
  }
  return value as EncryptionContext;
};

const outputFormat: Check<TokenFormat> = (value, setting) =>
  value === "base64" || value === "ENC[KMS]" ? value : invalid(setting, 'it must be "base64" or "ENC[KMS]"');

const envelope: Check<EnvelopeMode> = (value, setting) =>
  value === "auto" || value === "always" || value === "never"
    ? value
    : invalid(setting, 'it must be "auto", "always" or "never"');

/** A message has a data key for each, besides that of the key itself and of the recovery key. */
const MAX_ADDITIONAL_KEYS = MAX_ENCRYPTED_DATA_KEYS - 2;

function list(value: unknown, setting: string, item: Check<string>): string[] {
  if (!Array.isArray(value)) invalid(setting, "it must be a list");
  const items = value.map((each: unknown, index) => item(each, `${setting}[${index}]`));
  const twice = items.find((each, index) => items.indexOf(each) !== index);
  return twice === undefined ? items : invalid(setting, `it holds ${twice} twice`);
}

/** By their ARNs, which say where they are: they need not be in the Region and account of the key. */
const additionalKeys: Check<readonly string[]> = (value, setting) => {
  const keys = list(value, setting, (each, item) => {
    const text = string(each, item);
    return parseKeyId(text)?.region ? text : invalid(item, `"${text}" is not a key ARN or alias ARN`);
  });
  return keys.length <= MAX_ADDITIONAL_KEYS
    ? keys
    : invalid(setting, `it holds more than ${MAX_ADDITIONAL_KEYS} keys`);
};

const sealOnSave: Check<SealOnSave> = (value, setting) =>
  value === "seal" || value === "warn" || value === "off"
    ? value
    : invalid(setting, 'it must be "seal", "warn" or "off"');

const fallbackRegions: Check<readonly string[]> = (value, setting) =>
  list(value, setting, (each, item) => region(each, item) || invalid(item, "it is empty"));

const identityEntryChecks = {
  profile: name,
  encryptProfile: name,
  decryptProfile: name,
  keyAlias,
  region,
  encryptionContext,
  additionalKeys,
  fallbackRegions,
} satisfies Record<keyof IdentityEntry, Check<unknown>>;

function identityEntry(value: unknown, setting: string): IdentityEntry {
  const checked = Object.entries(record(value, setting)).map(([property, content]) => {
    if (!Object.hasOwn(identityEntryChecks, property)) {
      invalid(
        `${setting}.${property}`,
        `an identity has only ${Object.keys(identityEntryChecks).join(", ")}`,
      );
    }
    const check = identityEntryChecks[property as keyof IdentityEntry];
    return [property, check(content, `${setting}.${property}`)];
  });
  return Object.fromEntries(checked) as IdentityEntry;
}

const identities: Check<Record<string, IdentityEntry>> = (value, setting) =>
  Object.fromEntries(
    Object.entries(record(value, setting)).map(([identity, entry]) => {
      if (identity.trim() === "") invalid(setting, "an identity needs a name");
      return [name(identity, setting), identityEntry(entry, `${setting}.${identity}`)];
    }),
  );

const checks = {
  keyAlias,
  identity: name,
  region,
  encryptionContext,
  outputFormat,
  envelope,
  additionalKeys,
  recoveryPublicKey: string,
  fallbackRegions,
  encryptInFallbackRegions: boolean,
  dataKeyCaching: boolean,
  allowUncommittedMessages: boolean,
  profile: name,
  identities,
  sandbox: boolean,
  sealOnSave,
  revealSeconds: seconds(1, 600),
  clipboardSeconds: seconds(5, 600),
  hover: boolean,
  codeLens: boolean,
} satisfies { [Name in SettingName]: Check<Settings[Name]["value"]> };

export const settingNames = Object.keys(checks) as SettingName[];

/** Throws `setting-invalid`, which names the setting: a slip is never read as "not set". */
export function parseSettings(raw: Readonly<Record<SettingName, Scoped<unknown>>>): Settings {
  return Object.fromEntries(
    settingNames.map((setting) => {
      const { value, scope } = raw[setting];
      return [setting, { value: checks[setting](value, `kmsSelection.${setting}`), scope }];
    }),
  ) as unknown as Settings;
}
