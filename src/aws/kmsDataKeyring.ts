/** Data keys for AWS Encryption SDK messages, by way of the core's `Kms`: one place sends requests and translates errors. */
import {
  EncryptedDataKey,
  KeyringNode,
  KeyringTraceFlag,
  unwrapDataKey,
  type NodeDecryptionMaterial,
  type NodeEncryptionMaterial,
} from "@aws-crypto/material-management-node";
import type { EncryptionContext } from "../core/encryptionContext";
import { KmsSelectionError, toKmsSelectionError } from "../core/errors";
import { nameInRegion } from "../core/keyId";
import type { DataKey, Encrypted, Kms } from "../core/kms";
import { KMS_PROVIDER_ID } from "./messageHeader";

export function isKmsDataKey({ providerId }: EncryptedDataKey): boolean {
  return providerId === KMS_PROVIDER_ID;
}

/** What is asked for and not answered yet, so that many texts at once wait for one request. */
export class RequestsUnderWay {
  private readonly answers = new Map<string, Promise<unknown>>();

  share<Answer>(id: readonly unknown[], request: () => Promise<Answer>): Promise<Answer> {
    const name = JSON.stringify(id);
    // The id begins with the kind of request, and each kind has answers of one type.
    const asked = this.answers.get(name) as Promise<Answer> | undefined;
    if (asked) return asked;
    const answer = request();
    this.answers.set(name, answer);
    const forget = (): void => {
      this.answers.delete(name);
    };
    answer.then(forget, forget);
    return answer;
  }
}

/**
 * Unlike the SDK's own keyring it sends the key as it was configured, so that an alias works for decrypting, policies
 * can demand `kms:RequestAlias`, and a Multi-Region key opens in each of its Regions.
 */
export class KmsDataKeyring extends KeyringNode {
  /** The key that opened or made the last data key. */
  keyArn: string | undefined;
  private readonly kms: Kms;
  private readonly keyId: string | undefined;
  private readonly signal: AbortSignal;
  private readonly underWay: RequestsUnderWay | undefined;
  private readonly region: string | undefined;

  /**
   * `keyId`: of the one key to use; `undefined` for decrypting takes the keys that the message names. Of these a
   * multi-Region key is asked for in `region`, whatever the message says: anybody may have written it.
   */
  constructor(
    kms: Kms,
    keyId: string | undefined,
    signal: AbortSignal,
    underWay: RequestsUnderWay | undefined,
    region?: string,
  ) {
    super();
    this.region = region;
    this.kms = kms;
    this.keyId = keyId;
    this.signal = signal;
    this.underWay = underWay;
  }

  /** Makes the data key, or encrypts the one that another keyring made. */
  override async _onEncrypt(material: NodeEncryptionMaterial): Promise<NodeEncryptionMaterial> {
    const { keyId } = this;
    if (keyId === undefined) throw new KmsSelectionError({ code: "not-configured" });
    const { keyArn, ciphertext } = material.hasUnencryptedDataKey
      ? await this.encryptDataKey(keyId, material)
      : await this.generateDataKey(keyId, material);
    this.keyArn = keyArn;
    return material.addEncryptedDataKey(
      new EncryptedDataKey({
        providerId: KMS_PROVIDER_ID,
        providerInfo: keyArn,
        encryptedDataKey: ciphertext,
      }),
      KeyringTraceFlag.WRAPPING_KEY_ENCRYPTED_DATA_KEY,
    );
  }

  private async generateDataKey(keyId: string, material: NodeEncryptionMaterial): Promise<Encrypted> {
    const { encryptionContext, suite } = material;
    const dataKey = await zeroed(
      this.shared(["generate", keyId, encryptionContext, suite.id], () =>
        this.kms.generateDataKey(keyId, suite.keyLengthBytes, { ...encryptionContext }, this.signal),
      ),
    );
    material.setUnencryptedDataKey(Uint8Array.from(dataKey.plaintext), {
      keyNamespace: KMS_PROVIDER_ID,
      keyName: dataKey.keyArn,
      flags: KeyringTraceFlag.WRAPPING_KEY_GENERATED_DATA_KEY,
    });
    return dataKey;
  }

  private encryptDataKey(keyId: string, material: NodeEncryptionMaterial): Promise<Encrypted> {
    const { encryptionContext } = material;
    // Names the data key without being it.
    const [first] = material.encryptedDataKeys.map(({ encryptedDataKey }) => base64(encryptedDataKey));
    return this.shared(["encrypt", keyId, encryptionContext, first], () =>
      this.kms.encrypt(
        keyId,
        unwrapDataKey(material.getUnencryptedDataKey()),
        { ...encryptionContext },
        this.signal,
      ),
    );
  }

  override async _onDecrypt(
    material: NodeDecryptionMaterial,
    encryptedDataKeys: EncryptedDataKey[],
  ): Promise<NodeDecryptionMaterial> {
    const errors: KmsSelectionError[] = [];
    for (const edk of encryptedDataKeys.filter(isKmsDataKey)) {
      try {
        const { plaintext, keyArn } = await this.decryptDataKey(edk, { ...material.encryptionContext });
        this.keyArn = keyArn;
        return material.setUnencryptedDataKey(Uint8Array.from(plaintext), {
          keyNamespace: KMS_PROVIDER_ID,
          keyName: keyArn,
          flags: KeyringTraceFlag.WRAPPING_KEY_DECRYPTED_DATA_KEY,
        });
      } catch (thrown) {
        const error = toKmsSelectionError(thrown);
        if (this.signal.aborted) throw error;
        errors.push(error);
      }
    }
    // That another of several keys did not fit says nothing; what kept the right one from opening does.
    throw (
      errors.find(({ failure }) => !["incorrect-key", "invalid-ciphertext"].includes(failure.code)) ??
      errors[0] ??
      new KmsSelectionError({ code: "message-without-kms-key" })
    );
  }

  private decryptDataKey(edk: EncryptedDataKey, context: EncryptionContext): Promise<DataKey> {
    const { kms, signal } = this;
    const keyId = this.keyId ?? this.nameHere(edk.providerInfo);
    const ciphertext = edk.encryptedDataKey;
    return zeroed(
      this.shared(["decrypt", keyId, context, base64(ciphertext)], async () => ({
        ciphertext,
        ...(await kms.decrypt(keyId, ciphertext, context, signal)),
      })),
    );
  }

  private nameHere(keyArn: string): string {
    return (this.region && nameInRegion(keyArn, this.region)) ?? keyArn;
  }

  /** One request for all that ask for the same at the same time. */
  private shared<Answer>(id: readonly unknown[], request: () => Promise<Answer>): Promise<Answer> {
    return this.underWay ? this.underWay.share(id, request) : request();
  }
}

/** Zeroes the data key once everybody who waits for it has taken a copy. */
async function zeroed(answer: Promise<DataKey>): Promise<DataKey> {
  const dataKey = await answer;
  setImmediate(() => dataKey.plaintext.fill(0));
  return dataKey;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
