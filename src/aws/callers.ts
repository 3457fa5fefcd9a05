/** Who calls, as STS says: asked once for each access key, for as long as the window is open. */
import type { KMSClient } from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { KmsSelectionError } from "../core/errors";
import type { Caller } from "../core/keyAccess";
import type { Connection } from "./connection";
import { endpointOf } from "./endpoints";
import { requestHandler } from "./requestHandler";
import { translateError } from "./sdkErrors";
import { whenAborted } from "./whenAborted";

/** Milliseconds. */
const REQUEST_TIMEOUT = 5_000;

/** Milliseconds for which an STS that does not tell, or cannot be reached, is left alone. */
const FAILURE_PERIOD = 15 * 60_000;

export class Callers {
  private readonly known = new Map<string, Promise<Caller>>();
  private readonly failures = new Map<string, number>();

  /**
   * `client`: the connection's, whose credentials are asked about. `anew`: also when STS has lately failed. Throws
   * `KmsSelectionError`.
   */
  async of(client: KMSClient, connection: Connection, signal: AbortSignal, anew: boolean): Promise<Caller> {
    try {
      return await whenAborted(signal, this.find(client, connection, anew));
    } catch (error) {
      throw translateError(error, connection.settings);
    }
  }

  private async find(client: KMSClient, connection: Connection, anew: boolean): Promise<Caller> {
    // The client keeps its credentials; no second code of a multi-factor device is asked for.
    const { accessKeyId } = await client.config.credentials();
    const failedAt = this.failures.get(accessKeyId);
    const isDue = failedAt !== undefined && (anew || Date.now() - failedAt > FAILURE_PERIOD);
    let caller = isDue ? undefined : this.known.get(accessKeyId);
    if (!caller) {
      this.failures.delete(accessKeyId);
      caller = ask(client, connection);
      this.known.set(accessKeyId, caller);
      caller.catch(() => this.failures.set(accessKeyId, Date.now()));
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
    maxAttempts: 2,
    credentials: client.config.credentials,
    requestHandler: requestHandler(connection, {
      connectionTimeout: REQUEST_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
    }),
  });
  try {
    const { Arn, Account } = await sts.send(new GetCallerIdentityCommand({}));
    if (Arn === undefined || Account === undefined) throw new KmsSelectionError({ code: "response-invalid" });
    return { arn: Arn, account: Account };
  } finally {
    sts.destroy();
  }
}
