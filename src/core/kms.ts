/** What the product asks of a KMS. AWS and the sandbox answer alike. */
import type { EncryptionContext } from "./encryptionContext";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html, Plaintext, for a symmetric key */
export const MAX_PLAINTEXT_BYTES = 4096;

export interface Encrypted {
  readonly ciphertext: Uint8Array;
  readonly keyArn: string;
}

export interface Decrypted {
  readonly plaintext: Uint8Array;
  readonly keyArn: string;
}

/** What a ciphertext is opened with. Without `keyId` KMS takes the key that the ciphertext names. */
export interface Source {
  readonly keyId: string | undefined;
  readonly context: EncryptionContext;
}

/** What a text is bound to. */
export interface Binding extends Source {
  readonly keyId: string;
}

export interface ReEncrypted extends Encrypted {
  readonly sourceKeyArn: string;
  /** Which material of a key that rotates was used, before and now; `undefined` where a KMS does not tell. */
  readonly sourceMaterialId: string | undefined;
  readonly materialId: string | undefined;
}

export interface DataKey extends Encrypted {
  /** Secret; whoever used it zeroes it. */
  readonly plaintext: Uint8Array;
}

/** Every method throws `KmsSelectionError`, `cancelled` when the signal is aborted. */
export interface Kms {
  encrypt(
    keyId: string,
    plaintext: Uint8Array,
    context: EncryptionContext,
    signal: AbortSignal,
  ): Promise<Encrypted>;
  /** Without `keyId` KMS takes the key that the ciphertext names. */
  decrypt(
    keyId: string | undefined,
    ciphertext: Uint8Array,
    context: EncryptionContext,
    signal: AbortSignal,
  ): Promise<Decrypted>;
  /** A new data key of so many bytes, in clear and encrypted. */
  generateDataKey(
    keyId: string,
    numberOfBytes: number,
    context: EncryptionContext,
    signal: AbortSignal,
  ): Promise<DataKey>;
  /** From one key and context to another; the plaintext stays in KMS. */
  reEncrypt(
    source: Source,
    destination: Binding,
    ciphertext: Uint8Array,
    signal: AbortSignal,
  ): Promise<ReEncrypted>;
}
