/** What people do today instead: a loop over boto3 or over the AWS CLI. Said and left out where Python has none. */
import { join } from "node:path";
import { awsCli } from "../interop/awsCli";
import { findAwsCli, findPython, runScript } from "../interop/python";
import { root } from "../host/paths";
import { TEST_REGION } from "../support/kmsServer";
import { milliseconds, secrets, type Figure } from "./figures";

const MANY = 1000;
/** Of the CLI: each is a process of its own, and all take the same. */
const CLI_CALLS = 5;
const ROUNDS = 3;
const KEY = "alias/app";
const CONTEXT = { identity: "alice" };

/** `own`: what the extension takes for as many selections. */
export async function measureOtherClients(url: string, own: readonly number[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  const add = async (floor: string, loop: () => Promise<number>): Promise<void> => {
    const base: number[] = [];
    for (let round = 0; round < ROUNDS; round++) base.push(await loop());
    const samples = own.slice(0, ROUNDS);
    const title = `encrypt 1,000 selections, beside ${floor.split(",")[0] ?? ""}`;
    figures.push({ title, floor, unit: "ms", own: samples, base: base.slice(0, samples.length) });
  };
  const boto3 = findPython();
  if ("missing" in boto3) console.log(`Without boto3: ${boto3.missing}`);
  else
    await add("a loop over boto3, in one process", async () => {
      const argument = { endpoint: url, region: TEST_REGION, key: KEY, context: CONTEXT, count: MANY };
      const script = join(root, "test/bench/boto3_loop.py");
      return ((await runScript(boto3.python, script, argument)) as { milliseconds: number }).milliseconds;
    });
  const cli = findAwsCli();
  if ("missing" in cli) console.log(`Without the AWS CLI: ${cli.missing}`);
  else
    await add(`a loop over the AWS CLI, of which ${CLI_CALLS} calls were made`, async () => {
      const client = awsCli(cli.python, url, KEY);
      const calls = await milliseconds(async () => {
        for (const text of secrets(CLI_CALLS)) await client.encrypt(text, CONTEXT);
      });
      return (calls / CLI_CALLS) * MANY;
    });
  return figures;
}
