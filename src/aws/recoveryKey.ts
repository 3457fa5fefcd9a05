/**
 * A recovery key: an RSA public key that messages are sealed to besides KMS. Its private half is kept offline and never
 * comes here; whoever has it opens the messages with any AWS Encryption SDK, without AWS.
 */
import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { RawRsaKeyringNode } from "@aws-crypto/raw-rsa-keyring-node";
import { KmsSelectionError } from "../core/errors";

/** Whoever opens a message names them again, with the fingerprint as the key's name. */
const KEY_NAMESPACE = "kms-selection";
const OAEP_HASH = "sha256";

/** Bits: https://nvlpubs.nist.gov/nistpubs/SpecialPublications/NIST.SP.800-131Ar2.pdf, section 6 */
const MIN_MODULUS_LENGTH = 2048;

export interface RecoveryKey {
  /** PEM. */
  readonly publicKey: string;
  /** SHA-256 of the key in DER, in hexadecimal: by this people compare keys, and messages name theirs. */
  readonly fingerprint: string;
}

/** `setting`: PEM, or the absolute path of a file that holds it. Throws `setting-invalid`. */
export async function loadRecoveryKey(setting: string): Promise<RecoveryKey> {
  return parseRecoveryKey(setting.startsWith("-----") ? setting : await read(setting));
}

/** `~/` is the home folder. A relative path would mean another file in each folder. */
async function read(setting: string): Promise<string> {
  const path = setting.startsWith("~/") ? join(homedir(), setting.slice(2)) : setting;
  if (!isAbsolute(path)) invalid("it must be PEM text, or a path that begins with / or ~/");
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    return invalid(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? "unknown"}`);
  }
}

function parseRecoveryKey(pem: string): RecoveryKey {
  // Node would take the public half out of it.
  if (pem.includes("PRIVATE KEY-----")) {
    invalid("it is a private key, which belongs offline and nowhere else; give the public key");
  }
  const key = publicKeyOf(pem);
  const { modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType !== "rsa" || modulusLength < MIN_MODULUS_LENGTH) {
    invalid(`it must be an RSA key of at least ${MIN_MODULUS_LENGTH} bits`);
  }
  const fingerprint = createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex");
  return { publicKey: key.export({ type: "spki", format: "pem" }).toString(), fingerprint };
}

function publicKeyOf(pem: string): KeyObject {
  try {
    if (/^\s*-----BEGIN (?:RSA )?PUBLIC KEY-----/.test(pem)) return createPublicKey(pem);
  } catch {
    // Its reason, which is OpenSSL's, tells nobody more than this.
  }
  return invalid("it does not hold a public key in PEM, which begins with -----BEGIN PUBLIC KEY-----");
}

function invalid(reason: string): never {
  throw new KmsSelectionError({ code: "setting-invalid", setting: "kmsSelection.recoveryPublicKey", reason });
}

/** Encrypts data keys to it, and decrypts none. */
export function recoveryKeyring({ publicKey, fingerprint }: RecoveryKey): RawRsaKeyringNode {
  return new RawRsaKeyringNode({
    keyNamespace: KEY_NAMESPACE,
    keyName: fingerprint,
    rsaKey: { publicKey },
    oaepHash: OAEP_HASH,
  });
}
