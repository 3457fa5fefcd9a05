/** Data keys for AWS Encryption SDK messages, by way of the core's `Kms`: one place sends requests and translates errors. */
import {
  EncryptedDataKey,
  KeyringNode,
  KeyringTraceFlag,
  type NodeDecryptionMaterial,
  type NodeEncryptionMaterial,
} from "@aws-crypto/material-management-node";
import type { EncryptionContext } from "../core/encryptionContext";
import { KmsSelectionError, toKmsSelectionError } from "../core/errors";
import type { DataKey, Kms } from "../core/kms";
import { KMS_PROVIDER_ID } from "./messageHeader";

export function isKmsDataKey({ providerId }: EncryptedDataKey): boolean {
  return providerId === KMS_PROVIDER_ID;
}

/** What is asked for and not answered yet, so that many texts at once wait for one request. */
export type DataKeysUnderWay = Map<string, Promise<DataKey>>;

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
  private readonly underWay: DataKeysUnderWay | undefined;

  /** `keyId`: of the one key to use; `undefined` for decrypting takes the keys that the message names. */
  constructor(
    kms: Kms,
    keyId: string | undefined,
    signal: AbortSignal,
    underWay: DataKeysUnderWay | undefined,
  ) {
    super();
    this.kms = kms;
    this.keyId = keyId;
    this.signal = signal;
    this.underWay = underWay;
  }

  override async _onEncrypt(material: NodeEncryptionMaterial): Promise<NodeEncryptionMaterial> {
    const { keyId, kms, signal } = this;
    if (keyId === undefined) throw new KmsSelectionError({ code: "not-configured" });
    const { encryptionContext, suite } = material;
    const dataKey = await this.shared([keyId, encryptionContext, suite.id], () =>
      kms.generateDataKey(keyId, suite.keyLengthBytes, { ...encryptionContext }, signal),
    );
    const edk = new EncryptedDataKey({
      providerId: KMS_PROVIDER_ID,
      providerInfo: dataKey.keyArn,
      encryptedDataKey: dataKey.ciphertext,
    });
    this.keyArn = dataKey.keyArn;
    return material
      .setUnencryptedDataKey(Uint8Array.from(dataKey.plaintext), {
        keyNamespace: KMS_PROVIDER_ID,
        keyName: dataKey.keyArn,
        flags: KeyringTraceFlag.WRAPPING_KEY_GENERATED_DATA_KEY,
      })
      .addEncryptedDataKey(edk, KeyringTraceFlag.WRAPPING_KEY_ENCRYPTED_DATA_KEY);
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
    const keyId = this.keyId ?? edk.providerInfo;
    const ciphertext = edk.encryptedDataKey;
    const id = [keyId, context, Buffer.from(ciphertext).toString("base64")];
    return this.shared(id, async () => ({
      ciphertext,
      ...(await kms.decrypt(keyId, ciphertext, context, signal)),
    }));
  }

  /** One request for all that ask for the same at the same time. */
  private shared(id: unknown, request: () => Promise<DataKey>): Promise<DataKey> {
    const { underWay } = this;
    if (!underWay) return zeroed(request());
    const name = JSON.stringify(id);
    let answer = underWay.get(name);
    if (!answer) {
      answer = request();
      underWay.set(name, answer);
      const forget = (): void => {
        underWay.delete(name);
      };
      answer.then(forget, forget);
    }
    return zeroed(answer);
  }
}

/** Zeroes the data key once everybody who waits for it has taken a copy. */
async function zeroed(answer: Promise<DataKey>): Promise<DataKey> {
  const dataKey = await answer;
  setImmediate(() => dataKey.plaintext.fill(0));
  return dataKey;
}
