/** One table of what KMS does, run against the sandbox and against implementations that are not ours. */
import {
  DecryptCommand,
  type DecryptCommandInput,
  DescribeKeyCommand,
  EncryptCommand,
  type EncryptCommandInput,
  GenerateDataKeyCommand,
  type GenerateDataKeyCommandInput,
  GetKeyRotationStatusCommand,
  ListAliasesCommand,
  ReEncryptCommand,
  type ReEncryptCommandInput,
} from "@aws-sdk/client-kms";
import type { World } from "./worlds";

export interface Case {
  readonly title: string;
  readonly send: (world: World) => Promise<object>;
  /** What AWS documents: the name of an exception, or members that the output must have. */
  readonly expected: string | readonly string[];
  /** Where moto is known to do something else: what it does, and the page by which AWS does not. */
  readonly moto?: { readonly does: string | readonly string[]; readonly source: string };
}

const API = "https://docs.aws.amazon.com/kms/latest/APIReference/API_";
const GUIDE = "https://docs.aws.amazon.com/kms/latest/developerguide/";
const Plaintext = Buffer.from("hunter2");
const alice = { identity: "alice" };
const ABSENT = "99999999-9999-4999-8999-999999999999";

const encrypt =
  (input: Partial<EncryptCommandInput> = {}) =>
  ({ kms }: World) =>
    kms.send(new EncryptCommand({ KeyId: "alias/app", Plaintext, EncryptionContext: alice, ...input }));
const decrypt =
  (input: Partial<DecryptCommandInput> = {}) =>
  ({ kms, blob }: World) =>
    kms.send(new DecryptCommand({ CiphertextBlob: blob, EncryptionContext: alice, ...input }));
const reEncrypt =
  (input: Partial<ReEncryptCommandInput> = {}) =>
  ({ kms, blob }: World) =>
    kms.send(
      new ReEncryptCommand({
        CiphertextBlob: blob,
        SourceEncryptionContext: alice,
        DestinationKeyId: "alias/other",
        ...input,
      }),
    );
const dataKey =
  (input: Partial<GenerateDataKeyCommandInput>) =>
  ({ kms }: World) =>
    kms.send(new GenerateDataKeyCommand({ KeyId: "alias/app", ...input }));
const describeKey =
  (KeyId: string) =>
  ({ kms }: World) =>
    kms.send(new DescribeKeyCommand({ KeyId }));

const withoutCiphertext = {
  CiphertextBlob: undefined,
  DryRun: true,
  DryRunModifiers: ["IGNORE_CIPHERTEXT" as const],
};

