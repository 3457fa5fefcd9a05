/**
 * Which material of a key that rotates a message's data key is under. KMS tells it when it re-encrypts the data key, which
 * thereby stays in KMS: https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html#API_ReEncrypt_ResponseSyntax
 */
import type { MessageHeader } from "@aws-crypto/serialize";
import { toKmsSelectionError } from "../core/errors";
import { isSameKey } from "../core/keyId";
import type { Kms } from "../core/kms";
import { isKmsDataKey } from "./kmsDataKeyring";

/** For one operation. */
export class KeyMaterials {
  private readonly kms: Kms;
  /** By data key, which many messages may share. */
  private readonly answers = new Map<string, Promise<boolean>>();
  /** Whoever may open and seal need not be allowed to ask. */
  private isRefused = false;

  constructor(kms: Kms) {
    this.kms = kms;
  }

  /** Whether it is older than what the key encrypts with now; not so where KMS does not tell. */
  async isOlder(
    keyId: string,
    keyArn: string,
    { encryptedDataKeys, encryptionContext }: MessageHeader,
    signal: AbortSignal,
  ): Promise<boolean> {
    const edk = encryptedDataKeys.find((each) => isKmsDataKey(each) && isSameKey(each.providerInfo, keyArn));
    if (!edk || this.isRefused) return false;
    const name = Buffer.from(edk.encryptedDataKey).toString("base64");
    const known = this.answers.get(name);
    if (known) return known;
    const answer = this.ask({ keyId, context: { ...encryptionContext } }, edk.encryptedDataKey, signal);
    this.answers.set(name, answer);
    return answer;
  }

  private async ask(
    binding: Parameters<Kms["reEncrypt"]>[1],
    dataKey: Uint8Array,
    signal: AbortSignal,
  ): Promise<boolean> {
    try {
      const { sourceMaterialId, materialId } = await this.kms.reEncrypt(binding, binding, dataKey, signal);
      return sourceMaterialId !== materialId;
    } catch (error) {
      if (toKmsSelectionError(error).failure.code !== "access-denied") throw error;
      this.isRefused = true;
      return false;
    }
  }
}
