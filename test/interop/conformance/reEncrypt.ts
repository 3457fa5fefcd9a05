/** ReEncrypt: from a key and context to another. */
import { DecryptCommand, ReEncryptCommand, type ReEncryptCommandInput } from "@aws-sdk/client-kms";
import type { World } from "../worlds";
import { alice, API, type Case, GUIDE } from "./case";

type Input = Partial<ReEncryptCommandInput>;

const reEncrypt =
  (input: Input | ((world: World) => Input) = {}) =>
  (world: World) =>
    world.kms.send(
      new ReEncryptCommand({
        CiphertextBlob: world.blob,
        SourceEncryptionContext: alice,
        DestinationKeyId: "alias/other",
        ...(typeof input === "function" ? input(world) : input),
      }),
    );

const PARAMETERS = `${API}ReEncrypt.html#API_ReEncrypt_RequestParameters`;
const ERRORS = `${API}ReEncrypt.html#API_ReEncrypt_Errors`;

export const reEncryptCases: readonly Case[] = [
  {
    title: "ReEncrypt",
    send: reEncrypt(),
    documented: {
      CiphertextBlob: "a ciphertext",
      DestinationEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
      DestinationKeyMaterialId: "a material id",
      KeyId: "a key ARN",
      SourceEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
      SourceKeyId: "a key ARN",
      SourceKeyMaterialId: "a material id",
    },
    source: `${API}ReEncrypt.html#API_ReEncrypt_ResponseSyntax`,
  },
  {
    title: "to the same key with another context, then Decrypt",
    send: async (world) => {
      const bob = { identity: "bob" };
      const request = {
        SourceKeyId: "alias/app",
        DestinationKeyId: "alias/app",
        DestinationEncryptionContext: bob,
      };
      const { CiphertextBlob } = await reEncrypt(request)(world);
      return world.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: bob }));
    },
    documented: { KeyId: "a key ARN", Plaintext: "the plaintext" },
    source: PARAMETERS,
  },
  {
    title: "another source context",
    send: reEncrypt({ SourceEncryptionContext: { identity: "bob" } }),
    documented: "InvalidCiphertextException",
    source: ERRORS,
  },
  {
    title: "another source key",
    send: reEncrypt({ SourceKeyId: "alias/other" }),
    documented: "IncorrectKeyException",
    source: ERRORS,
  },
  {
    title: "a ciphertext of a key that is not here",
    send: reEncrypt(({ foreignBlob }) => ({ CiphertextBlob: foreignBlob })),
    documented: "AccessDeniedException",
    source: "https://repost.aws/knowledge-center/kms-access-denied-exception",
  },
  {
    title: "to an alias that is not there",
    send: reEncrypt({ DestinationKeyId: "alias/no" }),
    documented: "NotFoundException",
    source: ERRORS,
  },
  {
    title: "to a disabled key",
    send: reEncrypt({ DestinationKeyId: "alias/disabled" }),
    documented: "DisabledException",
    source: `${GUIDE}key-state.html`,
  },
  {
    title: "to a key pending deletion",
    send: reEncrypt({ DestinationKeyId: "alias/pending-deletion" }),
    documented: "KMSInvalidStateException",
    source: `${GUIDE}key-state.html`,
  },
  {
    title: "to a key for MACs",
    send: reEncrypt({ DestinationKeyId: "alias/mac" }),
    documented: "InvalidKeyUsageException",
    source: ERRORS,
  },
  {
    title: "to no key",
    send: reEncrypt({ DestinationKeyId: undefined }),
    documented: "ValidationException",
    source: PARAMETERS,
  },
  {
    title: "a dry run",
    send: reEncrypt({ DryRun: true }),
    documented: "DryRunOperationException",
    source: `${GUIDE}testing-permissions.html`,
  },
  {
    title: "a dry run with no ciphertext",
    send: reEncrypt({
      CiphertextBlob: undefined,
      SourceKeyId: "alias/app",
      DryRun: true,
      DryRunModifiers: ["IGNORE_CIPHERTEXT"],
    }),
    documented: "DryRunOperationException",
    source: PARAMETERS,
  },
];
