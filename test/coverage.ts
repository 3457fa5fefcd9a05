/**
 * `npm run coverage`: runs the suites, and tells how much of `src` all of them together have run: in this process, and in
 * the extension hosts with the packed extension. There it is looked at each second, so that the last one of a window is
 * not counted.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { CoverageReport, type V8CoverageEntry } from "monocart-coverage-reports";
import { readJson, root, temporaryFolder } from "./host/paths";

/** Files of which less is run are named. */
const NAMED_BELOW = 90;

async function main(suites: readonly string[]): Promise<void> {
  const folder = temporaryFolder();
  try {
    const { status } = spawnSync(process.execPath, [join(root, "out/run.js"), ...suites], {
      stdio: "inherit",
      env: { ...process.env, NODE_V8_COVERAGE: folder.path, KMS_SELECTION_COVERAGE: folder.path },
    });
    if (status !== 0) throw new Error("A suite failed.");
    await tell(folder.path);
  } finally {
    folder.remove();
  }
}

async function tell(folder: string): Promise<void> {
  const report = new CoverageReport({
    logging: "off",
    outputDir: join(root, "out/coverage"),
    reports: ["v8-json", "lcovonly"],
    // Packages have sources of that name, too.
    sourceFilter: (path: string) => path.startsWith("src/") && existsSync(join(root, path)),
    sourcePath: (path: string) => /(?:^|\/)(src\/.*)$/.exec(path)?.[1] ?? path,
  });
  for (const file of readdirSync(folder)) {
    const { result } = readJson(join(folder, file)) as { result: V8CoverageEntry[] }; // V8's own format
    const entries = result.flatMap(withSource);
    if (entries.length > 0) await report.add(entries);
  }
  const results = await report.generate();
  const files = (results?.files ?? []).map(({ sourcePath, summary }) => ({
    path: sourcePath,
    ...countsOf(summary.lines),
  }));
  const rows = [...new Set(files.map(({ path }) => path.split("/").slice(0, 2).join("/")))].sort();
  console.log("\n| of | lines run |\n|---|---|");
  for (const name of rows) {
    const of = files.filter(({ path }) => path === name || path.startsWith(`${name}/`));
    console.log(`| ${name} | ${percent(of).toFixed(1)} % |`);
  }
  const total = percent(files);
  console.log(`| all | ${total.toFixed(1)} % |`);
  for (const file of files.filter((each) => percent([each]) < NAMED_BELOW))
    console.log(`  ${percent([file]).toFixed(0)} % of ${file.path}`);
}

interface Counts {
  readonly covered: number;
  readonly total: number;
}

function countsOf({ covered, total }: { covered: number; total: number }): Counts {
  return { covered, total };
}

function percent(files: readonly Counts[]): number {
  const sum = (of: (file: Counts) => number): number => files.reduce((all, file) => all + of(file), 0);
  return (100 * sum(({ covered }) => covered)) / sum(({ total }) => total);
}

/** The packed bundles are gone by now, and are those of dist/; those of the tests hold their own maps. */
function withSource(entry: V8CoverageEntry): V8CoverageEntry[] {
  const isPacked = /kms-selection\.kms-selection[^/]*\/dist\//.test(entry.url);
  if (!isPacked && !entry.url.startsWith("file:")) return [];
  const file = isPacked ? join(root, "dist", basename(entry.url)) : fileURLToPath(entry.url);
  if (!isPacked && relative(join(root, "out"), file).startsWith("..")) return [];
  const map = `${file}.map`;
  return [
    {
      ...entry,
      url: `file://${file}`,
      source: readFileSync(file, "utf8"),
      ...(existsSync(map) && { sourceMap: readJson(map) }),
    },
  ];
}

main(process.argv.slice(2)).then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
