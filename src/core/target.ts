/** Which key, identity, context and profile are in force: from the choices of the status bar and the settings. */
import { resolveContext, type ContextVariables, type EncryptionContext } from "./encryptionContext";
import type { Envelope } from "./messages";
import { SANDBOX_ALIAS } from "./sandbox";
import type { IdentityEntry, Settings, SettingScope } from "./settings";
import type { TokenFormat } from "./tokens";

/** What a person chose in the status bar, remembered for the workspace; wins over the settings. */
export interface Choices {
  readonly identity?: string;
  readonly keyAlias?: string;
  readonly profile?: string;
  readonly region?: string;
  readonly sandbox?: boolean;
}

/** The choices once another identity is chosen: its own key, profile and Region win over those chosen for the one before. */
export function chooseIdentity(choices: Choices, identity: string, settings: Settings): Choices {
  const entries = settings.identities.value;
  const entry: IdentityEntry = Object.hasOwn(entries, identity) ? (entries[identity] ?? {}) : {};
  const { keyAlias, profile, region, ...others } = choices;
  const hasProfile = [entry.profile, entry.encryptProfile, entry.decryptProfile].some(Boolean);
  return {
    ...others,
    ...(keyAlias === undefined || entry.keyAlias ? {} : { keyAlias }),
    ...(profile === undefined || hasProfile ? {} : { profile }),
    ...(region === undefined || entry.region ? {} : { region }),
    identity,
  };
}

/** Where a value was decided. */
export type Origin = "choice" | "identity" | SettingScope | "sandbox";

export interface Decided<T> {
  readonly value: T;
  readonly origin: Origin;
}

export interface Target {
  readonly sandbox: boolean;
  readonly identity: Decided<string>;
  /** `undefined`: not configured. */
  readonly key: Decided<string> | undefined;
  /** A Region that was set or chosen; an ARN, the profile and the environment have their say later. */
  readonly region: Decided<string> | undefined;
  /** `undefined`: the AWS SDK's own order. */
  readonly encryptProfile: string | undefined;
  readonly decryptProfile: string | undefined;
  readonly outputFormat: TokenFormat;
  readonly envelope: Envelope;
  /** Each can open what is encrypted; by their ARNs. */
  readonly additionalKeys: Decided<readonly string[]>;
  /** PEM, or the path of a file that holds it; empty: none. Only its owner's offline half opens what is encrypted. */
  readonly recoveryPublicKey: Decided<string>;
  /** With replicas of the key, which open its ciphertexts where its own Region cannot be reached. */
  readonly fallbackRegions: Decided<readonly string[]>;
  readonly encryptInFallbackRegions: Decided<boolean>;
  readonly dataKeyCaching: boolean;
  readonly allowUncommittedMessages: boolean;
  readonly contextTemplate: Decided<EncryptionContext>;
  readonly contextProfile: string | undefined;
}

/** Where the extension runs: the environment variables that the AWS SDK reads, as far as they name a profile. */
export interface ProfileEnvironment {
  readonly AWS_PROFILE?: string | undefined;
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html */
export function defaultProfileName(environment: ProfileEnvironment): string {
  return environment.AWS_PROFILE || "default";
}

/** The identities that can be switched to: the configured ones, or two to play with in the sandbox. */
export function offeredIdentities(settings: Settings, sandbox: boolean): string[] {
  const configured = Object.keys(settings.identities.value);
  return configured.length === 0 && sandbox ? ["alice", "bob"] : configured;
}

function first<T>(...candidates: readonly (Decided<T | undefined> | undefined)[]): Decided<T> | undefined {
  const isSet = (each: Decided<T | undefined> | undefined): each is Decided<T> =>
    each?.value !== undefined && each.value !== "";
  return candidates.find(isSet);
}

const chosen = <T>(value: T | undefined): Decided<T | undefined> => ({ value, origin: "choice" });

export function resolveTarget(settings: Settings, choices: Choices, environment: ProfileEnvironment): Target {
  const set = <T>(setting: { value: T; scope: SettingScope }): Decided<T> => ({
    value: setting.value,
    origin: setting.scope,
  });
  const sandbox = choices.sandbox ?? settings.sandbox.value;
  const chosenProfile = first(chosen(choices.profile), set(settings.profile))?.value;
  const identity =
    first(chosen(choices.identity), set(settings.identity)) ??
    (sandbox
      ? { value: offeredIdentities(settings, sandbox)[0] ?? "alice", origin: "sandbox" as const }
      : { value: chosenProfile ?? defaultProfileName(environment), origin: "default" as const });
  const entries = settings.identities.value;
  // An identity may be called "constructor".
  const entry: IdentityEntry = Object.hasOwn(entries, identity.value) ? (entries[identity.value] ?? {}) : {};
  const ofIdentity = <T>(value: T | undefined): Decided<T | undefined> => ({ value, origin: "identity" });

  const profileFor = (direction: string | undefined): string | undefined =>
    choices.profile || direction || entry.profile || chosenProfile;
  const encryptProfile = profileFor(entry.encryptProfile);
  const decryptProfile = profileFor(entry.decryptProfile);
  // The sandbox sends nothing to AWS.
  const list = (name: "additionalKeys" | "fallbackRegions"): Decided<readonly string[]> =>
    sandbox ? { value: [], origin: "sandbox" } : (first(ofIdentity(entry[name])) ?? set(settings[name]));
  const additionalKeys = list("additionalKeys");
  return {
    sandbox,
    identity,
    key: sandbox
      ? { value: SANDBOX_ALIAS, origin: "sandbox" }
      : first(chosen(choices.keyAlias), ofIdentity(entry.keyAlias), set(settings.keyAlias)),
    region: sandbox
      ? undefined
      : first(chosen(choices.region), ofIdentity(entry.region), set(settings.region)),
    encryptProfile,
    decryptProfile,
    outputFormat: settings.outputFormat.value,
    envelope: envelopeOf(settings, additionalKeys.value.length > 0),
    additionalKeys,
    recoveryPublicKey: set(settings.recoveryPublicKey),
    fallbackRegions: list("fallbackRegions"),
    encryptInFallbackRegions: set(settings.encryptInFallbackRegions),
    dataKeyCaching: settings.dataKeyCaching.value,
    allowUncommittedMessages: settings.allowUncommittedMessages.value,
    contextTemplate: entry.encryptionContext
      ? { value: entry.encryptionContext, origin: "identity" }
      : set(settings.encryptionContext),
    contextProfile:
      encryptProfile === decryptProfile ? (encryptProfile ?? defaultProfileName(environment)) : undefined,
  };
}

/** A KMS ciphertext opens with one key alone. */
function envelopeOf({ envelope, recoveryPublicKey }: Settings, hasAdditionalKeys: boolean): Envelope {
  if (!hasAdditionalKeys && recoveryPublicKey.value === "") return envelope.value;
  return envelope.value === "never" ? "impossible" : "always";
}

/** Throws `context-invalid`. */
export function contextOf(
  target: Target,
  place: Pick<ContextVariables, "workspaceFolderBasename" | "relativeFile">,
): EncryptionContext {
  return resolveContext(target.contextTemplate.value, {
    ...place,
    identity: target.identity.value,
    profile: target.contextProfile,
  });
}
