/** GenerateDataKey: which size, which key. */
import {
  DecryptCommand,
  GenerateDataKeyCommand,
  type GenerateDataKeyCommandInput,
} from "@aws-sdk/client-kms";
import type { World } from "../worlds";
import { API, type Case, GUIDE } from "./case";

const dataKey =
  (input: Partial<GenerateDataKeyCommandInput>) =>
  ({ kms }: World) =>
    kms.send(new GenerateDataKeyCommand({ KeyId: "alias/app", ...input }));

const PARAMETERS = `${API}GenerateDataKey.html#API_GenerateDataKey_RequestParameters`;
const ERRORS = `${API}GenerateDataKey.html#API_GenerateDataKey_Errors`;
const KeySpec = "AES_256";

export const dataKeyCases: readonly Case[] = [
  {
    title: "GenerateDataKey, AES_256",
    send: dataKey({ KeySpec }),
    documented: {
      CiphertextBlob: "a ciphertext",
      KeyId: "a key ARN",
      KeyMaterialId: "a material id",
      Plaintext: "32 bytes",
    },
    source: `${API}GenerateDataKey.html#API_GenerateDataKey_ResponseSyntax`,
  },
  {
    title: "AES_128",
    send: dataKey({ KeySpec: "AES_128" }),
    documented: { Plaintext: "16 bytes" },
    source: PARAMETERS,
  },
  {
    title: "1 byte",
    send: dataKey({ NumberOfBytes: 1 }),
    documented: { Plaintext: "1 byte" },
    source: PARAMETERS,
  },
  {
    title: "1,024 bytes",
    send: async (world) => ({ size: (await dataKey({ NumberOfBytes: 1024 })(world)).Plaintext?.length }),
    documented: { size: "1024" },
    source: PARAMETERS,
  },
  {
    title: "1,025 bytes",
    send: dataKey({ NumberOfBytes: 1025 }),
    documented: "ValidationException",
    source: PARAMETERS,
  },
  {
    title: "0 bytes",
    send: dataKey({ NumberOfBytes: 0 }),
    documented: "ValidationException",
    source: PARAMETERS,
  },
  { title: "no size", send: dataKey({}), documented: "ValidationException", source: PARAMETERS },
  {
    title: "two sizes",
    send: dataKey({ KeySpec, NumberOfBytes: 32 }),
    documented: "ValidationException",
    source: PARAMETERS,
  },
  {
    title: "then Decrypt: the data key",
    send: async (world) => {
      const made = await dataKey({ KeySpec, EncryptionContext: { a: "b" } })(world);
      const { Plaintext } = await world.kms.send(
        new DecryptCommand({ CiphertextBlob: made.CiphertextBlob, EncryptionContext: { a: "b" } }),
      );
      return { same: Buffer.from(made.Plaintext!).equals(Plaintext!) };
    },
    documented: { same: "true" },
    source: `${API}GenerateDataKey.html`,
  },
  {
    title: "then Decrypt, another context",
    send: async (world) => {
      const { CiphertextBlob } = await dataKey({ KeySpec, EncryptionContext: { a: "b" } })(world);
      return world.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { a: "c" } }));
    },
    documented: "InvalidCiphertextException",
    source: PARAMETERS,
  },
  {
    title: "a disabled key",
    send: dataKey({ KeySpec, KeyId: "alias/disabled" }),
    documented: "DisabledException",
    source: `${GUIDE}key-state.html`,
  },
  {
    title: "a key pending deletion",
    send: dataKey({ KeySpec, KeyId: "alias/pending-deletion" }),
    documented: "KMSInvalidStateException",
    source: `${GUIDE}key-state.html`,
  },
  {
    title: "a key for MACs",
    send: dataKey({ KeySpec, KeyId: "alias/mac" }),
    documented: "InvalidKeyUsageException",
    source: ERRORS,
  },
  {
    title: "an alias that is not there",
    send: dataKey({ KeySpec, KeyId: "alias/no" }),
    documented: "NotFoundException",
    source: ERRORS,
  },
  {
    title: "a grant token of no grant",
    send: dataKey({ KeySpec, GrantTokens: ["none"] }),
    documented: "InvalidGrantTokenException",
    source: ERRORS,
  },
  {
    title: "a dry run",
    send: dataKey({ KeySpec, DryRun: true }),
    documented: "DryRunOperationException",
    source: `${GUIDE}testing-permissions.html`,
  },
];
