/** What each operation takes, and its limits: https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html */
import { type Input, readInput } from "./inputShape";

const KEY_ID = {
  type: "string",
  min: 1,
  max: 2048,
  pattern: { test: /^\p{ASCII}+$/u, text: "^\\p{ASCII}+$" },
} as const;
const CONTEXT = { type: "stringMap" } as const;
const GRANT_TOKENS = { type: "stringList", max: 10, each: { min: 1, max: 8192 } } as const;
const ALGORITHM = {
  type: "string",
  oneOf: ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE", "SYMMETRIC_DEFAULT"],
} as const;
const BOOLEAN = { type: "boolean" } as const;
const CIPHERTEXT = { type: "blob", min: 1, max: 6144 } as const;
const RECIPIENT = { type: "structure" } as const;
const DRY_RUN_MODIFIERS = { type: "stringList", max: 1, each: { oneOf: ["IGNORE_CIPHERTEXT"] } } as const;

export const INPUTS = {
  Encrypt: {
    KeyId: { ...KEY_ID, required: true },
    Plaintext: { type: "blob", min: 1, max: 4096, required: true, sensitive: true },
    EncryptionContext: CONTEXT,
    EncryptionAlgorithm: ALGORITHM,
    GrantTokens: GRANT_TOKENS,
    DryRun: BOOLEAN,
  },
  Decrypt: {
    CiphertextBlob: CIPHERTEXT,
    EncryptionContext: CONTEXT,
    KeyId: KEY_ID,
    EncryptionAlgorithm: ALGORITHM,
    GrantTokens: GRANT_TOKENS,
    Recipient: RECIPIENT,
    DryRun: BOOLEAN,
    DryRunModifiers: DRY_RUN_MODIFIERS,
  },
  ReEncrypt: {
    CiphertextBlob: CIPHERTEXT,
    SourceEncryptionContext: CONTEXT,
    SourceKeyId: KEY_ID,
    SourceEncryptionAlgorithm: ALGORITHM,
    DestinationKeyId: { ...KEY_ID, required: true },
    DestinationEncryptionContext: CONTEXT,
    DestinationEncryptionAlgorithm: ALGORITHM,
    GrantTokens: GRANT_TOKENS,
    DryRun: BOOLEAN,
    DryRunModifiers: DRY_RUN_MODIFIERS,
  },
  GenerateDataKey: {
    KeyId: { ...KEY_ID, required: true },
    KeySpec: { type: "string", oneOf: ["AES_256", "AES_128"] },
    NumberOfBytes: { type: "integer", min: 1, max: 1024 },
    EncryptionContext: CONTEXT,
    GrantTokens: GRANT_TOKENS,
    Recipient: RECIPIENT,
    DryRun: BOOLEAN,
  },
  DescribeKey: { KeyId: { ...KEY_ID, required: true }, GrantTokens: GRANT_TOKENS },
  // At most 100: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html
  ListAliases: {
    KeyId: KEY_ID,
    Limit: { type: "integer", min: 1, max: 100 },
    Marker: { type: "string", min: 1, max: 1024 },
  },
  GetKeyRotationStatus: { KeyId: { ...KEY_ID, required: true } },
} as const;

export type Operation = keyof typeof INPUTS;
export type OperationInput<O extends Operation> = Input<(typeof INPUTS)[O]>;

export function isOperation(name: string): name is Operation {
  return Object.hasOwn(INPUTS, name);
}

export function readOperationInput<O extends Operation>(operation: O, input: unknown): OperationInput<O> {
  return readInput(INPUTS[operation], input);
}
