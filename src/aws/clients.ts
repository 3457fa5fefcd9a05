/** One KMS client for each way to KMS, kept as long as the way stays the same. */
import { KMSClient, type KMSClientConfig } from "@aws-sdk/client-kms";
import type { Connection } from "./connection";
import type { Credentials } from "./credentials";
import { OF_SEVERAL, requestHandler } from "./requestHandler";

/** Whether it is the only KMS that could answer. */
export type Patience = "alone" | "of-several";

export class Clients {
  private readonly clients = new Map<
    string,
    { readonly credentials: Credentials; readonly client: KMSClient }
  >();

  /** The cached client, or a new one where the connection is another than before, or its credentials are. */
  get(connection: Connection, credentials: Credentials, patience: Patience = "alone"): KMSClient {
    const { profile, region, endpoint, caBundle } = connection;
    const id = JSON.stringify([profile, region, endpoint?.url, caBundle, patience]);
    const known = this.clients.get(id);
    if (known?.credentials === credentials) return known.client;
    // The one before is not destroyed: an operation under way may still use it.
    const client = new KMSClient(configOf(connection, credentials, patience));
    this.clients.set(id, { credentials, client });
    return client;
  }

  dispose(): void {
    for (const { client } of this.clients.values()) client.destroy();
    this.clients.clear();
  }
}

function configOf(connection: Connection, { provider }: Credentials, patience: Patience): KMSClientConfig {
  return {
    ...(connection.profile === undefined ? {} : { profile: connection.profile }),
    // Otherwise the SDK would look into the profile of AWS_PROFILE, which need not be the one in use.
    ...(connection.endpoint ? { endpoint: connection.endpoint.url } : { ignoreConfiguredEndpointUrls: true }),
    region: connection.region,
    credentials: provider,
    requestHandler: requestHandler(connection, patience === "alone" ? {} : OF_SEVERAL),
  };
}
