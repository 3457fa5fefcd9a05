/** Encryption by KMS alone, for tests of blobs: messages have tests of their own. */
import type { Kms } from "../../src/core/kms";
import type { Ciphers } from "../../src/core/messages";
import type { Output } from "../../src/core/transform";

export function direct(kms: Kms): Ciphers {
  return { kms, messages: () => Promise.reject(new Error("no messages")) };
}

export const BLOBS: Output = { format: "base64", envelope: "never", dataKeyCaching: false };
