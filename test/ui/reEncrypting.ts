/** What tests of a workspace's re-encryption have in common: tokens made and opened in this process, and the way there. */
import { readFileSync } from "node:fs";
import type { LocalKey } from "../../src/sandbox/keyStore";
import { LocalKms } from "../../src/sandbox/localKms";
import { writeAwsHome } from "../support/awsHome";
import { TEST_ACCOUNT, TEST_KEYS, TEST_REGION, type KmsServer } from "../support/kmsServer";
import { until } from "./until";
import type { Workbench } from "./workbench";

export const ALICE = { identity: "alice" };
export const BOB = { identity: "bob" };

/** The KMS of a server, in this process: what it seals opens there, and the other way round, with no request. */
export function localKms(keys: readonly LocalKey[], region = TEST_REGION): LocalKms {
  return new LocalKms({ region, accountId: TEST_ACCOUNT, masterKey: new Uint8Array(32).fill(7), keys });
}

const local = localKms(TEST_KEYS);

export function sealed(
  text: string,
  context: Record<string, string> = ALICE,
  KeyId = "alias/app",
  kms = local,
): string {
  const Plaintext = Buffer.from(text).toString("base64");
  return kms.call("Encrypt", { KeyId, Plaintext, EncryptionContext: context }).CiphertextBlob as string;
}

/** Throws for what is not under this key. */
export function opened(
  CiphertextBlob: string,
  KeyId: string,
  context: Record<string, string> = ALICE,
  kms = local,
): string {
  const { Plaintext } = kms.call("Decrypt", { CiphertextBlob, KeyId, EncryptionContext: context });
  return Buffer.from(Plaintext as string, "base64").toString();
}

export const TOKEN = /SANDBOX\/KMS\/[A-Za-z0-9+/]+={0,2}/g;
export const latin1 = (file: string): string => readFileSync(file, "latin1");

/** Takes what the form and the preview begin with, or changes the key before. */
export async function start(workbench: Workbench, key?: string): Promise<void> {
  const { quickInput } = workbench;
  await workbench.runCommand("KMS: Re-encrypt Workspace…");
  await quickInput.waitForRows((rows) => rows.some((row) => row.startsWith("Re-encrypt,")));
  if (key !== undefined) {
    await quickInput.choose("To key");
    await quickInput.choose(key);
    await quickInput.waitForRows((rows) =>
      rows.some((row) => row.startsWith("Re-encrypt,") && row.includes(key)),
    );
  }
  await quickInput.choose("Re-encrypt");
  const rows = await quickInput.waitForRows((found) => found.some((row) => row.startsWith("Start: ")));
  await quickInput.choose(rows[0] ?? "");
}

/** The report of a run that came to its end, or was stopped. */
export function reported(
  { editor }: Workbench,
  timeout?: number,
  title = "# Re-encryption",
): Promise<string> {
  return until(
    () => editor.text(),
    (text) => text.startsWith(`${title}\n`),
    "the report",
    timeout,
  );
}

export function home(path: string, server: KmsServer): string {
  writeAwsHome(path, {
    config: `[profile mover]\nendpoint_url = ${server.url}`,
    credentials: "[mover]\naws_access_key_id = AKIAMOVER\naws_secret_access_key = mov",
  });
  return path;
}
