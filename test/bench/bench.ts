/** `npm run bench`: what activation loads, and what our code adds to a bare SDK call; ratios of one run, no times to pass. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { localKms } from "../../src/aws/main";
import { encryptTexts } from "../../src/core/transform";
import { createRequestHandler, createSandboxKms, SANDBOX_REGION } from "../../src/sandbox/main";
import { root } from "../host/paths";
import { BLOBS, direct } from "../support/direct";

const ROUNDS = 31;
const KEY = "alias/sandbox";
const CONTEXT = { identity: "alice" };

const median = (values: number[]): number =>
  values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function client(): KMSClient {
  return new KMSClient({
    region: SANDBOX_REGION,
    requestHandler: createRequestHandler(createSandboxKms(randomBytes(32))),
    credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
  });
}

/** Ours beside the floor, round by round, so that both meet the same machine. */
async function compare(
  name: string,
  ours: () => Promise<unknown>,
  floor: () => Promise<unknown>,
): Promise<void> {
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [base, own] = [await milliseconds(floor), await milliseconds(ours)];
    // The first rounds compile the code.
    if (round >= 10) ratios.push(own / base);
  }
  const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  console.log(`| ${name} | ${median(ratios).toFixed(2)} × | ${spread} |`);
}

async function main(): Promise<void> {
  console.log("| loaded | KB |\n|---|---|");
  for (const [bundle, when] of [
    ["extension", "at activation"],
    ["commands", "with the first command"],
    ["connection", "for the tooltip, after activation"],
    ["sandbox", "with the first request in the sandbox"],
    ["aws", "with the first request"],
    ["messages", "with the first message"],
  ] as const) {
    console.log(
      `| ${bundle}.js, ${when} | ${(readFileSync(join(root, "dist", `${bundle}.js`)).length / 1024).toFixed(1)} |`,
    );
  }
  console.log("\n| beside the bare SDK calls, ten at a time | median | spread |\n|---|---|---|");
  const shared = client();
  const kms = localKms(shared, () => undefined);
  for (const count of [1, 1000]) {
    const parts = Array.from({ length: count }, (_, n) => ({ content: `secret ${n}`, line: n + 1 }));
    const bare = async (): Promise<void> => {
      let next = 0;
      const worker = async (): Promise<void> => {
        while (next < count) {
          const Plaintext = Buffer.from(`secret ${next++}`);
          await shared.send(new EncryptCommand({ KeyId: KEY, Plaintext, EncryptionContext: CONTEXT }));
        }
      };
      await Promise.all(Array.from({ length: 10 }, worker));
    };
    const ours = (): Promise<unknown> =>
      encryptTexts(direct(kms), parts, { keyId: KEY, context: CONTEXT }, BLOBS, new AbortController().signal);
    await compare(`${count} ${count === 1 ? "text" : "texts"}`, ours, bare);
  }
  shared.destroy();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
