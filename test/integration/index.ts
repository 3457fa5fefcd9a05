/** Runs every integration test inside the extension host. VS Code calls run(). */
import { appendFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "node:util";
import Mocha from "mocha";
import { runMocha } from "../mocha";

export async function run(): Promise<void> {
  const { KMS_SELECTION_TEST_LOG: log, KMS_SELECTION_TEST_RESULT: result } = process.env;
  if (!log || !result) throw new Error("These tests are started by test/run.ts.");
  // The runner shows this file while it grows; the last lines of console.log are lost when the window closes.
  Mocha.reporters.Base.consoleLog = (...values: unknown[]) => {
    appendFileSync(log, `${format(...values)}\n`);
  };
  const files = readdirSync(__dirname).filter((name) => name.endsWith(".test.js"));
  const count = await runMocha(
    files.sort().map((name) => join(__dirname, name)),
    20_000,
  );
  writeFileSync(result, JSON.stringify(count));
}
