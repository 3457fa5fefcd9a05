/** The core's `Messages` by way of the AWS Encryption SDK. A bundle of its own: most texts fit into one KMS request. */
import {
  getLocalCryptographicMaterialsCache,
  NodeCachingMaterialsManager,
} from "@aws-crypto/caching-materials-manager-node";
import { buildDecrypt } from "@aws-crypto/decrypt-node";
import { buildEncrypt } from "@aws-crypto/encrypt-node";
import {
  AlgorithmSuiteIdentifier,
  CommitmentPolicy,
  type KeyringNode,
  MessageFormat,
  MultiKeyringNode,
} from "@aws-crypto/material-management-node";
import type { MessageHeader } from "@aws-crypto/serialize";
import { contextDifference, type EncryptionContext } from "../core/encryptionContext";
import { isKmsSelectionError, KmsSelectionError, toKmsSelectionError } from "../core/errors";
import type { KeySet } from "../core/keySet";
import type { Decrypted, Kms } from "../core/kms";
import { MAX_ENCRYPTED_DATA_KEYS, type MessageFacts, type Messages } from "../core/messages";
import { SANDBOX_HEADER } from "../core/sandbox";
import { KeyMaterials } from "./keyMaterial";
import { isKmsDataKey, KmsDataKeyring, RequestsUnderWay } from "./kmsDataKeyring";
import { contextIn, describeMessage, readHeader } from "./messageHeader";
import { recoveryKeyring, type RecoveryKey } from "./recoveryKey";
import { AdditionalKeyring, FirstOpeningKeyring, keyArnsOf, type AdditionalKey } from "./severalKeys";
import { whenAborted } from "./whenAborted";

/** Bytes. Fewer and larger frames than the SDK's 4,096: each costs time of its own, and a text of ten megabytes has twenty. */
const FRAME_LENGTH = 512 * 1024;

/** The committing suite without a signature: https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/supported-algorithms.html */
const SUITE = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;

/**
 * Bounds of a cached data key: how many keys, for how long (milliseconds), and for how many texts and bytes of them.
 * https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/thresholds.html
 */
const CACHE_CAPACITY = 100;
const CACHE_MAX_AGE = 60_000;
const CACHE_MAX_MESSAGES = 10_000;
const CACHE_MAX_BYTES = 256 * 1024 * 1024;
/** Milliseconds between looks at the key that was used longest ago; each look drops one that is too old. */
const CACHE_EVICTION = 100;

export type DataKeyCache = ReturnType<typeof getLocalCryptographicMaterialsCache>;

/** Data keys in memory alone; those that are dropped are zeroed. */
export function createDataKeyCache(): DataKeyCache {
  return getLocalCryptographicMaterialsCache(CACHE_CAPACITY, CACHE_EVICTION);
}

/** What opens a message besides the key in force. */
export interface OtherKeys {
  readonly additional: readonly AdditionalKey[];
  /** Whether they are asked first, because the Region of the key in force could not be reached a moment ago. */
  readonly additionalFirst?: () => boolean;
  /** An error: it is set, and cannot be used. That is no matter until something is to be sealed to it. */
  readonly recovery: RecoveryKey | KmsSelectionError | undefined;
}

const NO_OTHER_KEYS: OtherKeys = { additional: [], recovery: undefined };

export interface MessagesOptions {
  readonly kms: Kms;
  /** Where a multi-Region key is asked for, whichever of its Regions a message names. */
  readonly region?: string | undefined;
  /** AWS's own endpoint, which cannot open what the sandbox made. */
  readonly isAws: boolean;
  /** Messages of the Encryption SDK 1.x, which do not commit to a data key. */
  readonly allowUncommitted: boolean;
  /** Absent: a request for each text. `partition` tells the way to KMS, so that no credentials use another's keys. */
  readonly cache?: { readonly keys: DataKeyCache; readonly partition: string } | undefined;
  readonly otherKeys?: OtherKeys | undefined;
}

export class EncryptionSdkMessages implements Messages {
  private readonly options: MessagesOptions;
  private readonly otherKeys: OtherKeys;
  private readonly underWay: RequestsUnderWay | undefined;
  private readonly materials: KeyMaterials;
  private additionalArns: Promise<string[] | undefined> | undefined;
  private readonly encrypt: ReturnType<typeof buildEncrypt>["encrypt"];
  private readonly decrypt: ReturnType<typeof buildDecrypt>["decrypt"];

  /** For one operation: its requests share the data keys that they ask for at the same time. */
  constructor(options: MessagesOptions) {
    this.options = options;
    this.otherKeys = options.otherKeys ?? NO_OTHER_KEYS;
    this.materials = new KeyMaterials(options.kms);
    this.underWay = options.cache && new RequestsUnderWay();
    const limit = { maxEncryptedDataKeys: MAX_ENCRYPTED_DATA_KEYS };
    this.encrypt = buildEncrypt({
      commitmentPolicy: CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
      ...limit,
    }).encrypt;
    this.decrypt = buildDecrypt({
      commitmentPolicy: options.allowUncommitted
        ? CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT
        : CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
      ...limit,
    }).decrypt;
  }

  async seal(
    keyId: string,
    plaintext: Uint8Array,
    context: EncryptionContext,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    try {
      const keyring = this.sealingKeyring(keyId, signal);
      const { result } = await whenAborted(
        signal,
        this.encrypt(this.managed(keyring, keyId), plaintext, {
          suiteId: SUITE,
          encryptionContext: { ...context },
          frameLength: FRAME_LENGTH,
        }),
      );
      return result;
    } catch (error) {
      throw toKmsSelectionError(error);
    }
  }

