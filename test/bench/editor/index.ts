/** Measures inside the extension host. VS Code calls run(); the parts of this folder are run in the order of `parts`. */
import { appendFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Figure } from "../figures";

/** What a file of this folder exports. */
interface Part {
  measure(): Promise<Figure[]>;
}

/** The first command has to be the first; files that are not named here come last. */
const parts = ["activation.js", "firstCommand.js", "selections.js"];

export async function run(): Promise<void> {
  const {
    KMS_SELECTION_TEST_LOG: log,
    KMS_SELECTION_TEST_RESULT: result,
    KMS_SELECTION_BENCH_FIGURES: file,
  } = process.env;
  if (!log || !result || !file) throw new Error("This is started by test/bench/bench.ts.");
  const others = readdirSync(__dirname).filter((name) => name !== "index.js" && !parts.includes(name));
  const figures: Figure[] = [];
  try {
    for (const name of [...parts, ...others]) {
      const part = createRequire(__filename)(join(__dirname, name)) as Part;
      figures.push(...(await part.measure()));
    }
    writeFileSync(file, JSON.stringify(figures));
    writeFileSync(result, JSON.stringify({ passed: figures.length, failed: 0 }));
  } catch (error) {
    appendFileSync(log, `${error instanceof Error ? (error.stack ?? "") : String(error)}\n`);
    throw error;
  }
}
