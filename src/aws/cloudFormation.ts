/** Requests to CloudFormation with a connection's credentials, its answers page by page, and waits between looks. */
import { setTimeout as delay } from "node:timers/promises";
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { KmsSelectionError } from "../core/errors";
import type { Connection } from "./connection";
import type { Credentials } from "./credentials";
import { endpointOf } from "./endpoints";
import { requestHandler } from "./requestHandler";
import type { Profile } from "./sharedConfig";
import { translateStackError } from "./stackErrors";
import { whenAborted } from "./whenAborted";

/** Every method throws `KmsSelectionError`, `cancelled` when its signal is aborted. */
export class CloudFormation {
  readonly client: CloudFormationClient;
  private readonly profile: Profile;
  private readonly credentials: Credentials;

  /** Throws `setting-invalid`, of an endpoint. */
  constructor(connection: Connection, credentials: Credentials) {
    const { profile, region, settings } = connection;
    const endpoint = endpointOf("cloudformation", connection);
    this.client = new CloudFormationClient({
      ...(profile === undefined ? {} : { profile }),
      // Otherwise the SDK would look into the profile of AWS_PROFILE, which need not be the one in use.
      ...(endpoint ? { endpoint: endpoint.url } : { ignoreConfiguredEndpointUrls: true }),
      region,
      credentials: credentials.provider,
      requestHandler: requestHandler(connection),
    });
    this.profile = settings;
    this.credentials = credentials;
  }

  /** Ends when the signal is aborted, also while the SDK waits for credentials. */
  async request<Result>(
    name: string,
    signal: AbortSignal | undefined,
    send: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const controlled = signal ?? new AbortController().signal;
    const { generation } = this.credentials;
    try {
      return await whenAborted(controlled, send(controlled));
    } catch (error) {
      if (controlled.aborted) throw new KmsSelectionError({ code: "cancelled" });
      const translated = translateStackError(error, this.profile, name);
      // The next try has new ones.
      if (translated.failure.code === "credentials-expired") this.credentials.renew(generation);
      throw translated;
    }
  }

  async pages<Item>(
    name: string,
    signal: AbortSignal,
    load: (
      token: string | undefined,
      signal: AbortSignal,
    ) => Promise<{ items: Item[]; next: string | undefined }>,
  ): Promise<Item[]> {
    const all: Item[] = [];
    let token: string | undefined;
    do {
      const { items, next } = await this.request(name, signal, (abortSignal) => load(token, abortSignal));
      all.push(...items);
      token = next;
    } while (token !== undefined);
    return all;
  }

  async pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    await delay(milliseconds, undefined, { signal }).catch(() => {
      throw new KmsSelectionError({ code: "cancelled" });
    });
  }

  dispose(): void {
    this.client.destroy();
  }
}
