/** Who calls, as STS says: asked once for each access key, for as long as the window is open. */
import type { KMSClient } from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { KmsSelectionError } from "../core/errors";
import type { Caller } from "../core/keyAccess";
import type { Connection } from "./connection";
import { endpointOf } from "./endpoints";
import { translateError } from "./sdkErrors";
import { whenAborted } from "./whenAborted";

/** Milliseconds. Nothing waits as long; it ends what nobody waits for any more. */
const REQUEST_TIMEOUT = 10_000;

export class Callers {
  private readonly known = new Map<string, Promise<Caller>>();

  /** `client`: the connection's, whose credentials are asked about. Throws `KmsSelectionError`. */
  async of(client: KMSClient, connection: Connection, signal: AbortSignal): Promise<Caller> {
    try {
      return await whenAborted(signal, this.find(client, connection));
    } catch (error) {
      throw translateError(error, connection.settings);
    }
  }

  private async find(client: KMSClient, connection: Connection): Promise<Caller> {
    // The client keeps its credentials; no second code of a multi-factor device is asked for.
    const { accessKeyId } = await client.config.credentials();
    let caller = this.known.get(accessKeyId);
    if (!caller) {
      caller = ask(client, connection);
      this.known.set(accessKeyId, caller);
      // A failure is asked about anew.
      caller.catch(() => this.known.delete(accessKeyId));
    }
    return caller;
  }
}

async function ask(client: KMSClient, connection: Connection): Promise<Caller> {
  const endpoint = endpointOf("sts", connection);
  const sts = new STSClient({
    // Otherwise the SDK would look into the profile of AWS_PROFILE, which need not be the one in use.
    ...(endpoint ? { endpoint: endpoint.url } : { ignoreConfiguredEndpointUrls: true }),
    ...(connection.profile === undefined ? {} : { profile: connection.profile }),
    region: connection.region,
    credentials: client.config.credentials,
    requestHandler: {
      connectionTimeout: REQUEST_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      throwOnRequestTimeout: true,
    },
  });
  try {
    const { Arn, Account } = await sts.send(new GetCallerIdentityCommand({}));
    if (Arn === undefined || Account === undefined) throw new KmsSelectionError({ code: "response-invalid" });
    return { arn: Arn, account: Account };
  } finally {
    sts.destroy();
  }
}
