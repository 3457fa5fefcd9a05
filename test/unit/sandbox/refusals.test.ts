/** What KMS refuses, with which exception, and in which words. One table, over both transports. */
import assert from "node:assert/strict";
import {
  DecryptCommand,
  type DecryptCommandInput,
  DescribeKeyCommand,
  DisabledException,
  DryRunOperationException,
  EncryptCommand,
  type EncryptCommandInput,
  GenerateDataKeyCommand,
  type GenerateDataKeyCommandInput,
  GetKeyRotationStatusCommand,
  IncorrectKeyException,
  InvalidArnException,
  InvalidCiphertextException,
  InvalidGrantTokenException,
  InvalidKeyUsageException,
  InvalidMarkerException,
  type KMSClient,
  KMSInvalidStateException,
  KMSServiceException,
  ListAliasesCommand,
  type ListAliasesCommandInput,
  NotFoundException,
  ReEncryptCommand,
  type ReEncryptCommandInput,
  UnsupportedOperationException,
} from "@aws-sdk/client-kms";
import type { KeyState, LocalKey } from "../../../src/sandbox/keyStore";
import { APP_KEY_ID, TEST_ACCOUNT, TEST_KEYS, TEST_REGION } from "../../support/kmsServer";
import { type Connected, transports } from "./transports";

const ARN = `arn:aws:kms:${TEST_REGION}:${TEST_ACCOUNT}:`;
const ABSENT = "99999999-9999-4999-8999-999999999999";
const Plaintext = Buffer.from("x");
const RSA: LocalKey = {
  keyId: "66666666-6666-4666-8666-666666666666",
  aliases: ["alias/rsa"],
  keySpec: "RSA_2048",
};
const STATES: readonly [KeyState, string][] = [
  ["Creating", "is creating."],
  ["PendingImport", "is pending import."],
  ["PendingReplicaDeletion", "is pending replica deletion."],
  ["Unavailable", "is unavailable."],
  ["Updating", "is updating."],
];
const KEYS: readonly LocalKey[] = [
  ...TEST_KEYS,
  RSA,
  ...STATES.map(([state], n) => ({
    keyId: `77777777-7777-4777-8777-77777777777${n}`,
    aliases: [`alias/${state}`],
    state,
  })),
];

const arnOf = (alias: string) => `${ARN}key/${KEYS.find(({ aliases }) => aliases?.includes(alias))?.keyId}`;

type ExceptionClass = new (...of: never[]) => KMSServiceException;
/** A class where the SDK has one, a name where it has none; no message means that AWS sends none. */
type Refusal = [exception: ExceptionClass | string, message?: string];
type Case = [title: string, send: (kms: KMSClient) => Promise<unknown>, refusal: Refusal];

const encrypt = (input: Partial<EncryptCommandInput>) => (kms: KMSClient) =>
  kms.send(new EncryptCommand({ KeyId: "alias/app", Plaintext, ...input }));
const dataKey = (input: Partial<GenerateDataKeyCommandInput>) => (kms: KMSClient) =>
  kms.send(new GenerateDataKeyCommand({ KeyId: "alias/app", ...input }));
const describeKey = (KeyId: string) => (kms: KMSClient) => kms.send(new DescribeKeyCommand({ KeyId }));
const rotation = (KeyId: string) => (kms: KMSClient) => kms.send(new GetKeyRotationStatusCommand({ KeyId }));
const aliases = (input: ListAliasesCommandInput) => (kms: KMSClient) =>
  kms.send(new ListAliasesCommand(input));
const decrypt =
  (input: Partial<DecryptCommandInput>, sealed: Partial<EncryptCommandInput> = {}) =>
  async (kms: KMSClient) => {
    const { CiphertextBlob } = await encrypt(sealed)(kms);
    return kms.send(new DecryptCommand({ CiphertextBlob, ...input }));
  };
const reEncrypt = (input: Partial<ReEncryptCommandInput>) => async (kms: KMSClient) => {
  const { CiphertextBlob } = await encrypt({})(kms);
  return kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: "alias/other", ...input }));
};

const invalid = (fault: string): Refusal => ["ValidationException", `1 validation error detected: ${fault}`];
const nullAt = (member: string) =>
  invalid(`Value null at '${member}' failed to satisfy constraint: Member must not be null`);
const passed: Refusal = [
  DryRunOperationException,
  "The request would have succeeded, but the DryRun option is set.",
];
/** For members that the SDK's types demand. */
const missing = undefined as unknown as string;

