/** The sandbox's KMS, with its key in VS Code's secret storage. */
import { randomBytes } from "node:crypto";
import type * as vscode from "vscode";
import type { AwsKms } from "../aws/main";

const KEY = "sandboxMasterKey";

/** Milliseconds, once: much longer than from looking for a key to storing one. */
const SETTLING_TIME = 300;

type Client = Parameters<(typeof import("../aws/main"))["localKms"]>[0];

export class Sandbox {
  private readonly secrets: vscode.SecretStorage;
  private making: Promise<string> | undefined;
  private client: { readonly masterKey: string; readonly client: Client } | undefined;

  constructor(secrets: vscode.SecretStorage) {
    this.secrets = secrets;
  }

  async kms(observe: (requestId: string) => void): Promise<AwsKms> {
    const [{ createRequestHandler, createSandboxKms, SANDBOX_REGION }, { localClient, localKms }, masterKey] =
      await Promise.all([import("../sandbox/main"), import("../aws/main"), this.masterKey()]);
    if (this.client?.masterKey !== masterKey) {
      const handler = createRequestHandler(createSandboxKms(Buffer.from(masterKey, "base64")));
      this.client = { masterKey, client: localClient(SANDBOX_REGION, handler) };
    }
    return localKms(this.client.client, observe);
  }

  /** Read anew each time: another window may have been the first to make one. */
  private async masterKey(): Promise<string> {
    const stored = await this.secrets.get(KEY);
    if (stored) return stored;
    this.making ??= this.makeMasterKey().finally(() => (this.making = undefined));
    return this.making;
  }

  /**
   * The secret storage cannot store only what is not there yet. Of two windows that make a key at the same moment, both
   * take the one that was stored last, and nothing was encrypted with the other one.
   */
  private async makeMasterKey(): Promise<string> {
    await this.secrets.store(KEY, randomBytes(32).toString("base64"));
    await new Promise((resolve) => setTimeout(resolve, SETTLING_TIME));
    const masterKey = await this.secrets.get(KEY);
    if (!masterKey) throw new Error("the secret storage keeps nothing");
    return masterKey;
  }
}
