/** The credentials of connections, as the AWS CLI would find them: had once, kept, and had anew when they end. */
import { getDefaultRoleAssumer, getDefaultRoleAssumerWithWebIdentity } from "@aws-sdk/client-sts";
import { fromIni, fromNodeProviderChain } from "@aws-sdk/credential-providers";
import { doesIdentityRequireRefresh, isIdentityExpired, memoizeIdentityProvider } from "@smithy/core";
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from "@smithy/types";
import { KmsSelectionError } from "../core/errors";
import type { AskMfaCode, MfaRefusal } from "../core/mfa";
import type { Renewable } from "./awsKms";
import type { Connection } from "./connection";
import { fingerprintNow } from "./credentialSources";
import { endpointOf, type Service } from "./endpoints";
import { requestHandler } from "./requestHandler";
import { SessionRenewal } from "./sessionRenewal";

/** Settings by which a profile says itself where its credentials come from. */
const SOURCES = [
  "aws_access_key_id",
  "credential_process",
  "credential_source",
  "login_session",
  "role_arn",
  "sso_account_id",
  "sso_session",
  "sso_start_url",
  "web_identity_token_file",
];

/** Of one profile, for all clients and operations: whoever waits for them waits for the same. */
export class Credentials implements Renewable {
  /** For a client of the SDK, which keeps nothing of its own besides. */
  readonly provider: AwsCredentialIdentityProvider & { readonly memoized: true };
  generation = 0;
  private doubtful = false;
  private kept: AwsCredentialIdentityProvider;
  private readonly source: AwsCredentialIdentityProvider;

  /** `isOfThese`: whether the files are still those that these credentials are for. The SDK reads them when it needs them. */
  constructor(source: AwsCredentialIdentityProvider, isOfThese: () => Promise<boolean>) {
    this.source = async (options) => {
      const had = await source(options);
      if (!(await isOfThese())) this.doubtful = true;
      return had;
    };
    this.kept = keep(this.source);
    this.provider = Object.assign((options?: Record<string, unknown>) => this.provide(options), {
      memoized: true as const,
    });
  }

  /** They could not be had at some time, or were had from other files: what is kept may be of another session. */
  get isDoubtful(): boolean {
    return this.doubtful;
  }

  private async provide(options?: Record<string, unknown>): Promise<AwsCredentialIdentity> {
    try {
      return await this.kept(options);
    } catch (error) {
      this.doubtful = true;
      throw error;
    }
  }

  /** Also what is still waited for is forgotten. */
  renew(generation: number): void {
    // Others may have been faster.
    if (generation !== this.generation) return;
    this.generation++;
    this.kept = keep(this.source);
  }
}

function keep(source: AwsCredentialIdentityProvider): AwsCredentialIdentityProvider {
  return memoizeIdentityProvider(source, isIdentityExpired, doesIdentityRequireRefresh) ?? source;
}

export class CredentialStore {
  private readonly profiles = new Map<string, { readonly fingerprint: string; credentials: Credentials }>();
  private readonly renewals = new Map<string, SessionRenewal>();
  private readonly askMfaCode: AskMfaCode;

  constructor(askMfaCode: AskMfaCode) {
    this.askMfaCode = askMfaCode;
  }

  /** Those of the connection's profile, new ones where what they depend on is other than before. */
  of(connection: Connection): Credentials {
    const { fingerprint } = connection;
    const name = JSON.stringify(connection.profile);
    let found = this.profiles.get(name);
    if (found?.fingerprint !== fingerprint || found.credentials.isDoubtful) {
      const source = sourceOf(connection, this.askMfaCode, this.renewalOf(connection));
      const isOfThese = async (): Promise<boolean> =>
        (await fingerprintNow(connection.profile)) === fingerprint;
      found = { fingerprint, credentials: new Credentials(source, isOfThese) };
      this.profiles.set(name, found);
    }
    return found.credentials;
  }

  private renewalOf(connection: Connection): SessionRenewal | undefined {
    const { session, caBundle } = connection;
    if (!session) return undefined;
    const id = JSON.stringify([session.cacheFile, caBundle]);
    const renewal = this.renewals.get(id) ?? new SessionRenewal(connection);
    this.renewals.set(id, renewal);
    return renewal;
  }
}

/**
 * A profile that says where its credentials come from is asked alone: the SDK's chain would go on to the machine's own
 * role when that fails, act as somebody else, and hide the reason. Every other profile gets the whole chain.
 */
function sourceOf(
  connection: Connection,
  askMfaCode: AskMfaCode,
  renewal: SessionRenewal | undefined,
): AwsCredentialIdentityProvider {
  const { profile, settings, region } = connection;
  const sts = { ...clientConfig("sts", connection), region: settings.region ?? region };
  const init = {
    // The connection's files may be newer than what the SDK has read in this bundle.
    ignoreCache: true,
    ...(profile !== undefined && { profile }),
    clientConfig: { ...sessionConfig(connection), ...(renewal && { requestHandler: renewal }) },
    roleAssumer: getDefaultRoleAssumer(sts),
    roleAssumerWithWebIdentity: getDefaultRoleAssumerWithWebIdentity(sts),
  };
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
  const isOfEnvironment = profile === undefined && AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY;
  const isNamed = !isOfEnvironment && SOURCES.some((source) => settings[source] !== undefined);
  if (!isNamed) return fromNodeProviderChain(init);
  const source = withMfa((mfaCodeProvider) => fromIni({ ...init, mfaCodeProvider }), connection, askMfaCode);
  return renewal ? renewal.watching(source) : source;
}

/** Asks again when AWS does not take the code; it ends when the person has had enough. */
function withMfa(
  source: (mfaCodeProvider: (device: string) => Promise<string>) => AwsCredentialIdentityProvider,
  { profile = "default" }: Connection,
  askMfaCode: AskMfaCode,
): AwsCredentialIdentityProvider {
  return async (options) => {
    for (let refusal: MfaRefusal | undefined; ;) {
      const refused = refusal;
      try {
        return await source((device) => askMfaCode({ profile, device, refused }))(options);
      } catch (error) {
        refusal = refusalOf(error);
        if (refusal === undefined) throw error;
      }
    }
  };
}

/** STS tells a wrong code and a wrong device by the message alone. */
function refusalOf(error: unknown): MfaRefusal | undefined {
  if (!(error instanceof Error) || !error.message.startsWith("MultiFactorAuthentication failed")) {
    return undefined;
  }
  return /unable to validate|serial number is valid/i.test(error.message) ? "device" : "code";
}

/** The SDK takes one endpoint for both services of Identity Center. Throws `setting-invalid`. */
function sessionConfig(connection: Connection) {
  if (connection.session?.kind === "login") return clientConfig("signin", connection);
  const [portal, tokens] = [endpointOf("sso", connection), endpointOf("sso_oidc", connection)];
  if (connection.session && portal?.url !== tokens?.url) {
    const setting = `${portal?.origin ?? tokens?.origin ?? "endpoint_url"} of sso and sso_oidc`;
    const reason = "the AWS SDK takes one endpoint_url for both";
    throw new KmsSelectionError({ code: "setting-invalid", setting, reason });
  }
  return clientConfig("sso", connection);
}

/** For a client inside the SDK, which would look for its endpoint in the profile of AWS_PROFILE. */
function clientConfig(service: Service, connection: Connection) {
  const endpoint = endpointOf(service, connection);
  return {
    ...(endpoint ? { endpoint: endpoint.url } : { ignoreConfiguredEndpointUrls: true }),
    requestHandler: requestHandler(connection),
  };
}
