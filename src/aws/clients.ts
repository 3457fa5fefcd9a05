/** One KMS client for each way to KMS, kept as long as the way stays the same. */
import { KMSClient, type KMSClientConfig } from "@aws-sdk/client-kms";
import type { Connection } from "./connection";
import { credentialsOf } from "./credentials";

/** Milliseconds. A person cancels earlier; these end what nobody watches. */
const CONNECTION_TIMEOUT = 10_000;
const REQUEST_TIMEOUT = 60_000;

export class Clients {
  private readonly clients = new Map<string, KMSClient>();
  private fingerprint: string | undefined;

  /** The cached client, or a new one where the connection, or a shared config file, is another than before. */
  get(connection: Connection): KMSClient {
    if (connection.fingerprint !== this.fingerprint) {
      // Not destroyed: an operation under way may still use them.
      this.clients.clear();
      this.fingerprint = connection.fingerprint;
    }
    const id = JSON.stringify([connection.profile, connection.region, connection.endpoint?.url]);
    let client = this.clients.get(id);
    if (!client) {
      client = new KMSClient(configOf(connection));
      this.clients.set(id, client);
    }
    return client;
  }

  dispose(): void {
    for (const client of this.clients.values()) client.destroy();
    this.clients.clear();
  }
}

function configOf(connection: Connection): KMSClientConfig {
  return {
    ...(connection.profile === undefined ? {} : { profile: connection.profile }),
    // Otherwise the SDK would look into the profile of AWS_PROFILE, which need not be the one in use.
    ...(connection.endpoint ? { endpoint: connection.endpoint.url } : { ignoreConfiguredEndpointUrls: true }),
    region: connection.region,
    credentials: credentialsOf(connection),
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      throwOnRequestTimeout: true,
    },
  };
}
