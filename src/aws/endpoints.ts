/** Custom endpoints of AWS services. There is no setting of ours for them: a workspace could send text to a host of its own. */
import { KmsSelectionError } from "../core/errors";
import type { Profile } from "./sharedConfig";

/** As the shared config files name it: https://docs.aws.amazon.com/sdkref/latest/guide/ss-endpoints-table.html */
export type Service = "kms" | "cloudformation" | "sts" | "sso" | "sso_oidc" | "signin";

export interface Endpoint {
  readonly url: string;
  /** Where it was set. */
  readonly origin: string;
}

/** What decides on endpoints, besides the environment. */
export interface EndpointSettings {
  /** The profile's own settings. */
  readonly settings: Profile;
  /** Those of the `[services NAME]` section that the profile names. */
  readonly services: Profile;
}

/**
 * In the order of https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html, but for the profile in
 * use: the JavaScript SDK itself looks only into that of `AWS_PROFILE`. `undefined`: AWS's own endpoint. Throws
 * `setting-invalid`.
 */
export function endpointOf(service: Service, { settings, services }: EndpointSettings): Endpoint | undefined {
  const ignored = process.env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS ?? settings.ignore_configured_endpoint_urls;
  if (ignored?.toLowerCase() === "true") return undefined;
  const variable = `AWS_ENDPOINT_URL_${service.toUpperCase()}`;
  const candidates: readonly (readonly [url: string | undefined, origin: string])[] = [
    [process.env[variable], variable],
    [process.env.AWS_ENDPOINT_URL, "AWS_ENDPOINT_URL"],
    [services[`${service}.endpoint_url`], `services ${settings.services ?? ""}`],
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
