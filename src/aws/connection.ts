/**
 * Where a request would go: profile, Region and endpoint, and the rule that chose them. A bundle of its own, without the
 * SDK's clients, so that the status bar can tell without loading them.
 */
import { KmsSelectionError } from "../core/errors";
import { parseKeyId } from "../core/keyId";
import { describeProfile, describeProfiles, type ProfileDescription } from "./profiles";
import { REGIONS } from "./regions";
import { loadSharedConfig, type Profile, type SharedConfig } from "./sharedConfig";

export type RegionRule = "ARN" | "setting" | "profile" | "environment";

export interface Connection {
  /** `undefined`: the SDK's own order, in which environment variables come before the profile `default`. */
  readonly profile: string | undefined;
  readonly region: string;
  readonly regionRule: RegionRule;
  /** A custom endpoint, and where it was set. */
  readonly endpoint: { readonly url: string; readonly origin: string } | undefined;
  /** Of the shared config files: a connection with another fingerprint may have other credentials. */
  readonly fingerprint: string;
  /** The profile's own settings; empty where there is no such profile. */
  readonly settings: Profile;
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
  const settings = config.profiles.get(profile ?? "default");
  if (profile !== undefined && !settings && !config.unread.has(profile)) {
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
  const { region, regionRule } = resolveRegion(request, settings?.region);
  const endpoint = resolveEndpoint(settings ?? {}, config);
  return { profile, region, regionRule, endpoint, fingerprint: config.fingerprint, settings: settings ?? {} };
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

/**
 * In the order of https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html, but for the profile in
 * use: the JavaScript SDK itself looks only into that of `AWS_PROFILE`.
 */
function resolveEndpoint(settings: Profile, config: SharedConfig): Connection["endpoint"] {
  const ignored = process.env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS ?? settings.ignore_configured_endpoint_urls;
  if (ignored?.toLowerCase() === "true") return undefined;
  const services = settings.services;
  const candidates: readonly (readonly [url: string | undefined, origin: string])[] = [
    [process.env.AWS_ENDPOINT_URL_KMS, "AWS_ENDPOINT_URL_KMS"],
    [process.env.AWS_ENDPOINT_URL, "AWS_ENDPOINT_URL"],
    [
      services === undefined ? undefined : config.services.get(services)?.["kms.endpoint_url"],
      `services ${services ?? ""}`,
    ],
    [settings.endpoint_url, "endpoint_url of the profile"],
  ];
  for (const [url, origin] of candidates) {
    if (!url) continue;
    if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
      throw new KmsSelectionError({
        code: "setting-invalid",
        setting: origin,
        reason: "it must be an http or https URL",
      });
    }
    const { username, password } = new URL(url);
    if (username || password) {
      // It would be shown in the tooltip.
      const reason = "it must not hold a user name or a password";
      throw new KmsSelectionError({ code: "setting-invalid", setting: origin, reason });
    }
    return { url, origin };
  }
  return undefined;
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
