/** What the credentials of a profile depend on: the profiles that it goes through, and the session at their end. */
import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { getSSOTokenFilepath } from "@smithy/core/config";
import type { SignInSession } from "../core/signIn";
import { loadCaBundle } from "./caBundle";
import { loadSharedConfig, type Profile, type SharedConfig } from "./sharedConfig";

type Config = Pick<SharedConfig, "profiles" | "services" | "ssoSessions">;

/** The profile and its source profiles, as far as they exist, each once. */
function chainOf(name: string, { profiles }: Config): [name: string, settings: Profile][] {
  const chain = new Map<string, Profile>();
  for (let next: string | undefined = name; next !== undefined && !chain.has(next);) {
    const settings = profiles.get(next);
    if (!settings) break;
    chain.set(next, settings);
    const isRole = settings.role_arn !== undefined && settings.web_identity_token_file === undefined;
    next = isRole ? settings.source_profile : undefined;
  }
  return [...chain];
}

/** The session that a person renews by signing in, in the order in which the SDK looks for credentials. */
export function signInSessionOf(name: string, config: Config): SignInSession | undefined {
  const [profile, settings] = chainOf(name, config).at(-1) ?? [name, {}];
  const { role_arn, aws_access_key_id, web_identity_token_file, credential_process } = settings;
  if (role_arn ?? aws_access_key_id ?? web_identity_token_file ?? credential_process) return undefined;
  const sso = settings.sso_session ?? settings.sso_start_url;
  if (sso !== undefined) return { kind: "sso", profile, cacheFile: getSSOTokenFilepath(sso) };
  const { login_session } = settings;
  if (login_session === undefined) return undefined;
  return { kind: "login", profile, cacheFile: loginCacheFile(login_session) };
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-login-credentials.html */
function loginCacheFile(session: string): string {
  const folder = process.env.AWS_LOGIN_CACHE_DIRECTORY ?? join(homedir(), ".aws", "login", "cache");
  return join(folder, `${createHash("sha256").update(session).digest("hex")}.json`);
}

/** Changes when anything does that the profile's credentials depend on, and with nothing else in the files. */
export async function fingerprintOf(
  name: string,
  config: Config,
  session: SignInSession | undefined,
  caBundle: string | undefined,
): Promise<string> {
  const chain = chainOf(name, config);
  const services = chain.map(([, settings]) => config.services.get(settings.services ?? ""));
  const ssoSessions = chain.map(([, settings]) => config.ssoSessions.get(settings.sso_session ?? ""));
  // Without a token no two are the same: what is had after the next sign-in must not outlive it.
  const token = session && (await readFile(session.cacheFile, "utf8").catch(() => randomUUID()));
  const all = JSON.stringify([chain, services, ssoSessions, token, caBundle]);
  return createHash("sha256").update(all).digest("hex");
}

/** That of the files as they are now; `undefined`: they cannot be read. */
export async function fingerprintNow(profile = "default"): Promise<string | undefined> {
  try {
    const config = await loadSharedConfig();
    const caBundle = await loadCaBundle(config.profiles.get(profile) ?? {});
    return await fingerprintOf(profile, config, signInSessionOf(profile, config), caBundle);
  } catch {
    return undefined;
  }
}
