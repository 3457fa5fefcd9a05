/** The core's `Kms` by way of the AWS SDK. */
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetKeyRotationStatusCommand,
  ReEncryptCommand,
  type KeyMetadata,
  type KMSClient,
} from "@aws-sdk/client-kms";
import type { EncryptionContext } from "../core/encryptionContext";
import { isKmsSelectionError, KmsSelectionError } from "../core/errors";
import type { DryRunOperation, Rotation } from "../core/keyAccess";
import type { KeyDescription } from "../core/keyDescription";
import type { Binding, DataKey, Decrypted, Encrypted, Kms, ReEncrypted, Source } from "../core/kms";
import { dryRun } from "./dryRun";
import { listKeys } from "./listKeys";
import type { RegionHealth } from "./regionHealth";
import { translateError } from "./sdkErrors";
import type { Profile } from "./sharedConfig";
import { whenAborted } from "./whenAborted";

/** Credentials that are kept, and can be asked for anew. */
export interface Renewable {
  /** Counts how often they were. */
  readonly generation: number;
  /** Forgets those of this generation; the next request asks anew. */
  renew(generation: number): void;
}

/** Told of each request that KMS answered: its id, by which CloudTrail and AWS support find it. */
export type RequestObserver = (requestId: string) => void;

export interface AwsKmsOptions {
  readonly client: KMSClient;
  /** The settings of the profile in use, to tell which sign-in it needs. */
  readonly profile: Profile;
  readonly observe: RequestObserver;
  /** `undefined`: they never end. */
  readonly credentials?: Renewable;
  readonly health: RegionHealth;
}

export class AwsKms implements Kms {
  private readonly client: KMSClient;
  private readonly profile: Profile;
  private readonly observe: RequestObserver;
  /** `undefined`: they never end. */
  private readonly credentials: Renewable | undefined;
  private readonly health: RegionHealth;

  constructor({ client, profile, observe, credentials, health }: AwsKmsOptions) {
    this.client = client;
    this.profile = profile;
    this.observe = observe;
    this.credentials = credentials;
    this.health = health;
  }

  /** Whether its Region could not be reached a moment ago; to be asked before a request that could go elsewhere. */
  isAvoided(): boolean {
    return this.health.isAvoided();
  }

  /** Has the credentials at hand, so that what comes next waits for KMS alone. When aborted it is not waited for again. */
  async authenticate(signal: AbortSignal): Promise<void> {
    const generation = this.credentials?.generation;
    try {
      await this.credentialsReady(signal);
    } catch (error) {
      // A command that hangs would hold up every operation after this one.
      if (signal.aborted && generation !== undefined) this.credentials?.renew(generation);
      throw error;
    }
  }

  encrypt(
    keyId: string,
    plaintext: Uint8Array,
    context: EncryptionContext,
    signal: AbortSignal,
  ): Promise<Encrypted> {
    return this.request(signal, async (abortSignal) => {
      const command = new EncryptCommand({ KeyId: keyId, Plaintext: plaintext, EncryptionContext: context });
      const { CiphertextBlob, KeyId, $metadata } = await this.client.send(command, { abortSignal });
      this.observe($metadata.requestId ?? "unknown");
      return { ciphertext: presentBytes(CiphertextBlob), keyArn: present(KeyId) };
    });
  }

  decrypt(
    keyId: string | undefined,
    ciphertext: Uint8Array,
    context: EncryptionContext,
    signal: AbortSignal,
  ): Promise<Decrypted> {
    return this.request(signal, async (abortSignal) => {
      const command = new DecryptCommand({
        KeyId: keyId,
        CiphertextBlob: ciphertext,
        EncryptionContext: context,
      });
      const { Plaintext, KeyId, $metadata } = await this.client.send(command, { abortSignal });
      this.observe($metadata.requestId ?? "unknown");
      return { plaintext: presentBytes(Plaintext), keyArn: present(KeyId) };
    });
  }

  generateDataKey(
    keyId: string,
    numberOfBytes: number,
    context: EncryptionContext,
    signal: AbortSignal,
  ): Promise<DataKey> {
    return this.request(signal, async (abortSignal) => {
      const command = new GenerateDataKeyCommand({
        KeyId: keyId,
        NumberOfBytes: numberOfBytes,
        EncryptionContext: context,
      });
      const { CiphertextBlob, Plaintext, KeyId, $metadata } = await this.client.send(command, {
        abortSignal,
      });
      this.observe($metadata.requestId ?? "unknown");
      return {
        ciphertext: presentBytes(CiphertextBlob),
        plaintext: presentBytes(Plaintext),
        keyArn: present(KeyId),
      };
    });
  }

