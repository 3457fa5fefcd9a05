/** The one key of the sandbox that people work with. */
import { SANDBOX_ALIAS } from "../core/sandbox";
import { derive, requireMasterKey } from "./blob";
import { LocalKms } from "./localKms";

/** No Region of AWS is called like this, and a KMSClient takes it. */
export const SANDBOX_REGION = "local";

/** The same master key (32 bytes) gives the same key id, so that what was encrypted yesterday opens today. */
export function createSandboxKms(masterKey: Uint8Array): LocalKms {
  requireMasterKey(masterKey);
  return new LocalKms({
    region: SANDBOX_REGION,
    masterKey,
    keys: [{ keyId: sandboxKeyId(masterKey), aliases: [SANDBOX_ALIAS], rotationEnabled: true }],
  });
}

function sandboxKeyId(masterKey: Uint8Array): string {
  const digits = derive(masterKey, "key id").toString("hex");
  // Version 8, a UUID with bits of one's own: https://www.rfc-editor.org/rfc/rfc9562#section-5.8
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `8${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join("-");
}
