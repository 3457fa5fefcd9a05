/** A KMS that runs in this process: the shapes of the AWS JSON 1.1 protocol in, the same shapes or a KmsException out. */
import { randomBytes } from "node:crypto";
import {
  type EncryptionContext,
  isBlob,
  isSealedUnder,
  keyMaterialId,
  open,
  requireMasterKey,
  seal,
} from "./blob";
import { isOperation, type Operation, type OperationInput, readOperationInput } from "./inputs";
import { missing, validationError } from "./inputShape";
import { KeyStore, type LocalKey, requireEnabled, type StoredKey } from "./keyStore";
import { aliasEntries, keyMetadata, rotationStatus } from "./keyViews";
import { KmsException } from "./kmsException";

export interface LocalKmsOptions {
  readonly region: string;
  readonly accountId?: string;
  /** 32 bytes; the secret that every key is derived from. */
  readonly masterKey: Uint8Array;
  readonly keys: readonly LocalKey[];
}

type Output = Record<string, unknown>;

const SYMMETRIC = "SYMMETRIC_DEFAULT";
const NO_CONTEXT: EncryptionContext = new Map();

export class LocalKms {
  readonly #masterKey: Uint8Array;
  readonly #store: KeyStore;

  constructor({ region, accountId = "000000000000", masterKey, keys }: LocalKmsOptions) {
    requireMasterKey(masterKey);
    this.#masterKey = Uint8Array.from(masterKey);
    this.#store = new KeyStore(region, accountId, keys);
  }

  /** `input` is the parsed JSON body of a request. Throws KmsException for whatever KMS refuses. */
  call(operation: string, input: unknown): Output {
    if (!isOperation(operation)) throw new KmsException("UnknownOperationException");
    return this.#operations[operation](input);
  }