  check(message: Uint8Array, context: EncryptionContext): void {
    this.checkedHeader(message, context);
  }

  inspect(message: Uint8Array): MessageFacts {
    return describeMessage(message);
  }

  async spareKeys(signal: AbortSignal): Promise<KeySet | undefined> {
    const { additional } = this.otherKeys;
    const recovery = this.recoveryKey();
    const keyArns = await (this.additionalArns ??= keyArnsOf(additional, signal));
    return keyArns && { keyArns, otherKeys: recovery ? [recovery.fingerprint] : [] };
  }

  isOlder(keyId: string, keyArn: string, message: Uint8Array, signal: AbortSignal): Promise<boolean> {
    return this.materials.isOlder(keyId, keyArn, readHeader(message), signal);
  }

  async open(
    keyId: string | undefined,
    message: Uint8Array,
    context: EncryptionContext,
    signal: AbortSignal,
  ): Promise<Decrypted> {
    const { encryptedDataKeys } = this.checkedHeader(message, context);
    const kmsKeys = encryptedDataKeys.filter(isKmsDataKey);
    if (kmsKeys.length === 0) throw new KmsSelectionError({ code: "message-without-kms-key" });
    const sandboxKey = kmsKeys.some(({ encryptedDataKey }) =>
      SANDBOX_HEADER.every((byte, index) => encryptedDataKey[index] === byte),
    );
    if (sandboxKey && this.options.isAws) throw new KmsSelectionError({ code: "sandbox-token" });
    const keyring = this.openingKeyring(keyId, signal);
    // Where KMS is to find the key, the person is told which it was: an answer of its own is needed.
    const materials = keyId === undefined ? keyring : this.managed(keyring, keyId);
    const plaintext = await whenAborted(signal, openMessage(this.decrypt, materials, message));
    return { plaintext, keyArn: keyring.keyArn ?? kmsKeys[0]?.providerInfo ?? "" };
  }

  private checkedHeader(message: Uint8Array, context: EncryptionContext): MessageHeader {
    const header = readHeader(message);
    if (header.encryptedDataKeys.length > MAX_ENCRYPTED_DATA_KEYS) {
      throw new KmsSelectionError({
        code: "message-too-many-keys",
        keys: header.encryptedDataKeys.length,
      });
    }
    const difference = contextDifference(context, contextIn(header));
    if (difference) throw new KmsSelectionError({ code: "message-of-another-context", difference });
    if (header.version === MessageFormat.V1 && !this.options.allowUncommitted) {
      throw new KmsSelectionError({ code: "message-without-commitment" });
    }
    return header;
  }

  /** The SDK's multi-keyring fails where one of its keyrings does. */
  private sealingKeyring(keyId: string, signal: AbortSignal): KeyringNode {
    const { additional } = this.otherKeys;
    const recovery = this.recoveryKey();
    return new MultiKeyringNode({
      generator: new KmsDataKeyring(this.options.kms, keyId, signal, this.underWay),
      children: [
        ...additional.map((key) => new AdditionalKeyring(key, signal, this.underWay)),
        ...(recovery ? [recoveryKeyring(recovery)] : []),
      ],
    });
  }

  /** Throws where it is set, and cannot be used. */
  private recoveryKey(): RecoveryKey | undefined {
    const { recovery } = this.otherKeys;
    if (isKmsSelectionError(recovery)) throw recovery;
    return recovery;
  }

  /** The key in force comes first. Where KMS is to find the key, no other is meant. */
  private openingKeyring(
    keyId: string | undefined,
    signal: AbortSignal,
  ): KmsDataKeyring | FirstOpeningKeyring {
    const { kms, region } = this.options;
    const { additional, additionalFirst } = this.otherKeys;
    const keyring = new KmsDataKeyring(kms, keyId, signal, this.underWay, region);
    if (keyId === undefined || additional.length === 0) return keyring;
    const others = additional.map((key) => new AdditionalKeyring(key, signal, this.underWay));
    return new FirstOpeningKeyring(keyring, others, additionalFirst?.() ?? false, signal);
  }

  private managed(keyring: KeyringNode, keyId: string): KeyringNode | NodeCachingMaterialsManager {
    const { cache } = this.options;
    if (!cache) return keyring;
    const { additional, recovery } = this.otherKeys;
    const others = [additional.map(({ arn }) => arn), isKmsSelectionError(recovery) || recovery?.fingerprint];
    return new NodeCachingMaterialsManager({
      backingMaterials: keyring,
      cache: cache.keys,
      partition: JSON.stringify([cache.partition, keyId, others]),
      maxAge: CACHE_MAX_AGE,
      maxMessagesEncrypted: CACHE_MAX_MESSAGES,
      maxBytesEncrypted: CACHE_MAX_BYTES,
    });
  }
}

/** Throws `token-damaged` for whatever the Encryption SDK refuses; its plaintext is there when all of it was verified. */
export async function openMessage(
  decrypt: ReturnType<typeof buildDecrypt>["decrypt"],
  materials: Parameters<typeof decrypt>[0],
  message: Uint8Array,
): Promise<Uint8Array> {
  try {
    return (await decrypt(materials, message)).plaintext;
  } catch (error) {
    throw isKmsSelectionError(error)
      ? error
      : new KmsSelectionError({ code: "token-damaged" }, { cause: error });
  }
}

export { loadRecoveryKey, type RecoveryKey } from "./recoveryKey";
