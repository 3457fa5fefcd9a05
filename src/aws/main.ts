/** What the AWS bundle offers. It is loaded when the first request is to be made. */
import { KMSClient, type KMSClientConfig } from "@aws-sdk/client-kms";
import type { Caller } from "../core/keyAccess";
import type { AskMfaCode } from "../core/mfa";
import { AwsKms, type RequestObserver } from "./awsKms";
import { Callers } from "./callers";
import { Clients } from "./clients";
import type { Connection } from "./connection";
import { CredentialStore, type Credentials } from "./credentials";

export type { AwsKms } from "./awsKms";

export class Aws {
  private readonly clients = new Clients();
  private readonly callers = new Callers();
  private readonly credentials: CredentialStore;

  constructor(askMfaCode: AskMfaCode) {
    this.credentials = new CredentialStore(askMfaCode);
  }

  kms(connection: Connection, observe: RequestObserver): AwsKms {
    const credentials = this.credentials.of(connection);
    return new AwsKms(this.client(connection), connection.settings, observe, credentials);
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
  return new AwsKms(client, {}, observe);
}
