/**
 * Where a request would go: profile, Region and endpoint, and the rule that chose them. A bundle of its own, without the
 * SDK's clients, so that the status bar can tell without loading them.
 */
import { KmsSelectionError } from "../core/errors";
import { parseKeyId } from "../core/keyId";
import type { SignInSession } from "../core/signIn";
import { loadCaBundle } from "./caBundle";
import { fingerprintOf, signInSessionOf } from "./credentialSources";
import { endpointOf, type Endpoint, type EndpointSettings } from "./endpoints";
import { describeProfile, describeProfiles, type ProfileDescription } from "./profiles";
import { REGIONS } from "./regions";
import { loadSharedConfig } from "./sharedConfig";

export type RegionRule = "ARN" | "setting" | "profile" | "environment";

export interface Connection extends EndpointSettings {
  /** `undefined`: the SDK's own order, in which environment variables come before the profile `default`. */
  readonly profile: string | undefined;
  readonly region: string;
  readonly regionRule: RegionRule;
  /** A custom endpoint of KMS. */
  readonly endpoint: Endpoint | undefined;
  /** Certificate authorities in PEM, besides those that are trusted anyway. */
  readonly caBundle: string | undefined;
  /** What a person renews by signing in, if the credentials are of that kind. */
  readonly session: SignInSession | undefined;
  /** A connection with another fingerprint may have other credentials. */
  readonly fingerprint: string;
}

export interface ConnectionRequest {
  readonly keyId: string;
  /** `undefined`: `AWS_PROFILE`, then the SDK's own order. */
  readonly profile: string | undefined;
  /** From the settings or a choice. */
  readonly region: string | undefined;
}

/** Throws `profile-not-found`, `region-missing`, `setting-invalid`, `credentials-failed`, `config-file-unreadable`, `config-file-malformed`. */
export async function resolveConnection(request: ConnectionRequest): Promise<Connection> {
  const config = await loadSharedConfig();
  const profile = request.profile ?? (process.env.AWS_PROFILE || undefined);
  const ofProfile = config.profiles.get(profile ?? "default");
  if (profile !== undefined && !ofProfile && !config.unread.has(profile)) {
    throw new KmsSelectionError({
      code: "profile-not-found",
      profile,
      files: [config.configFile, config.credentialsFile],
    });
  }
  // Without a named profile the credentials may come from elsewhere.
  const problem = profile === undefined ? undefined : describeProfile(profile, config).problem;
  // The SDK fails on these in words of its own, which do not name what is missing.
  if (problem !== undefined) throw new KmsSelectionError({ code: "credentials-failed", reason: problem });
  // Empty where there is no such profile.
  const settings = ofProfile ?? {};
  const services = config.services.get(settings.services ?? "") ?? {};
  const name = profile ?? "default";
  const session = signInSessionOf(name, config);
  const caBundle = await loadCaBundle(settings);
  return {
    profile,
    ...resolveRegion(request, settings.region),
    endpoint: endpointOf("kms", { settings, services }),
    caBundle,
    session,
    fingerprint: await fingerprintOf(name, config, session, caBundle),
    settings,
    services,
  };
}

function resolveRegion(
  { keyId, region }: ConnectionRequest,
  ofProfile: string | undefined,
): Pick<Connection, "region" | "regionRule"> {
  const ofArn = parseKeyId(keyId)?.region;
  if (ofArn) return { region: ofArn, regionRule: "ARN" };
  if (region) return { region, regionRule: "setting" };
  if (ofProfile) return { region: ofProfile, regionRule: "profile" };
  const ofEnvironment = process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION;
  if (ofEnvironment) return { region: ofEnvironment, regionRule: "environment" };
  throw new KmsSelectionError({ code: "region-missing" });
}

/** All profiles of both files, sorted by name. Throws `config-file-unreadable`, `config-file-malformed`. */
export async function listProfiles(): Promise<ProfileDescription[]> {
  return describeProfiles(await loadSharedConfig());
}

export interface OfferedRegion {
  readonly region: string;
  readonly description: string;
}

/** Those that the profiles name, which come first, and all others of AWS. Throws as `listProfiles` does. */
export async function listRegions(): Promise<OfferedRegion[]> {
  const profiles = await listProfiles();
  const named = new Map<string, string[]>();
  for (const { name, region } of profiles) {
    if (region !== undefined) named.set(region, [...(named.get(region) ?? []), name]);
  }
  const ofProfiles = [...named.keys()].sort();
  const others = Object.keys(REGIONS).filter((region) => !named.has(region));
  return [...ofProfiles, ...others].map((region) => {
    const users = named.get(region)?.slice(0, 3).join(", ");
    const description = [REGIONS[region], users && `of profile ${users}`].filter(Boolean).join(", ");
    return { region, description };
  });
}

export { sharedConfigFiles } from "./sharedConfig";
