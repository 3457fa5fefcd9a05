/** Decrypt: which key, which context, which bytes. */
import { DecryptCommand, type DecryptCommandInput, EncryptCommand } from "@aws-sdk/client-kms";
import { SECRET, type World } from "../worlds";
import { alice, API, type Case, GUIDE } from "./case";

type Input = Partial<DecryptCommandInput>;

const decrypt =
  (input: Input | ((world: World) => Input) = {}) =>
  (world: World) =>
    world.kms.send(
      new DecryptCommand({
        CiphertextBlob: world.blob,
        EncryptionContext: alice,
        ...(typeof input === "function" ? input(world) : input),
      }),
    );

/** Encrypts with one context and decrypts with another. */
const withContexts =
  (sealed: Record<string, string>, opened: Record<string, string>) =>
  async ({ kms }: World) => {
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId: "alias/app", Plaintext: SECRET, EncryptionContext: sealed }),
    );
    return kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: opened }));
  };

const PARAMETERS = `${API}Decrypt.html#API_Decrypt_RequestParameters`;
const ERRORS = `${API}Decrypt.html#API_Decrypt_Errors`;
const CONTEXT = `${GUIDE}encrypt_context.html`;
const NO_ACCESS = "https://repost.aws/knowledge-center/kms-access-denied-exception";
const OUTPUT = { KeyId: "a key ARN", Plaintext: "the plaintext" };

export const decryptCases: readonly Case[] = [
  {
    title: "Decrypt",
    send: decrypt(),
    documented: { ...OUTPUT, EncryptionAlgorithm: "SYMMETRIC_DEFAULT", KeyMaterialId: "a material id" },
    source: `${API}Decrypt.html#API_Decrypt_ResponseSyntax`,
  },
  {
    title: "with the key's alias",
    send: decrypt({ KeyId: "alias/app" }),
    documented: OUTPUT,
    source: PARAMETERS,
  },
  {
    title: "with another alias of the key",
    send: decrypt({ KeyId: "alias/kms-poc" }),
    documented: OUTPUT,
    source: PARAMETERS,
  },
  {
    title: "with the key's ARN",
    send: decrypt(({ arn, keyIds }) => ({ KeyId: arn(`key/${keyIds.get("app")}`) })),
    documented: OUTPUT,
    source: PARAMETERS,
  },
  {
    title: "with another key",
    send: decrypt({ KeyId: "alias/other" }),
    documented: "IncorrectKeyException",
    source: ERRORS,
  },
  {
    title: "with an alias that is not there",
    send: decrypt({ KeyId: "alias/no" }),
    documented: "NotFoundException",
    source: ERRORS,
  },
  {
    title: "with a disabled key that is another",
    send: decrypt({ KeyId: "alias/disabled" }),
    documented: "IncorrectKeyException",
    source: ERRORS,
  },
  {
    title: "another value in the context",
    send: decrypt({ EncryptionContext: { identity: "bob" } }),
    documented: "InvalidCiphertextException",
    source: ERRORS,
  },
  {
    title: "another case in the context",
    send: decrypt({ EncryptionContext: { Identity: "alice" } }),
    documented: "InvalidCiphertextException",
    source: CONTEXT,
  },
  {
    title: "a pair more in the context",
    send: decrypt({ EncryptionContext: { ...alice, more: "x" } }),
    documented: "InvalidCiphertextException",
    source: CONTEXT,
  },
  {
    title: "no context",
    send: decrypt({ EncryptionContext: undefined }),
    documented: "InvalidCiphertextException",
    source: ERRORS,
  },
  {
    title: "a context where none was given to encrypt",
    send: withContexts({}, alice),
    documented: "InvalidCiphertextException",
    source: ERRORS,
  },
  {
    title: "the pairs of the context in another order",
    send: withContexts({ a: "1", b: "2" }, { b: "2", a: "1" }),
    documented: OUTPUT,
    source: CONTEXT,
  },
  {
    title: "a context that joins to the same letters",
    send: withContexts({ a: "b", c: "d" }, { a: "bc", d: "" }),
    documented: "InvalidCiphertextException",
    source: CONTEXT,
  },
  {
    title: "a ciphertext whose last byte was changed",
    send: decrypt(({ blob }) => ({
      CiphertextBlob: Uint8Array.from(blob, (byte, n) => (n === blob.length - 1 ? byte ^ 1 : byte)),
    })),
    documented: "InvalidCiphertextException",
    source: ERRORS,
  },
  {
    title: "a ciphertext that is cut short",
    send: decrypt(({ blob }) => ({ CiphertextBlob: blob.subarray(0, -1) })),
    documented: "InvalidCiphertextException",
    source: ERRORS,
  },
  {
    title: "not a ciphertext",
    send: decrypt({
      CiphertextBlob: Buffer.from("this is not a blob of any KMS, and long enough to be taken for one"),
    }),
    documented: "InvalidCiphertextException",
    source: ERRORS,
  },
  {
    title: "a ciphertext of a key that is not here",
    send: decrypt(({ foreignBlob }) => ({ CiphertextBlob: foreignBlob })),
    documented: "AccessDeniedException",
    source: NO_ACCESS,
  },
  {
    title: "the same, with a key",
    send: decrypt(({ foreignBlob }) => ({ CiphertextBlob: foreignBlob, KeyId: "alias/app" })),
    documented: "IncorrectKeyException",
    source: ERRORS,
  },
  {
    title: "no bytes",
    send: decrypt({ CiphertextBlob: Buffer.alloc(0) }),
    documented: "ValidationException",
    source: PARAMETERS,
  },
  {
    title: "6,145 bytes",
    send: decrypt({ CiphertextBlob: Buffer.alloc(6145) }),
    documented: "ValidationException",
    source: PARAMETERS,
  },
  {
    title: "the algorithm of an RSA key",
    send: decrypt({ EncryptionAlgorithm: "RSAES_OAEP_SHA_256" }),
    documented: "InvalidKeyUsageException",
    source: ERRORS,
  },
  {
    title: "a dry run",
    send: decrypt({ DryRun: true }),
    documented: "DryRunOperationException",
    source: `${GUIDE}testing-permissions.html`,
  },
  {
    title: "a dry run with no ciphertext",
    send: decrypt({
      CiphertextBlob: undefined,
      KeyId: "alias/app",
      DryRun: true,
      DryRunModifiers: ["IGNORE_CIPHERTEXT"],
    }),
    documented: "DryRunOperationException",
    source: PARAMETERS,
  },
  {
    title: "a dry run with neither ciphertext nor key",
    send: decrypt({ CiphertextBlob: undefined, DryRun: true, DryRunModifiers: ["IGNORE_CIPHERTEXT"] }),
    documented: "ValidationException",
    source: PARAMETERS,
  },
];