const cases: Case[] = [
  // Which key
  [
    "an alias that is not there",
    encrypt({ KeyId: "alias/no" }),
    [NotFoundException, `Alias ${ARN}alias/no is not found.`],
  ],
  [
    "an alias in another case",
    encrypt({ KeyId: "alias/App" }),
    [NotFoundException, `Alias ${ARN}alias/App is not found.`],
  ],
  ["an alias without its prefix", encrypt({ KeyId: "app" }), [NotFoundException, "Invalid keyId 'app'"]],
  [
    "a key id that is not there",
    describeKey(ABSENT),
    [NotFoundException, `Key '${ARN}key/${ABSENT}' does not exist`],
  ],
  [
    "a key ARN that is not there",
    describeKey(`${ARN}key/${ABSENT}`),
    [NotFoundException, `Key '${ARN}key/${ABSENT}' does not exist`],
  ],
  [
    "an ARN of another Region",
    encrypt({ KeyId: `arn:aws:kms:eu-west-1:${TEST_ACCOUNT}:key/${APP_KEY_ID}` }),
    [NotFoundException, "Invalid arn eu-west-1"],
  ],
  [
    "a key ARN of another account",
    encrypt({ KeyId: `arn:aws:kms:${TEST_REGION}:111122223333:key/${APP_KEY_ID}` }),
    [
      "AccessDeniedException",
      `Not authorized on resource: arn:aws:kms:${TEST_REGION}:111122223333:key/${APP_KEY_ID} because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
    ],
  ],
  [
    "an alias ARN of another account",
    encrypt({ KeyId: `arn:aws:kms:${TEST_REGION}:111122223333:alias/app` }),
    [NotFoundException, `Alias arn:aws:kms:${TEST_REGION}:111122223333:alias/app is not found.`],
  ],
  [
    "an ARN of another service",
    encrypt({ KeyId: "arn:aws:s3:::bucket" }),
    [InvalidArnException, "Invalid arn arn:aws:s3:::bucket"],
  ],
  [
    "an ARN that ends early",
    encrypt({ KeyId: "arn:aws:kms" }),
    [InvalidArnException, "Invalid arn arn:aws:kms"],
  ],
  ["no key id", encrypt({ KeyId: missing }), nullAt("keyId")],
  [
    "a key id of 2049 characters",
    encrypt({ KeyId: "a".repeat(2049) }),
    invalid(
      `Value '${"a".repeat(2049)}' at 'keyId' failed to satisfy constraint: Member must have length less than or equal to 2048`,
    ),
  ],
  [
    "a key id that is not ASCII",
    describeKey("ключ"),
    invalid(
      "Value 'ключ' at 'keyId' failed to satisfy constraint: Member must satisfy regular expression pattern: ^\\p{ASCII}+$",
    ),
  ],
  [
    "an empty key id, two faults at once",
    describeKey(""),
    [
      "ValidationException",
      "2 validation errors detected: Value '' at 'keyId' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '' at 'keyId' failed to satisfy constraint: Member must satisfy regular expression pattern: ^\\p{ASCII}+$",
    ],
  ],
  [
    "Decrypt with a key that is not there",
    decrypt({ KeyId: "alias/no" }),
    [NotFoundException, `Alias ${ARN}alias/no is not found.`],
  ],
  [
    "ReEncrypt to a key that is not there",
    reEncrypt({ DestinationKeyId: "alias/no" }),
    [NotFoundException, `Alias ${ARN}alias/no is not found.`],
  ],
  ["ReEncrypt to no key", reEncrypt({ DestinationKeyId: missing }), nullAt("destinationKeyId")],

  // Which state and usage
  [
    "a disabled key",
    encrypt({ KeyId: "alias/disabled" }),
    [DisabledException, `${arnOf("alias/disabled")} is disabled.`],
  ],
  [
    "a key pending deletion",
    encrypt({ KeyId: "alias/pending-deletion" }),
    [KMSInvalidStateException, `${arnOf("alias/pending-deletion")} is pending deletion.`],
  ],
  ...STATES.map(([state, words]): Case => [
    `a key in state ${state}`,
    encrypt({ KeyId: `alias/${state}` }),
    [KMSInvalidStateException, `${arnOf(`alias/${state}`)} ${words}`],
  ]),
  [
    "a data key of a disabled key",
    dataKey({ KeyId: "alias/disabled", KeySpec: "AES_256" }),
    [DisabledException, `${arnOf("alias/disabled")} is disabled.`],
  ],
  [
    "ReEncrypt to a disabled key",
    reEncrypt({ DestinationKeyId: "alias/disabled" }),
    [DisabledException, `${arnOf("alias/disabled")} is disabled.`],
  ],
  [
    "a key for MACs",
    encrypt({ KeyId: "alias/mac" }),
    [
      InvalidKeyUsageException,
      `${arnOf("alias/mac")} key usage is GENERATE_VERIFY_MAC which is not valid for Encrypt.`,
    ],
  ],
  [
    "a data key of a key for MACs",
    dataKey({ KeyId: "alias/mac", KeySpec: "AES_256" }),
    [
      InvalidKeyUsageException,
      `${arnOf("alias/mac")} key usage is GENERATE_VERIFY_MAC which is not valid for GenerateDataKey.`,
    ],
  ],
  [
    "Decrypt with a key for MACs",
    decrypt({ KeyId: "alias/mac" }),
    [
      IncorrectKeyException,
      "The key ID in the request does not identify a CMK that can perform this operation.",
    ],
  ],
  [
    "an RSA algorithm with a symmetric key",
    encrypt({ EncryptionAlgorithm: "RSAES_OAEP_SHA_256" }),
    [
      InvalidKeyUsageException,
      "Algorithm RSAES_OAEP_SHA_256 and key spec SYMMETRIC_DEFAULT are incompatible.",
    ],
  ],
  [
    "Decrypt with an RSA algorithm",
    decrypt({ EncryptionAlgorithm: "RSAES_OAEP_SHA_1" }),
    [InvalidKeyUsageException, "Algorithm RSAES_OAEP_SHA_1 and key spec SYMMETRIC_DEFAULT are incompatible."],
  ],
  [
    "the symmetric algorithm with an RSA key",
    encrypt({ KeyId: "alias/rsa" }),
    [InvalidKeyUsageException, "Algorithm SYMMETRIC_DEFAULT and key spec RSA_2048 are incompatible."],
  ],
  [
    "RSA, which the sandbox has not",
    encrypt({ KeyId: "alias/rsa", EncryptionAlgorithm: "RSAES_OAEP_SHA_256" }),
    [UnsupportedOperationException, "The sandbox encrypts with symmetric keys only."],
  ],
  [
    "a data key of an RSA key",
    dataKey({ KeyId: "alias/rsa", KeySpec: "AES_256" }),
    [InvalidKeyUsageException, "You cannot generate a data key with an asymmetric CMK"],
  ],
  [
    "an unknown algorithm",
    encrypt({ EncryptionAlgorithm: "ROT13" as never }),
    invalid(
      "Value 'ROT13' at 'encryptionAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [RSAES_OAEP_SHA_1, RSAES_OAEP_SHA_256, SM2PKE, SYMMETRIC_DEFAULT]",
    ),
  ],

  // Members that are missing or out of bounds
  [
    "no plaintext",
    encrypt({ Plaintext: undefined }),
    invalid("Value at 'plaintext' failed to satisfy constraint: Member must not be null"),
  ],
  ["no ciphertext", decrypt({ CiphertextBlob: undefined }), nullAt("ciphertextBlob")],
  ["ReEncrypt without ciphertext", reEncrypt({ CiphertextBlob: undefined }), nullAt("ciphertextBlob")],
  [
    "a blob that begins as those of KMS do",
    decrypt({ CiphertextBlob: Buffer.from("AQICAHhBLKJ5mXqRpcVTcB5Z9vIcQZsJ", "base64") }),
    [InvalidCiphertextException],
  ],
  [
    "a data key of no size",
    dataKey({}),
    ["ValidationException", "Please specify either number of bytes or key spec."],
  ],
  [
    "a data key of two sizes",
    dataKey({ KeySpec: "AES_256", NumberOfBytes: 32 }),
    ["ValidationException", "Please specify either number of bytes or key spec."],
  ],
  [
    "a data key of 0 bytes",
    dataKey({ NumberOfBytes: 0 }),
    invalid(
      "Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ),
  ],
  [
    "a data key of 1025 bytes",
    dataKey({ NumberOfBytes: 1025 }),
    invalid(
      "Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024",
    ),
  ],
  [
    "an unknown spec of a data key",
    dataKey({ KeySpec: "AES_512" as never }),
    invalid(
      "Value 'AES_512' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [AES_256, AES_128]",
    ),
  ],
  [
    "eleven grant tokens",
    encrypt({ GrantTokens: Array.from({ length: 11 }, String) }),
    invalid(
      "Value at 'grantTokens' failed to satisfy constraint: Member must have length less than or equal to 10",
    ),
  ],
  ["a grant token of no grant", encrypt({ GrantTokens: ["a"] }), [InvalidGrantTokenException]],
  ["Decrypt with such a one", decrypt({ GrantTokens: ["a"] }), [InvalidGrantTokenException]],
  ["ReEncrypt with such a one", reEncrypt({ GrantTokens: ["a"] }), [InvalidGrantTokenException]],
  [
    "a data key with such a one",
    dataKey({ KeySpec: "AES_256", GrantTokens: ["a"] }),
    [InvalidGrantTokenException],
  ],
  [
    "an empty grant token",
    encrypt({ GrantTokens: ["a", ""] }),
    invalid(
      "Value '' at 'grantTokens.2.member' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ),
  ],
  [
    "a number in the context",
    encrypt({ EncryptionContext: { a: 1 as never } }),
    ["SerializationException", "NUMBER_VALUE cannot be converted to String"],
  ],
  [
    "an object in the context",
    encrypt({ EncryptionContext: { a: {} as never } }),
    ["SerializationException", "START_OBJECT cannot be converted to String"],
  ],
  [
    "a lone surrogate in the context",
    encrypt({ EncryptionContext: { a: "\ud800" } }),
    ["SerializationException"],
  ],
  [
    "an enclave",
    decrypt({ Recipient: { KeyEncryptionAlgorithm: "RSAES_OAEP_SHA_256" } }),
    [UnsupportedOperationException, "The sandbox does not encrypt for an enclave."],
  ],

  // Dry runs
  ["a dry run of Encrypt", encrypt({ DryRun: true }), passed],
  ["a dry run of Decrypt", decrypt({ DryRun: true }), passed],
  ["a dry run of ReEncrypt", reEncrypt({ DryRun: true }), passed],
  ["a dry run of GenerateDataKey", dataKey({ DryRun: true, KeySpec: "AES_256" }), passed],
  [
    "a dry run of what would fail",
    encrypt({ DryRun: true, KeyId: "alias/disabled" }),
    [DisabledException, `${arnOf("alias/disabled")} is disabled.`],
  ],
  [
    "a dry run with the wrong context",
    decrypt({ DryRun: true, EncryptionContext: { a: "b" } }),
    [InvalidCiphertextException],
  ],
  [
    "a dry run with no ciphertext",
    decrypt({
      DryRun: true,
      DryRunModifiers: ["IGNORE_CIPHERTEXT"],
      CiphertextBlob: undefined,
      KeyId: "alias/app",
    }),
    passed,
  ],
  [
    "a dry run with neither ciphertext nor key",
    decrypt({ DryRun: true, DryRunModifiers: ["IGNORE_CIPHERTEXT"], CiphertextBlob: undefined }),
    nullAt("keyId"),
  ],
  [
    "a dry run of ReEncrypt with no ciphertext",
    reEncrypt({
      DryRun: true,
      DryRunModifiers: ["IGNORE_CIPHERTEXT"],
      CiphertextBlob: undefined,
      SourceKeyId: "alias/app",
    }),
    passed,
  ],
  [
    "no ciphertext, and no dry run to excuse it",
    decrypt({ DryRunModifiers: ["IGNORE_CIPHERTEXT"], CiphertextBlob: undefined, KeyId: "alias/app" }),
    nullAt("ciphertextBlob"),
  ],

  // What is told about keys
  [
    "the rotation of an alias",
    rotation("alias/app"),
    [InvalidArnException, "Key Aliases are not supported for this operation."],
  ],
  [
    "the rotation of an alias ARN",
    rotation(`${ARN}alias/app`),
    [InvalidArnException, "Key Aliases are not supported for this operation."],
  ],
  ["the rotation of a key for MACs", rotation(arnOf("alias/mac")), [UnsupportedOperationException]],
  [
    "aliases of an alias",
    aliases({ KeyId: "alias/app" }),
    [InvalidArnException, "Key Aliases are not supported for this operation."],
  ],
  [
    "aliases of a key that is not there",
    aliases({ KeyId: ABSENT }),
    [NotFoundException, `Key '${ARN}key/${ABSENT}' does not exist`],
  ],
  [
    "aliases in pages of 0",
    aliases({ Limit: 0 }),
    invalid(
      "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ),
  ],
  [
    "aliases in pages of 101",
    aliases({ Limit: 101 }),
    invalid(
      "Value '101' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 100",
    ),
  ],
  [
    "a marker of someone else",
    aliases({ Marker: "bogus" }),
    [InvalidMarkerException, "Could not deserialize marker"],
  ],
];

for (const transport of transports) {
  suite(`what the sandbox refuses, ${transport.name}`, () => {
    let connected: Connected;
    suiteSetup(async () => {
      connected = await transport.connect(KEYS);
    });
    suiteTeardown(() => connected.disconnect());

    for (const [title, send, [exception, message]] of cases) {
      const name = typeof exception === "string" ? exception : exception.name;
      test(`${title}: ${name}`, async () => {
        await assert.rejects(send(connected.kms), (error: unknown) => {
          assert.ok(error instanceof KMSServiceException, `not an answer of KMS: ${String(error)}`);
          assert.equal(error.name, name);
          if (typeof exception !== "string") assert.ok(error instanceof exception);
          if (message === undefined) assert.match(error.message, /^(UnknownError|Unknown|)$/);
          else assert.equal(error.message, message);
          assert.equal(error.$metadata.httpStatusCode, 400);
          return true;
        });
      });
    }
  });
}
