/** Runs the suites that are named, `node out/run.js unit ui`, and says at the end how many tests passed. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { startCoverage } from "./coverage/coverage";
import { install } from "./host/choose";
import { runExtensionTests } from "./host/extensionTests";
import { packageFolder, root } from "./host/paths";
import { describe, type Version } from "./host/types";
import { packedExtension } from "./host/vsix";
import { type Count, runMocha } from "./mocha";

interface Suite {
  title: string;
  run(): Count | Promise<Count>;
  /** Needs more than Node and npm; where that is missing the suite says so, runs nothing, and has not failed. */
  optional?: boolean;
}

const suites: Record<string, Suite> = {
  check: { title: "Types, lint and format", run: check },
  unit: { title: "Unit tests", run: () => mochaSuite("unit", 10_000) },
  integration: { title: "Integration tests", run: () => integration("newest") },
  "integration-oldest": { title: "Integration tests, oldest VS Code", run: () => integration("oldest") },
  ui: { title: "UI tests", run: ui },
  templates: {
    title: "cfn-lint on the templates",
    run: () => mochaSuite("templates", 60_000),
    optional: true,
  },
  interop: { title: "Interoperability tests", run: () => mochaSuite("interop", 60_000), optional: true },
};

/** What the floor of the coverage is of. */
const covered = ["unit", "integration", "ui"];

/** Names that stand for several suites. */
const groups: Record<string, string[]> = { integration: ["integration", "integration-oldest"] };

function check(): Count {
  const tools: [name: string, script: string, ...args: string[]][] = [
    ["tsc", "typescript/bin/tsc", "-p", "."],
    ["tsc page", "typescript/bin/tsc", "-p", "src/vscode/editPageScript"],
    ["tsc test", "typescript/bin/tsc", "-p", "test"],
    ["eslint", "eslint/bin/eslint.js", "--max-warnings", "0", "."],
    ["prettier", "prettier/bin/prettier.cjs", "--check", "--log-level", "warn", "."],
  ];
  const failed = tools.filter(([name, script, ...args]) => {
    const { status } = spawnSync(process.execPath, [packageFolder(script), ...args], {
      cwd: root,
      stdio: "inherit",
    });
    console.log(`  ${status === 0 ? "✔" : "✖"} ${name}`);
    return status !== 0;
  });
  return { passed: tools.length - failed.length, failed: failed.length };
}

function mochaSuite(folder: string, timeout: number): Promise<Count> {
  const base = join(root, "out", folder);
  const names = existsSync(base) ? readdirSync(base, { recursive: true, encoding: "utf8" }) : [];
  const files = names.filter((name) => name.endsWith(".test.js")).sort();
  return runMocha(
    files.map((name) => join(base, name)),
    timeout,
  );
}

async function integration(version: Version): Promise<Count> {
  const installation = await install(version);
  console.log(`  ${describe(installation)}, the packed extension`);
  return runExtensionTests(installation, {
    tests: join(root, "out/integration/index.js"),
    version,
    extensionsDir: await packedExtension(version),
    env: { KMS_SELECTION_GREP: process.env.KMS_SELECTION_GREP },
  });
}

async function ui(): Promise<Count> {
  console.log(`  ${describe(await install("newest"))}, the packed extension`);
  await packedExtension();
  return mochaSuite("ui", 60_000);
}

async function main(names: string[]): Promise<void> {
  const total: Count = { passed: 0, failed: 0 };
  if (names.length === 0) throw new Error(`Name one or more of: ${Object.keys(suites).join(", ")}`);
  // Last, it tells what those before it have run.
  if (names.includes("coverage")) {
    const isWhole = covered.every((name) => names.includes(name)) && !process.env.KMS_SELECTION_GREP;
    suites.coverage = { title: "Coverage", run: startCoverage(isWhole) };
  }
  for (const name of names.flatMap((given) => groups[given] ?? [given])) {
    const suite = suites[name];
    if (!suite) throw new Error(`There is no suite "${name}".`);
    console.log(`\n${suite.title}`);
    const count = await countOf(suite);
    console.log(`${suite.title}: ${words(count)}`);
    total.passed += count.passed;
    total.failed += count.failed;
  }
  console.log(`\n${words(total)}`);
  // Not only set: a handle that a failed test left open must not keep this process.
  process.exit(total.failed > 0 ? 1 : 0);
}

/** A suite that breaks off counts as a failure, and so does one without tests. */
async function countOf(suite: Suite): Promise<Count> {
  try {
    const count = await suite.run();
    if (count.passed + count.failed > 0) return count;
    console.log("  No test ran.");
    if (suite.optional) return count;
  } catch (error) {
    console.error(error);
  }
  return { passed: 0, failed: 1 };
}

function words({ passed, failed }: Count): string {
  return `${passed} passed, ${failed} failed`;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
