/** Envelope encryption: AWS Encryption SDK messages, which hold a text of any size under a data key of KMS. */
import type { EncryptionContext } from "./encryptionContext";
import type { KeySet, SpareKeys } from "./keySet";
import type { Decrypted, Kms } from "./kms";

/** `auto`: a message where a text does not fit into one KMS request, or where many texts are encrypted at once. */
export type EnvelopeMode = "auto" | "always" | "never";

/** What is in force. `impossible`: several keys are to open each text, which takes a message, and there must be none. */
export type Envelope = EnvelopeMode | "impossible";

/**
 * Data keys that a message may have when it is read. Each may cost a request, and a header can claim 65,535:
 * https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/configure.html#config-limit-keys
 */
export const MAX_ENCRYPTED_DATA_KEYS = 10;

/** Every method throws `KmsSelectionError`, `cancelled` when the signal is aborted. */
export interface Messages {
  seal(
    keyId: string,
    plaintext: Uint8Array,
    context: EncryptionContext,
    signal: AbortSignal,
  ): Promise<Uint8Array>;
  /**
   * Reads the header alone, and makes no request. Throws where the message is not bound to exactly this context, is
   * damaged, or is not allowed: a header tells its own context, so whoever opens it without this check lets anybody
   * who may use the key read what was encrypted for somebody else.
   */
  check(message: Uint8Array, context: EncryptionContext): void;
  /** What the header tells, unverified, with no request. Throws `token-damaged`. */
  inspect(message: Uint8Array): MessageFacts;
  /** What `seal` seals to besides its key. `undefined`: KMS does not tell which key an alias stands for. */
  spareKeys(signal: AbortSignal): Promise<KeySet | undefined>;
  /** Whether its data key is under older material of the key than that has now. The data key stays in KMS. */
  isOlder(keyId: string, keyArn: string, message: Uint8Array, signal: AbortSignal): Promise<boolean>;
  /** Checks, then opens. Without `keyId` KMS takes the keys that the message names. */
  open(
    keyId: string | undefined,
    message: Uint8Array,
    context: EncryptionContext,
    signal: AbortSignal,
  ): Promise<Decrypted>;
}

/** What a message tells of itself without a key, and may lie about until it is opened. */
export interface MessageFacts extends KeySet {
  readonly context: EncryptionContext;
  /** Whether it commits to its data key: https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/concepts.html#key-commitment */
  readonly isCommitted: boolean;
}

/** What texts are encrypted with. Messages are loaded when there is one. */
export interface Ciphers {
  readonly kms: Kms;
  /** `spareKeys`: what is sealed opens with these as well, in place of those in force. */
  readonly messages: (spareKeys?: SpareKeys) => Promise<Messages>;
}
