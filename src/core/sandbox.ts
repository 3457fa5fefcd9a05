/**
 * The first bytes of every ciphertext that the sandbox makes. As base64 they read `SANDBOX/KMS/`, so that nobody
 * takes such a token for one of AWS KMS, and no real KMS ciphertext begins like this.
 */
export const SANDBOX_HEADER: Uint8Array = Buffer.from("SANDBOX/KMS/", "base64");

/** The name of a key in the sandbox, whatever key is configured for AWS. */
export const SANDBOX_ALIAS = "alias/sandbox";
