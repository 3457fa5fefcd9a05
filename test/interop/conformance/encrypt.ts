/** Encrypt: which keys, which sizes, which contexts. */
import { EncryptCommand, type EncryptCommandInput } from "@aws-sdk/client-kms";
import { SECRET, type World } from "../worlds";
import { ABSENT, alice, API, type Case, GUIDE } from "./case";

type Input = Partial<EncryptCommandInput>;

const encrypt =
  (input: Input | ((world: World) => Input) = {}) =>
  (world: World) =>
    world.kms.send(
      new EncryptCommand({
        KeyId: "alias/app",
        Plaintext: SECRET,
        EncryptionContext: alice,
        ...(typeof input === "function" ? input(world) : input),
      }),
    );

const PARAMETERS = `${API}Encrypt.html#API_Encrypt_RequestParameters`;
const ERRORS = `${API}Encrypt.html#API_Encrypt_Errors`;
const STATES = `${GUIDE}key-state.html`;
const OUTPUT = { CiphertextBlob: "a ciphertext", KeyId: "a key ARN" };

export const encryptCases: readonly Case[] = [
  {
    title: "Encrypt",
    send: encrypt(),
    documented: { ...OUTPUT, EncryptionAlgorithm: "SYMMETRIC_DEFAULT" },
    source: `${API}Encrypt.html#API_Encrypt_ResponseSyntax`,
  },
  {
    title: "by key id",
    send: encrypt(({ keyIds }) => ({ KeyId: keyIds.get("app") })),
    documented: OUTPUT,
    source: PARAMETERS,
  },
  {
    title: "by key ARN",
    send: encrypt(({ arn, keyIds }) => ({ KeyId: arn(`key/${keyIds.get("app")}`) })),
    documented: OUTPUT,
    source: PARAMETERS,
  },
  {
    title: "by alias ARN",
    send: encrypt(({ arn }) => ({ KeyId: arn("alias/app") })),
    documented: OUTPUT,
    source: PARAMETERS,
  },
  {
    title: "an alias that is not there",
    send: encrypt({ KeyId: "alias/no" }),
    documented: "NotFoundException",
    source: ERRORS,
  },
  {
    title: "an alias in other case",
    send: encrypt({ KeyId: "alias/App" }),
    documented: "NotFoundException",
    source: `${GUIDE}alias-about.html`,
  },
  {
    title: "an alias without `alias/`",
    send: encrypt({ KeyId: "app" }),
    documented: "NotFoundException",
    source: PARAMETERS,
  },
  {
    title: "a key id that is not there",
    send: encrypt({ KeyId: ABSENT }),
    documented: "NotFoundException",
    source: ERRORS,
  },
  {
    title: "the key ARN of another account",
    send: encrypt(({ arn }) => ({ KeyId: arn(`key/${ABSENT}`, { account: "111122223333" }) })),
    documented: "AccessDeniedException",
    source: `${GUIDE}key-policy-modifying-external-accounts.html`,
  },
  {
    title: "the key ARN of another Region",
    send: encrypt(({ arn, keyIds }) => ({ KeyId: arn(`key/${keyIds.get("app")}`, { region: "eu-west-1" }) })),
    documented: "NotFoundException",
    source: ERRORS,
  },
  {
    title: "no key",
    send: encrypt({ KeyId: undefined }),
    documented: "ValidationException",
    source: PARAMETERS,
  },
  {
    title: "a key name of 2,049 characters",
    send: encrypt({ KeyId: "a".repeat(2049) }),
    documented: "ValidationException",
    source: PARAMETERS,
  },
  {
    title: "a disabled key",
    send: encrypt({ KeyId: "alias/disabled" }),
    documented: "DisabledException",
    source: STATES,
  },
  {
    title: "a key pending deletion",
    send: encrypt({ KeyId: "alias/pending-deletion" }),
    documented: "KMSInvalidStateException",
    source: STATES,
  },
  {
    title: "a key for MACs",
    send: encrypt({ KeyId: "alias/mac" }),
    documented: "InvalidKeyUsageException",
    source: ERRORS,
  },
  { title: "1 byte", send: encrypt({ Plaintext: Buffer.alloc(1) }), documented: OUTPUT, source: PARAMETERS },
  {
    title: "4,096 bytes",
    send: encrypt({ Plaintext: Buffer.alloc(4096) }),
    documented: OUTPUT,
    source: PARAMETERS,
  },
  {
    title: "4,097 bytes",
    send: encrypt({ Plaintext: Buffer.alloc(4097) }),
    documented: "ValidationException",
    source: PARAMETERS,
  },
  {
    title: "no bytes",
    send: encrypt({ Plaintext: Buffer.alloc(0) }),
    documented: "ValidationException",
    source: PARAMETERS,
  },
  {
    title: "no context",
    send: encrypt({ EncryptionContext: undefined }),
    documented: OUTPUT,
    source: PARAMETERS,
  },
  {
    title: "a context of 100 pairs",
    send: encrypt({
      EncryptionContext: Object.fromEntries(
        Array.from({ length: 100 }, (_, n) => [`key ${n}`, "ü".repeat(100)]),
      ),
    }),
    documented: OUTPUT,
    source: PARAMETERS,
  },
  {
    title: "the algorithm of an RSA key",
    send: encrypt({ EncryptionAlgorithm: "RSAES_OAEP_SHA_256" }),
    documented: "InvalidKeyUsageException",
    source: ERRORS,
  },
  {
    title: "an algorithm that is none",
    send: encrypt({ EncryptionAlgorithm: "ROT13" as never }),
    documented: "ValidationException",
    source: PARAMETERS,
  },
  {
    title: "a grant token of no grant",
    send: encrypt({ GrantTokens: ["none"] }),
    documented: "InvalidGrantTokenException",
    source: ERRORS,
  },
  {
    title: "11 grant tokens",
    send: encrypt({ GrantTokens: Array.from({ length: 11 }, String) }),
    documented: "ValidationException",
    source: PARAMETERS,
  },
  {
    title: "a grant token of 8,193 characters",
    send: encrypt({ GrantTokens: ["a".repeat(8193)] }),
    documented: "ValidationException",
    source: PARAMETERS,
  },
  {
    title: "a dry run",
    send: encrypt({ DryRun: true }),
    documented: "DryRunOperationException",
    source: `${GUIDE}testing-permissions.html`,
  },
  {
    title: "a dry run with a disabled key",
    send: encrypt({ DryRun: true, KeyId: "alias/disabled" }),
    documented: "DisabledException",
    source: STATES,
  },
];
