/**
 * The sandbox's ciphertext.
 *
 *     offset  bytes  what
 *          0      9  SANDBOX_HEADER, which reads SANDBOX/KMS/ in base64
 *          9      1  version, 1
 *         10     16  key id: the 32 hexadecimal digits of the UUID (or after `mrk-`)
 *         26     12  IV, random
 *         38     16  tag of AES-256-GCM
 *         54      n  ciphertext, as long as the plaintext
 *
 * The first 26 bytes and then the encryption context are the additional authenticated data. The context is a count
 * of pairs, then each pair in the order of its key's UTF-8 bytes, every key and value after its length; counts and
 * lengths are 4 bytes, big-endian. So the order in which pairs were given does not matter, and no two contexts
 * give the same bytes.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { SANDBOX_HEADER } from "../core/sandbox";

export type EncryptionContext = ReadonlyMap<string, string>;

const ALGORITHM = "aes-256-gcm";
const VERSION = 1;
const VERSION_AT = SANDBOX_HEADER.length;
const KEY_ID_AT = VERSION_AT + 1;
const IV_AT = KEY_ID_AT + 16;
const TAG_AT = IV_AT + 12;
const CIPHERTEXT_AT = TAG_AT + 16;
const MASTER_KEY_BYTES = 32;

export function requireMasterKey(masterKey: Uint8Array): void {
  if (masterKey.length !== MASTER_KEY_BYTES)
    throw new TypeError(`The master key has ${masterKey.length} bytes; it must have ${MASTER_KEY_BYTES}.`);
}

export function seal(
  masterKey: Uint8Array,
  keyId: string,
  plaintext: Uint8Array,
  context: EncryptionContext,
  rotations: number,
): Uint8Array {
  const head = Buffer.concat([SANDBOX_HEADER, Buffer.of(VERSION), keyIdBytes(keyId)]);
  const iv = randomBytes(TAG_AT - IV_AT);
  const cipher = createCipheriv(ALGORITHM, encryptionKey(masterKey, keyId, rotations), iv);
  cipher.setAAD(Buffer.concat([head, contextBytes(context)]));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([head, iv, cipher.getAuthTag(), ciphertext]);
}

export interface Opened {
  readonly plaintext: Uint8Array;
  /** After how many rotations it was sealed. */
  readonly rotations: number;
}

/**
 * Undefined if the blob or the context is not what `seal` was given. The blob does not tell which material of its key it
 * is under: each is tried, the newest first.
 */
export function open(
  masterKey: Uint8Array,
  keyId: string,
  blob: Uint8Array,
  context: EncryptionContext,
  rotations: number,
): Opened | undefined {
  for (let before = rotations; before >= 0; before--) {
    const plaintext = openWith(encryptionKey(masterKey, keyId, before), blob, context);
    if (plaintext) return { plaintext, rotations: before };
  }
  return undefined;
}

function openWith(key: Uint8Array, blob: Uint8Array, context: EncryptionContext): Uint8Array | undefined {
  const decipher = createDecipheriv(ALGORITHM, key, blob.subarray(IV_AT, TAG_AT), {
    authTagLength: CIPHERTEXT_AT - TAG_AT,
  });
  decipher.setAuthTag(blob.subarray(TAG_AT, CIPHERTEXT_AT));
  decipher.setAAD(Buffer.concat([blob.subarray(0, IV_AT), contextBytes(context)]));
  const plaintext = decipher.update(blob.subarray(CIPHERTEXT_AT));
  try {
    return Buffer.concat([plaintext, decipher.final()]);
  } catch {
    // final() throws for one reason, a tag that does not fit, and its error says no more than that.
    return undefined;
  }
}

/** Whether the bytes have this layout; says nothing about whether they are authentic. */
export function isBlob(bytes: Uint8Array): boolean {
  if (bytes.length <= CIPHERTEXT_AT || bytes[VERSION_AT] !== VERSION) return false;
  return SANDBOX_HEADER.every((byte, n) => bytes[n] === byte);
}

/** Whether the blob names that key. */
export function isSealedUnder(keyId: string, blob: Uint8Array): boolean {
  return keyIdBytes(keyId).equals(blob.subarray(KEY_ID_AT, IV_AT));
}

/** 64 hexadecimal digits, as KMS names the material of a key. */
export function keyMaterialId(masterKey: Uint8Array, keyId: string, rotations: number): string {
  return derive(masterKey, `material id ${keyId}${after(rotations)}`).toString("hex");
}

/** Bytes that follow from the master key and a purpose, and tell nothing about either. */
export function derive(masterKey: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", masterKey, "", `KMS sandbox, ${purpose}`, 32));
}

function encryptionKey(masterKey: Uint8Array, keyId: string, rotations: number): Buffer {
  return derive(masterKey, `encryption key ${keyId}${after(rotations)}`);
}

/** Nothing for the first material. */
function after(rotations: number): string {
  return rotations === 0 ? "" : ` after ${rotations} rotations`;
}

function keyIdBytes(keyId: string): Buffer {
  return Buffer.from(keyId.replace(/^mrk-/, "").replaceAll("-", ""), "hex");
}

function contextBytes(context: EncryptionContext): Buffer {
  const pairs = [...context]
    .map(([key, value]) => [Buffer.from(key, "utf8"), Buffer.from(value, "utf8")] as const)
    .sort(([a], [b]) => a.compare(b));
  const parts = pairs.flat().flatMap((part) => [uint32(part.length), part]);
  return Buffer.concat([uint32(pairs.length), ...parts]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
