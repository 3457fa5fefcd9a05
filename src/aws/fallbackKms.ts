/** A multi-Region key: where KMS in its own Region cannot be reached, the key's replica in another Region answers. */
import type { KeyMetadata } from "@aws-sdk/client-kms";
import type { EncryptionContext } from "../core/encryptionContext";
import { toKmsSelectionError, type FailureCode } from "../core/errors";
import { nameInRegion } from "../core/keyId";
import type { Binding, DataKey, Decrypted, Encrypted, ReEncrypted, Source } from "../core/kms";
import { AwsKms, type AwsKmsOptions } from "./awsKms";
import { isUnreachable } from "./regionHealth";
import { isAlias, Replicas, type KeysAtHome } from "./replicas";

export interface Replica {
  readonly region: string;
  readonly kms: AwsKms;
}

/** Regions come from the settings alone: what a ciphertext or a message says of its Region leads nowhere. */
export interface Fallback {
  /** In the order in which they are tried. */
  readonly replicas: readonly Replica[];
  /** Whether plaintext may go there. */
  readonly encrypts: boolean;
  /** Told which of the Regions answered; `undefined`: the key's own. */
  readonly onAnswer: (region: string | undefined) => void;
  /** The key's own. */
  readonly homeRegion: string;
  readonly keysAtHome: KeysAtHome;
}

/** Answers of a Region in which there is no replica, or no way to it. What was wrong at home says more. */
const NO_REPLICA: readonly FailureCode[] = ["key-not-found", "key-not-accessible", "credentials-invalid"];

interface Place extends Pick<Replica, "kms"> {
  /** `undefined`: the key's own. */
  readonly region: string | undefined;
}

/** What is not about ciphertexts or the key in force, such as the list of keys, is asked of the key's own Region. */
export class FallbackKms extends AwsKms {
  private readonly fallback: Fallback;
  private readonly home: Place;
  private readonly replicas: Replicas;

  constructor(options: AwsKmsOptions, fallback: Fallback) {
    super(options);
    this.fallback = fallback;
    this.home = { region: undefined, kms: new AwsKms(options) };
    this.replicas = new Replicas(fallback.homeRegion, fallback.keysAtHome);
  }

  override encrypt(
    keyId: string,
    plaintext: Uint8Array,
    context: EncryptionContext,
    signal: AbortSignal,
  ): Promise<Encrypted> {
    return this.sealed(keyId, signal, (kms, name) => kms.encrypt(name, plaintext, context, signal));
  }

  override generateDataKey(
    keyId: string,
    numberOfBytes: number,
    context: EncryptionContext,
    signal: AbortSignal,
  ): Promise<DataKey> {
    return this.sealed(keyId, signal, (kms, name) =>
      kms.generateDataKey(name, numberOfBytes, context, signal),
    );
  }

  override reEncrypt(
    source: Source,
    destination: Binding,
    ciphertext: Uint8Array,
    signal: AbortSignal,
  ): Promise<ReEncrypted> {
    return this.sealed(destination.keyId, signal, (kms, keyId, region) => {
      const from = region && source.keyId && nameInRegion(source.keyId, region);
      return kms.reEncrypt(
        { ...source, keyId: from ?? source.keyId },
        { ...destination, keyId },
        ciphertext,
        signal,
      );
    });
  }

  override decrypt(
    keyId: string | undefined,
    ciphertext: Uint8Array,
    context: EncryptionContext,
    signal: AbortSignal,
  ): Promise<Decrypted> {
    return this.inTurn(this.placesOf(keyId), async (kms, name, region) => {
      try {
        const result = await kms.decrypt(name, ciphertext, context, signal);
        if (keyId !== undefined && region === undefined) this.replicas.remember(keyId, result.keyArn);
        return result;
      } catch (error) {
        // That another key encrypted it would be said of the alias at home.
        const isOfAlias = keyId !== undefined && isAlias(keyId) && region !== undefined;
        if (isOfAlias && toKmsSelectionError(error).failure.code === "incorrect-key") {
          await this.replicas.check(keyId, name ?? keyId, region, kms, signal);
        }
        throw error;
      }
    });
  }

  override describeKey(keyId: string, signal: AbortSignal): Promise<KeyMetadata> {
    return this.inTurn(this.placesOf(keyId), async (kms, name, region) => {
      const key = await kms.describeKey(name, signal);
      if (key.Arn !== undefined && region === undefined) this.replicas.remember(keyId, key.Arn);
      return key;
    });
  }

  /** It looks for another Region by itself. */
  override isAvoided(): boolean {
    return false;
  }

  private sealed<Result extends Encrypted>(
    keyId: string,
    signal: AbortSignal,
    request: (kms: AwsKms, name: string, region: string | undefined) => Promise<Result>,
  ): Promise<Result> {
    const places = this.fallback.encrypts ? this.placesOf(keyId) : [{ ...this.home, name: keyId }];
    return this.inTurn(places, async (kms, name, region) => {
      if (region !== undefined) await this.replicas.check(keyId, name, region, kms, signal);
      const result = await request(kms, name, region);
      if (region === undefined) this.replicas.remember(keyId, result.keyArn);
      else this.replicas.confirm(keyId, region, result.keyArn);
      return result;
    });
  }

  /** Where the key is, and its name there. */
  private placesOf<Name extends string | undefined>(keyId: Name): (Place & { readonly name: Name })[] {
    const replicas = this.fallback.replicas.flatMap((replica) => {
      if (keyId === undefined) return [{ ...replica, name: keyId }];
      const name = nameInRegion(keyId, replica.region);
      // A string, as `keyId` is one.
      return name === undefined ? [] : [{ ...replica, name: name as Name }];
    });
    return [{ ...this.home, name: keyId }, ...replicas];
  }

  /** Throws what the key's own Region answered, unless a replica's answer says why it does not work. */
  private async inTurn<Name, Result>(
    places: readonly (Place & { readonly name: Name })[],
    request: (kms: AwsKms, name: Name, region: string | undefined) => Promise<Result>,
  ): Promise<Result> {
    let atHome: unknown;
    for (const { region, kms, name } of avoidedLast(places)) {
      try {
        const result = await request(kms, name, region);
        this.fallback.onAnswer(region);
        return result;
      } catch (thrown) {
        const error = toKmsSelectionError(thrown);
        if (region === undefined) atHome = error;
        const isNoReplica = region !== undefined && NO_REPLICA.includes(error.failure.code);
        if (!isUnreachable(error) && !isNoReplica) throw error;
      }
    }
    throw atHome;
  }
}

function avoidedLast<Each extends Place>(places: readonly Each[]): Each[] {
  const avoided = new Set(places.length > 1 ? places.filter(({ kms }) => kms.isAvoided()) : []);
  return [...places.filter((place) => !avoided.has(place)), ...avoided];
}
