/** The commands in an editor, warm, beside bare calls of the AWS SDK and one edit of the same places. */
import { DecryptCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import type * as vscode from "vscode";
import { MAX_CONCURRENT_REQUESTS } from "../../../src/core/transform";
import { TEST_REGION } from "../../support/kmsServer";
import { configure, fill, openEditor, replaceSelections, run } from "../editing";
import { compare, secrets, type Figure, type Limit } from "../figures";
import { profiled } from "../profile";

const MANY = 1000;
const ROUNDS = { one: 15, many: 2 };
const WARM_UP = { one: 5, many: 1 };
const FLOOR = "the bare SDK call and one edit";
const PIPELINE = `bare SDK calls, ${MAX_CONCURRENT_REQUESTS} at a time, and one edit`;
const BINDING = { KeyId: "alias/app", EncryptionContext: { identity: "alice" } };

export async function measure(): Promise<Figure[]> {
  const client = new KMSClient({
    region: TEST_REGION,
    endpoint: process.env.KMS_SELECTION_BENCH_KMS,
    credentials: { accessKeyId: "AKIADEV", secretAccessKey: "dev" },
  });
  const editor = await openEditor();
  const figures: Figure[] = [];
  for (const [count, name] of [
    [1, "one"],
    [MANY, "many"],
  ] as const) {
    await configure("envelope", "never");
    const texts = secrets(count);
    const measured = (
      base: () => Promise<void>,
      own: () => Promise<void>,
      lines: readonly string[],
    ): ReturnType<typeof compare> =>
      compare(ROUNDS[name], WARM_UP[name], base, own, () => fill(editor, lines));
    const what = count === 1 ? "1 selection" : "1,000 selections, a request each";
    const limit: Limit = count === 1 ? { of: "difference", most: 5 } : { of: "ratio", most: 1.1 };
    const promised = { floor: count === 1 ? FLOOR : PIPELINE, unit: "ms", limit } as const;
    let tokens: string[] = [];
    const bareEncryption = async (): Promise<void> => {
      tokens = await pipeline(texts, async (text) => {
        const input = { ...BINDING, Plaintext: Buffer.from(text) };
        const { CiphertextBlob = new Uint8Array() } = await client.send(new EncryptCommand(input));
        return Buffer.from(CiphertextBlob).toString("base64");
      });
      await replaceSelections(editor, tokens);
    };
    const bareDecryption = async (): Promise<void> => {
      const opened = await pipeline(tokens, async (token) => {
        const input = { ...BINDING, CiphertextBlob: Buffer.from(token, "base64") };
        const { Plaintext = new Uint8Array() } = await client.send(new DecryptCommand(input));
        return Buffer.from(Plaintext).toString();
      });
      await replaceSelections(editor, opened);
    };
    const encrypted = await measured(bareEncryption, () => run(editor, "encryptSelection"), texts);
    figures.push({ title: `encrypt ${what}`, ...promised, ...encrypted });
    const decrypted = await measured(bareDecryption, () => run(editor, "decryptSelection"), tokens);
    figures.push({ title: `decrypt ${what}`, ...promised, ...decrypted });
    if (count === MANY) figures.push(await byEnvelope(editor, texts, bareEncryption));
  }
  client.destroy();
  return figures;
}

async function byEnvelope(
  editor: vscode.TextEditor,
  texts: readonly string[],
  bare: () => Promise<void>,
): Promise<Figure> {
  await configure("envelope", "auto");
  const samples = await compare(
    ROUNDS.many,
    WARM_UP.many,
    bare,
    () => run(editor, "encryptSelection"),
    () => fill(editor, texts),
  );
  await fill(editor, texts);
  return {
    title: "encrypt 1,000 selections by envelope",
    floor: PIPELINE,
    unit: "ms",
    limit: { of: "own", most: 500 },
    ...samples,
    profile: await profiled(() => run(editor, "encryptSelection")),
  };
}

/** As fast as it goes with so many requests at a time. */
async function pipeline(
  items: readonly string[],
  request: (item: string) => Promise<string>,
): Promise<string[]> {
  const results: string[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await request(items[index] ?? "");
    }
  };
  await Promise.all(Array.from({ length: MAX_CONCURRENT_REQUESTS }, worker));
  return results;
}