  reEncrypt(
    source: Source,
    destination: Binding,
    ciphertext: Uint8Array,
    signal: AbortSignal,
  ): Promise<ReEncrypted> {
    return this.request(signal, async (abortSignal) => {
      const command = new ReEncryptCommand({
        CiphertextBlob: ciphertext,
        SourceKeyId: source.keyId,
        SourceEncryptionContext: source.context,
        DestinationKeyId: destination.keyId,
        DestinationEncryptionContext: destination.context,
      });
      const answer = await this.client.send(command, { abortSignal });
      this.observe(answer.$metadata.requestId ?? "unknown");
      return {
        ciphertext: presentBytes(answer.CiphertextBlob),
        keyArn: present(answer.KeyId),
        sourceKeyArn: present(answer.SourceKeyId),
        sourceMaterialId: answer.SourceKeyMaterialId,
        materialId: answer.DestinationKeyMaterialId,
      };
    });
  }

  describeKey(keyId: string, signal: AbortSignal): Promise<KeyMetadata> {
    return this.request(signal, async (abortSignal) => {
      const { KeyMetadata } = await this.client.send(new DescribeKeyCommand({ KeyId: keyId }), {
        abortSignal,
      });
      return present(KeyMetadata);
    });
  }

  /** Takes no alias. */
  rotation(keyId: string, signal: AbortSignal): Promise<Rotation> {
    return this.request(signal, async (abortSignal) => {
      const command = new GetKeyRotationStatusCommand({ KeyId: keyId });
      const status = await this.client.send(command, { abortSignal });
      const {
        KeyRotationEnabled: enabled,
        RotationPeriodInDays: periodInDays,
        NextRotationDate: next,
      } = status;
      return { enabled: present(enabled), periodInDays, next };
    });
  }

  /** Whether it would be done, asked without doing it; `done`: this KMS did it all the same. */
  dryRun(
    operation: DryRunOperation,
    keyId: string,
    context: EncryptionContext,
    signal: AbortSignal,
  ): Promise<"would-succeed" | "done"> {
    return this.request(signal, (abortSignal) => dryRun(this.client, operation, keyId, context, abortSignal));
  }

  /** All aliases of the account and Region; the second answer tells more of their keys. */
  async *listKeys(signal: AbortSignal): AsyncGenerator<KeyDescription[]> {
    const lists = listKeys(this.client, signal);
    for (;;) {
      const next = await this.request(signal, () => lists.next());
      if (next.done) return;
      yield next.value;
    }
  }

  /** Credentials that KMS says have ended before their time are had anew, once. */
  private async request<Result>(
    signal: AbortSignal,
    send: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    await this.credentialsReady(signal);
    const generation = this.credentials?.generation;
    try {
      return await this.ask(signal, send);
    } catch (error) {
      if (generation === undefined || !isExpired(error)) throw error;
      this.credentials?.renew(generation);
      await this.credentialsReady(signal);
      return await this.ask(signal, send);
    }
  }

  /** Shows whether the Region can be reached, which having the credentials does not. */
  private async ask<Result>(
    signal: AbortSignal,
    send: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    try {
      const result = await this.attempt(signal, send);
      this.health.answered();
      return result;
    } catch (error) {
      if (isKmsSelectionError(error)) this.health.failed(error);
      throw error;
    }
  }

  private async credentialsReady(signal: AbortSignal): Promise<void> {
    await this.attempt(signal, () => this.client.config.credentials());
  }

  /** Ends when the signal is aborted, also while the SDK waits for credentials, which it does not abort itself. */
  private async attempt<Result>(
    signal: AbortSignal,
    send: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await whenAborted(signal, send(signal));
    } catch (error) {
      throw signal.aborted
        ? new KmsSelectionError({ code: "cancelled" })
        : translateError(error, this.profile);
    }
  }
}

function isExpired(error: unknown): boolean {
  return isKmsSelectionError(error) && error.failure.code === "credentials-expired";
}

/** KMS always answers these members; whoever does not is no KMS. */
function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new KmsSelectionError({ code: "response-invalid" });
  return value;
}

/** Whatever else stands in the place of a blob, the SDK passes on; and no blob of KMS is empty. */
function presentBytes(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length === 0)
    throw new KmsSelectionError({ code: "response-invalid" });
  return value;
}
