/**
 * `npm run fuzz -- [cases] [seconds]`: checks every property with so many cases, then lets a coverage-guided fuzzer look
 * for inputs for so many seconds on each parser, where it runs. It needs glibc 2.38 or newer, macOS or Windows.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { packageFolder, root, temporaryFolder } from "../host/paths";
import { corpusFolder } from "./corpus";
import { properties } from "./properties";
import { targets } from "./targets";

const CASES = 100_000;
const SECONDS = 30;

async function checkProperties(cases: number): Promise<void> {
  console.log(`${cases.toLocaleString("en-US")} cases of each property\n`);
  for (const [title, property] of Object.entries(properties)) {
    await property(cases);
    console.log(`  ✔ ${title}`);
  }
}

function jazzerRuns(): boolean {
  const { status } = spawnSync(process.execPath, ["-e", 'require("@jazzer.js/fuzzer")'], { cwd: root });
  return status === 0;
}

/** New inputs that reach new code go into the corpus, the smallest for each; one that fails stops everything. */
function exploreTarget(target: string, seconds: number): void {
  const corpus = corpusFolder(target);
  const found = temporaryFolder();
  mkdirSync(corpus, { recursive: true });
  const jazzer = (...options: string[]): string => {
    const cli = join(packageFolder("@jazzer.js/core"), "dist/cli.js");
    const args = [cli, join(root, "out/fuzz/jazzer"), ...options];
    const { status, stderr, stdout } = spawnSync(process.execPath, args, {
      cwd: root,
      env: { ...process.env, KMS_SELECTION_FUZZ_TARGET: target },
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`${target}: ${stdout}${stderr}`);
    return stderr;
  };
  // All of our code and no package's is looked at for coverage: node_modules is left out by itself.
  const common = ["--sync", "-i", "out/fuzz"];
  const report = jazzer(found.path, corpus, ...common, "--", `-max_total_time=${seconds}`, "-max_len=4096");
  jazzer(corpus, found.path, ...common, "--", "-merge=1");
  found.remove();
  const runs = /Done (\d+) runs/.exec(report)?.[1] ?? "?";
  const coverage = [...report.matchAll(/cov: (\d+)/g)].at(-1)?.[1] ?? "?";
  console.log(
    `  ✔ ${target}: ${runs} runs, ${coverage} places reached, ${readdirSync(corpus).length} inputs kept`,
  );
}

async function main([cases = CASES, seconds = SECONDS]: number[]): Promise<void> {
  await checkProperties(cases);
  if (!jazzerRuns()) {
    console.log(
      "\nThe coverage-guided fuzzer does not run here: @jazzer.js/fuzzer needs glibc 2.38 or newer.",
    );
    return;
  }
  console.log(`\n${seconds} s of coverage-guided fuzzing for each parser\n`);
  for (const target of Object.keys(targets)) exploreTarget(target, seconds);
}

main(process.argv.slice(2).map(Number)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
