/** `aws kms encrypt` and `aws kms decrypt`, as the AWS CLI's users type them. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "../host/paths";
import { REGION } from "./emulators";
import { CLIENT_ENV } from "./python";

export interface AwsCli {
  /** Base64. */
  encrypt(text: string, context: Record<string, string>): Promise<string>;
  decrypt(base64: string, context: Record<string, string>): Promise<string>;
}

/** @param python the interpreter that has the AWS CLI */
export function awsCli(python: string, endpoint: string, keyId: string): AwsCli {
  async function kms(
    operation: string,
    blob: string,
    bytes: Buffer,
    context: Record<string, string>,
    query: string,
  ) {
    const folder = temporaryFolder();
    try {
      const file = join(folder.path, "blob");
      writeFileSync(file, bytes);
      const args = ["kms", operation, "--key-id", keyId, `--${blob}`, `fileb://${file}`];
      args.push("--encryption-context", JSON.stringify(context), "--query", query, "--output", "text");
      const env = {
        ...CLIENT_ENV,
        AWS_ENDPOINT_URL_KMS: endpoint,
        AWS_DEFAULT_REGION: REGION,
        AWS_ACCESS_KEY_ID: "AKIATEST",
        AWS_SECRET_ACCESS_KEY: "secret",
      };
      const { stdout } = await promisify(execFile)(join(dirname(python), "aws"), args, {
        encoding: "utf8",
        env,
      });
      return stdout.trim();
    } finally {
      folder.remove();
    }
  }
  return {
    encrypt: (text, context) => kms("encrypt", "plaintext", Buffer.from(text), context, "CiphertextBlob"),
    async decrypt(base64, context) {
      const answer = await kms(
        "decrypt",
        "ciphertext-blob",
        Buffer.from(base64, "base64"),
        context,
        "Plaintext",
      );
      return Buffer.from(answer, "base64").toString();
    },
  };
}
