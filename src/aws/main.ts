/** What the AWS bundle offers. It is loaded when the first request is to be made. */
import { KMSClient, type KMSClientConfig } from "@aws-sdk/client-kms";
import type { Caller } from "../core/keyAccess";
import type { AskMfaCode } from "../core/mfa";
import { AwsKms, type AwsKmsOptions, type RequestObserver } from "./awsKms";
import { Callers } from "./callers";
import { Clients, type Patience } from "./clients";
import type { Connection } from "./connection";
import { CredentialStore, type Credentials } from "./credentials";
import { FallbackKms, type Fallback } from "./fallbackKms";
import { RegionHealth } from "./regionHealth";
import type { KeysAtHome } from "./replicas";

export type { AwsKms } from "./awsKms";

export class Aws {
  private readonly clients = new Clients();
  private readonly callers = new Callers();
  private readonly health = new Map<string, RegionHealth>();
  private readonly keysAtHome = new Map<string, KeysAtHome>();
  private readonly credentials: CredentialStore;

  constructor(askMfaCode: AskMfaCode) {
    this.credentials = new CredentialStore(askMfaCode);
  }

  /** In the connection's Region alone. */
  kms(connection: Connection, observe: RequestObserver): AwsKms {
    return new AwsKms(this.options(connection, observe, "alone"));
  }

  /** In the connection's Region, where another KMS can answer if it does not do so soon. */
  kmsOfSeveral(
    connection: Connection,
    observe: RequestObserver,
    fallback: Pick<Fallback, "encrypts" | "onAnswer"> & { readonly regions: readonly string[] },
  ): AwsKms {
    const options = this.options(connection, observe, "of-several");
    const others = fallback.regions.filter((region) => region !== connection.region);
    if (others.length === 0) return new AwsKms(options);
    const replicas = others.map((region) => ({
      region,
      kms: this.kmsElsewhere(connection, region, observe),
    }));
    const keysAtHome = this.keysAt(connection);
    return new FallbackKms(options, { ...fallback, homeRegion: connection.region, keysAtHome, replicas });
  }

  /** In another Region, with the connection's credentials. */
  kmsElsewhere(connection: Connection, region: string, observe: RequestObserver): AwsKms {
    return new AwsKms(this.options({ ...connection, region }, observe, "of-several"));
  }

  private keysAt(connection: Connection): KeysAtHome {
    const { profile, region, endpoint } = connection;
    const place = JSON.stringify([profile, region, endpoint?.url]);
    const keys = this.keysAtHome.get(place) ?? new Map<string, string>();
    this.keysAtHome.set(place, keys);
    return keys;
  }

  private options(connection: Connection, observe: RequestObserver, patience: Patience): AwsKmsOptions {
    const credentials = this.credentials.of(connection);
    const client = this.clients.get(connection, credentials, patience);
    const place = JSON.stringify([connection.region, connection.endpoint?.url]);
    const health = this.health.get(place) ?? new RegionHealth();
    this.health.set(place, health);
    return { client, profile: connection.settings, observe, credentials, health };
  }

  /** Who the connection's credentials belong to. `anew`: asked also when STS has lately failed. */
  caller(connection: Connection, signal: AbortSignal, { anew } = { anew: false }): Promise<Caller> {
    return this.callers.of(this.client(connection), connection, signal, anew);
  }

  /** For the clients of other bundles. */
  credentialsOf(connection: Connection): Credentials {
    return this.credentials.of(connection);
  }

  private client(connection: Connection): KMSClient {
    return this.clients.get(connection, this.credentials.of(connection));
  }

  dispose(): void {
    this.clients.dispose();
  }
}

/** The real client, with a request handler that answers in the process: nothing leaves it, no credentials are read. */
export function localClient(region: string, requestHandler: KMSClientConfig["requestHandler"]): KMSClient {
  return new KMSClient({
    region,
    requestHandler,
    endpoint: "http://sandbox.invalid",
    credentials: { accessKeyId: "sandbox", secretAccessKey: "sandbox" },
    maxAttempts: 1,
    // Set for AWS, in the environment or a profile, these would not go with the endpoint above.
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    defaultsMode: "standard",
  });
}

export function localKms(client: KMSClient, observe: RequestObserver): AwsKms {
  return new AwsKms({ client, profile: {}, observe, health: new RegionHealth() });
}
