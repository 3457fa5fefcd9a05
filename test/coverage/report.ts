/** How much of `src` was run, out of what V8 told of each process: by lines, and by the sources of the bundles. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { CoverageReport, type V8CoverageEntry } from "monocart-coverage-reports";
import { readJson, root } from "../host/paths";

export interface Lines {
  readonly path: string;
  readonly covered: number;
  readonly total: number;
}

/** Of each file of `src` that is in a bundle which was loaded. */
export async function linesRun(folder: string): Promise<Lines[]> {
  const report = new CoverageReport({
    logging: "off",
    outputDir: join(root, "out/coverage-report"),
    reports: ["v8-json", "lcovonly"],
    // Packages have sources of that name, too.
    sourceFilter: (path: string) => path.startsWith("src/") && existsSync(join(root, path)),
    sourcePath: (path: string) => /(?:^|\/)(src\/.*)$/.exec(path)?.[1] ?? path,
  });
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
    const { result } = readJson(join(folder, file)) as { result: V8CoverageEntry[] }; // V8's own format
    const entries = result.flatMap(withSource);
    if (entries.length > 0) await report.add(entries);
  }
  const results = await report.generate();
  return (results?.files ?? []).map(({ sourcePath, summary: { lines } }) => ({
    path: sourcePath,
    covered: lines.covered,
    total: lines.total,
  }));
}

/** V8's name for what sets the fields of a class. That of Node 20 spans the whole class until there is an object of it. */
const FIELDS = "<instance_members_initializer>";

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
      functions: (entry.functions ?? []).filter(({ functionName }) => functionName !== FIELDS),
      url: `file://${file}`,
      source: readFileSync(file, "utf8"),
      ...(existsSync(map) && { sourceMap: readJson(map) }),
    },
  ];
}