export const cases: readonly Case[] = [
  {
    title: "Encrypt",
    send: encrypt(),
    expected: ["CiphertextBlob", "EncryptionAlgorithm", "KeyId"],
    moto: { does: ["CiphertextBlob", "KeyId"], source: `${API}Encrypt.html#API_Encrypt_ResponseSyntax` },
  },
  {
    title: "Encrypt, 4096 bytes",
    send: encrypt({ Plaintext: Buffer.alloc(4096) }),
    expected: ["CiphertextBlob"],
  },
  {
    title: "Encrypt, 4097 bytes",
    send: encrypt({ Plaintext: Buffer.alloc(4097) }),
    expected: "ValidationException",
  },
  {
    title: "Encrypt, no bytes",
    send: encrypt({ Plaintext: Buffer.alloc(0) }),
    expected: "ValidationException",
  },
  {
    title: "Encrypt, an alias that is not there",
    send: encrypt({ KeyId: "alias/no" }),
    expected: "NotFoundException",
  },
  {
    title: "Encrypt, a key id that is not there",
    send: encrypt({ KeyId: ABSENT }),
    expected: "NotFoundException",
  },
  {
    title: "Encrypt, a disabled key",
    send: encrypt({ KeyId: "alias/disabled" }),
    expected: "DisabledException",
    moto: { does: ["CiphertextBlob", "KeyId"], source: `${GUIDE}key-state.html` },
  },
  {
    title: "Encrypt, a key pending deletion",
    send: encrypt({ KeyId: "alias/pending-deletion" }),
    expected: "KMSInvalidStateException",
    moto: { does: ["CiphertextBlob", "KeyId"], source: `${GUIDE}key-state.html` },
  },
  {
    title: "Encrypt, a key for MACs",
    send: encrypt({ KeyId: "alias/mac" }),
    expected: "InvalidKeyUsageException",
    moto: { does: ["CiphertextBlob", "KeyId"], source: `${API}Encrypt.html#API_Encrypt_Errors` },
  },
  {
    title: "Encrypt, a dry run",
    send: encrypt({ DryRun: true }),
    expected: "DryRunOperationException",
    moto: { does: ["CiphertextBlob", "KeyId"], source: `${GUIDE}testing-permissions.html` },
  },
  {
    title: "GenerateDataKey, a dry run",
    send: dataKey({ KeySpec: "AES_256", DryRun: true }),
    expected: "DryRunOperationException",
    moto: { does: ["CiphertextBlob", "KeyId", "Plaintext"], source: `${GUIDE}testing-permissions.html` },
  },
  {
    title: "Decrypt, a dry run",
    send: decrypt({ DryRun: true }),
    expected: "DryRunOperationException",
    moto: { does: ["KeyId", "Plaintext"], source: `${GUIDE}testing-permissions.html` },
  },
  {
    title: "Decrypt, a dry run without a ciphertext",
    send: decrypt({ ...withoutCiphertext, KeyId: "alias/app" }),
    expected: "DryRunOperationException",
    moto: { does: "InvalidCiphertextException", source: `${GUIDE}testing-permissions.html` },
  },
  {
    title: "Decrypt, a dry run with neither ciphertext nor key",
    send: decrypt(withoutCiphertext),
    expected: "ValidationException",
    moto: { does: "InvalidCiphertextException", source: `${API}Decrypt.html#API_Decrypt_RequestParameters` },
  },
  {
    title: "ReEncrypt, a dry run without a ciphertext",
    send: reEncrypt({ ...withoutCiphertext, SourceKeyId: "alias/app" }),
    expected: "DryRunOperationException",
    moto: { does: "InvalidCiphertextException", source: `${GUIDE}testing-permissions.html` },
  },
  {
    title: "Decrypt",
    send: decrypt(),
    expected: ["EncryptionAlgorithm", "KeyId", "KeyMaterialId", "Plaintext"],
    moto: { does: ["KeyId", "Plaintext"], source: `${API}Decrypt.html#API_Decrypt_ResponseSyntax` },
  },
  { title: "Decrypt, with the key", send: decrypt({ KeyId: "alias/app" }), expected: ["KeyId", "Plaintext"] },
  {
    title: "Decrypt, another context",
    send: decrypt({ EncryptionContext: { identity: "bob" } }),
    expected: "InvalidCiphertextException",
  },
  {
    title: "Decrypt, no context",
    send: decrypt({ EncryptionContext: undefined }),
    expected: "InvalidCiphertextException",
  },
  {
    title: "Decrypt, another key",
    send: decrypt({ KeyId: "alias/other" }),
    expected: "IncorrectKeyException",
    moto: { does: "AccessDeniedException", source: `${API}Decrypt.html#API_Decrypt_Errors` },
  },
  {
    title: "Decrypt, not a blob",
    send: decrypt({
      CiphertextBlob: Buffer.from("this is not a blob of any KMS, and long enough to be taken for one"),
    }),
    expected: "InvalidCiphertextException",
    moto: { does: "AccessDeniedException", source: `${API}Decrypt.html#API_Decrypt_Errors` },
  },
  {
    title: "Decrypt, no bytes",
    send: decrypt({ CiphertextBlob: Buffer.alloc(0) }),
    expected: "ValidationException",
    moto: { does: "InvalidCiphertextException", source: `${API}Decrypt.html#API_Decrypt_RequestParameters` },
  },
  {
    title: "Decrypt, 6145 bytes",
    send: decrypt({ CiphertextBlob: Buffer.alloc(6145) }),
    expected: "ValidationException",
    moto: { does: "AccessDeniedException", source: `${API}Decrypt.html#API_Decrypt_RequestParameters` },
  },
  {
    title: "ReEncrypt",
    send: reEncrypt(),
    expected: [
      "CiphertextBlob",
      "DestinationEncryptionAlgorithm",
      "KeyId",
      "SourceEncryptionAlgorithm",
      "SourceKeyId",
    ],
    moto: {
      does: ["CiphertextBlob", "KeyId", "SourceKeyId"],
      source: `${API}ReEncrypt.html#API_ReEncrypt_ResponseSyntax`,
    },
  },
  {
    title: "ReEncrypt, another source context",
    send: reEncrypt({ SourceEncryptionContext: { identity: "bob" } }),
    expected: "InvalidCiphertextException",
  },
  {
    title: "ReEncrypt, another source key",
    send: reEncrypt({ SourceKeyId: "alias/other" }),
    expected: "IncorrectKeyException",
    moto: {
      does: ["CiphertextBlob", "KeyId", "SourceKeyId"],
      source: `${API}ReEncrypt.html#API_ReEncrypt_Errors`,
    },
  },
  {
    title: "ReEncrypt, to an alias that is not there",
    send: reEncrypt({ DestinationKeyId: "alias/no" }),
    expected: "NotFoundException",
  },
  {
    title: "GenerateDataKey",
    send: dataKey({ KeySpec: "AES_256" }),
    expected: ["CiphertextBlob", "KeyId", "KeyMaterialId", "Plaintext"],
    moto: {
      does: ["CiphertextBlob", "KeyId", "Plaintext"],
      source: `${API}GenerateDataKey.html#API_GenerateDataKey_ResponseSyntax`,
    },
  },
  { title: "GenerateDataKey, no size", send: dataKey({}), expected: "ValidationException" },
  {
    title: "GenerateDataKey, two sizes",
    send: dataKey({ KeySpec: "AES_256", NumberOfBytes: 32 }),
    expected: "ValidationException",
  },
  { title: "GenerateDataKey, 1024 bytes", send: dataKey({ NumberOfBytes: 1024 }), expected: ["Plaintext"] },
  {
    title: "GenerateDataKey, 1025 bytes",
    send: dataKey({ NumberOfBytes: 1025 }),
    expected: "ValidationException",
  },
  { title: "DescribeKey", send: describeKey("alias/app"), expected: ["KeyMetadata"] },
  { title: "DescribeKey, a disabled key", send: describeKey("alias/disabled"), expected: ["KeyMetadata"] },
  { title: "DescribeKey, not a key id", send: describeKey("app"), expected: "NotFoundException" },
  {
    title: "DescribeKey, an ARN of another Region",
    send: ({ kms, keyIds }) =>
      kms.send(
        new DescribeKeyCommand({ KeyId: `arn:aws:kms:eu-west-1:000000000000:key/${keyIds.get("app")}` }),
      ),
    expected: "NotFoundException",
    moto: { does: ["KeyMetadata"], source: `${API}DescribeKey.html#API_DescribeKey_Errors` },
  },
  {
    title: "ListAliases",
    send: ({ kms }) => kms.send(new ListAliasesCommand({})),
    expected: ["Aliases", "Truncated"],
  },
  {
    title: "ListAliases, one a page",
    send: ({ kms }) => kms.send(new ListAliasesCommand({ Limit: 1 })),
    expected: ["Aliases", "NextMarker", "Truncated"],
    moto: {
      does: ["Aliases", "Truncated"],
      source: `${API}ListAliases.html#API_ListAliases_RequestParameters`,
    },
  },
  {
    title: "GetKeyRotationStatus",
    send: ({ kms, keyIds }) => kms.send(new GetKeyRotationStatusCommand({ KeyId: keyIds.get("app") })),
    expected: ["KeyId", "KeyRotationEnabled", "NextRotationDate", "RotationPeriodInDays"],
    moto: {
      does: ["KeyRotationEnabled"],
      source: `${API}GetKeyRotationStatus.html#API_GetKeyRotationStatus_ResponseSyntax`,
    },
  },
  {
    title: "GetKeyRotationStatus, an alias",
    send: ({ kms }) => kms.send(new GetKeyRotationStatusCommand({ KeyId: "alias/app" })),
    expected: "InvalidArnException",
    moto: {
      does: "NotFoundException",
      source: `${API}GetKeyRotationStatus.html#API_GetKeyRotationStatus_RequestParameters`,
    },
  },
];

/** The name of the exception, or the names of the members that have a value. */
export async function outcome({ send }: Case, world: World): Promise<string | string[]> {
  try {
    const output = await send(world);
    return Object.entries(output)
      .filter(([name, value]) => name !== "$metadata" && value !== undefined)
      .map(([name]) => name)
      .sort();
  } catch (error) {
    return (error as Error).name;
  }
}