  readonly #operations: Record<Operation, (input: unknown) => Output> = {
    Encrypt: (input) => this.#encrypt(readOperationInput("Encrypt", input)),
    Decrypt: (input) => this.#decrypt(readOperationInput("Decrypt", input)),
    ReEncrypt: (input) => this.#reEncrypt(readOperationInput("ReEncrypt", input)),
    GenerateDataKey: (input) => this.#generateDataKey(readOperationInput("GenerateDataKey", input)),
    DescribeKey: (input) => {
      const key = this.#store.find(readOperationInput("DescribeKey", input).KeyId);
      return { KeyMetadata: keyMetadata(this.#store, key, this.#materialId(key)) };
    },
    ListAliases: (input) => aliasEntries(this.#store, readOperationInput("ListAliases", input)),
    GetKeyRotationStatus: (input) =>
      rotationStatus(this.#store.findByKeyId(readOperationInput("GetKeyRotationStatus", input).KeyId)),
  };

  #encrypt(input: OperationInput<"Encrypt">): Output {
    rejectGrantTokens(input.GrantTokens);
    const key = this.#usableKey(input.KeyId, "Encrypt", input.EncryptionAlgorithm);
    rejectDryRun(input.DryRun);
    return {
      CiphertextBlob: this.#seal(key, input.Plaintext, input.EncryptionContext),
      KeyId: key.arn,
      EncryptionAlgorithm: SYMMETRIC,
    };
  }

  #decrypt(input: OperationInput<"Decrypt">): Output {
    rejectGrantTokens(input.GrantTokens);
    rejectRecipient(input.Recipient);
    const { key, plaintext, rotations } = this.#open("Decrypt", {
      ciphertext: input.CiphertextBlob,
      keyId: input.KeyId,
      keyIdMember: "KeyId",
      context: input.EncryptionContext,
      algorithm: input.EncryptionAlgorithm,
      ignoreCiphertext: ignoresCiphertext(input),
    });
    rejectDryRun(input.DryRun);
    return {
      KeyId: key.arn,
      Plaintext: base64(plaintext),
      EncryptionAlgorithm: SYMMETRIC,
      KeyMaterialId: this.#materialId(key, rotations),
    };
  }

  #reEncrypt(input: OperationInput<"ReEncrypt">): Output {
    rejectGrantTokens(input.GrantTokens);
    const {
      key: source,
      plaintext,
      rotations,
    } = this.#open("ReEncryptFrom", {
      ciphertext: input.CiphertextBlob,
      keyId: input.SourceKeyId,
      keyIdMember: "SourceKeyId",
      context: input.SourceEncryptionContext,
      algorithm: input.SourceEncryptionAlgorithm,
      ignoreCiphertext: ignoresCiphertext(input),
    });
    const destination = this.#usableKey(
      input.DestinationKeyId,
      "ReEncryptTo",
      input.DestinationEncryptionAlgorithm,
    );
    rejectDryRun(input.DryRun);
    return {
      CiphertextBlob: this.#seal(destination, plaintext, input.DestinationEncryptionContext),
      SourceKeyId: source.arn,
      KeyId: destination.arn,
      SourceEncryptionAlgorithm: SYMMETRIC,
      DestinationEncryptionAlgorithm: SYMMETRIC,
      SourceKeyMaterialId: this.#materialId(source, rotations),
      DestinationKeyMaterialId: this.#materialId(destination),
    };
  }

  #generateDataKey(input: OperationInput<"GenerateDataKey">): Output {
    rejectGrantTokens(input.GrantTokens);
    rejectRecipient(input.Recipient);
    const { KeySpec: spec, NumberOfBytes: bytes } = input;
    const key = this.#store.find(input.KeyId);
    if ((spec === undefined) === (bytes === undefined))
      throw new KmsException("ValidationException", "Please specify either number of bytes or key spec.");
    requireEncryptionKey(key, "GenerateDataKey");
    requireEnabled(key);
    if (key.keySpec !== SYMMETRIC)
      throw new KmsException(
        "InvalidKeyUsageException",
        "You cannot generate a data key with an asymmetric CMK",
      );
    rejectDryRun(input.DryRun);
    const plaintext = randomBytes(bytes ?? (spec === "AES_128" ? 16 : 32));
    return {
      CiphertextBlob: this.#seal(key, plaintext, input.EncryptionContext),
      Plaintext: base64(plaintext),
      KeyId: key.arn,
      KeyMaterialId: this.#materialId(key),
    };
  }

  #usableKey(keyId: string, operation: string, algorithm: string | undefined): StoredKey {
    const key = this.#store.find(keyId);
    requireUsable(key, operation, algorithm);
    return key;
  }

  /** The half of Decrypt and ReEncrypt that opens a blob. */
  #open(
    operation: string,
    request: {
      readonly ciphertext: Uint8Array | undefined;
      readonly keyId: string | undefined;
      readonly keyIdMember: string;
      readonly context: EncryptionContext | undefined;
      readonly algorithm: string | undefined;
      readonly ignoreCiphertext: boolean;
    },
  ): { key: StoredKey; plaintext: Uint8Array; rotations: number } {
    const { ciphertext, keyId } = request;
    if (request.ignoreCiphertext) {
      if (keyId === undefined) throw validationError([missing(request.keyIdMember)]);
      const key = this.#usableKey(keyId, operation, request.algorithm);
      return { key, plaintext: new Uint8Array(), rotations: key.rotations };
    }
    if (!ciphertext) throw validationError([missing("CiphertextBlob")]);
    const named = keyId === undefined ? undefined : this.#store.find(keyId);
    if (!isBlob(ciphertext)) throw new KmsException("InvalidCiphertextException");
    const key = [...this.#store.keys()].find((candidate) => isSealedUnder(candidate.keyId, ciphertext));
    if (named && named !== key)
      throw new KmsException(
        "IncorrectKeyException",
        "The key ID in the request does not identify a CMK that can perform this operation.",
      );
    // https://repost.aws/knowledge-center/kms-access-denied-exception
    if (!key)
      throw new KmsException(
        "AccessDeniedException",
        "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.",
      );
    requireUsable(key, operation, request.algorithm);
    const context = request.context ?? NO_CONTEXT;
    const opened = open(this.#masterKey, key.keyId, ciphertext, context, key.rotations);
    if (!opened) throw new KmsException("InvalidCiphertextException");
    return { key, ...opened };
  }

  #seal(key: StoredKey, plaintext: Uint8Array, context: EncryptionContext | undefined): string {
    return base64(seal(this.#masterKey, key.keyId, plaintext, context ?? NO_CONTEXT, key.rotations));
  }

  #materialId(key: StoredKey, rotations = key.rotations): string {
    return keyMaterialId(this.#masterKey, key.keyId, rotations);
  }
}

function requireUsable(key: StoredKey, operation: string, algorithm = SYMMETRIC): void {
  requireEncryptionKey(key, operation);
  requireEnabled(key);
  if ((algorithm === SYMMETRIC) !== (key.keySpec === SYMMETRIC))
    throw new KmsException(
      "InvalidKeyUsageException",
      `Algorithm ${algorithm} and key spec ${key.keySpec} are incompatible.`,
    );
  if (key.keySpec !== SYMMETRIC)
    throw new KmsException("UnsupportedOperationException", "The sandbox encrypts with symmetric keys only.");
}

function requireEncryptionKey(key: StoredKey, operation: string): void {
  if (key.keyUsage !== "ENCRYPT_DECRYPT")
    throw new KmsException(
      "InvalidKeyUsageException",
      `${key.arn} key usage is ${key.keyUsage} which is not valid for ${operation}.`,
    );
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html */
function rejectDryRun(dryRun: boolean | undefined): void {
  if (dryRun)
    throw new KmsException(
      "DryRunOperationException",
      "The request would have succeeded, but the DryRun option is set.",
    );
}

function ignoresCiphertext(input: OperationInput<"Decrypt" | "ReEncrypt">): boolean {
  return input.DryRun === true && (input.DryRunModifiers ?? []).includes("IGNORE_CIPHERTEXT");
}

/** There are no grants here, so no token is of one. */
function rejectGrantTokens(tokens: readonly string[] = []): void {
  if (tokens.length > 0) throw new KmsException("InvalidGrantTokenException");
}

function rejectRecipient(recipient: object | undefined): void {
  if (recipient)
    throw new KmsException("UnsupportedOperationException", "The sandbox does not encrypt for an enclave.");
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
