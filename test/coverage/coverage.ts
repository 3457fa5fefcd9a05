/**
 * Which lines of `src` the suites of a run have run together: in this process, and in the extension hosts with the packed
 * extension.
 */
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { root, temporaryFolder } from "../host/paths";
import type { Count } from "../mocha";
import { collectCoverage } from "./collect";
import { type Lines, linesRun } from "./report";

/** A little under what is measured. */
const FLOOR = 94;
/** Files of which less is run are named. */
const NAMED_BELOW = 90;

/** Begins to collect. The answer tells; it fails below the floor, if all suites were run that the floor is of. */
export function startCoverage(hasFloor: boolean): () => Promise<Count> {
  const folder = temporaryFolder();
  process.env.KMS_SELECTION_COVERAGE = folder.path; // for the windows: inExtensionHost.ts
  const out = pathToFileURL(join(root, "out/")).href;
  const take = collectCoverage(folder.path, (url) => url.startsWith(out));
  return async () => {
    take();
    const files = await linesRun(folder.path);
    folder.remove();
    tell(files);
    const isBelow = hasFloor && percent(files) < FLOOR;
    if (isBelow) console.log(`  Less than ${FLOOR} % of the lines were run.`);
    return isBelow ? { passed: 0, failed: 1 } : { passed: 1, failed: 0 };
  };
}

function tell(files: readonly Lines[]): void {
  for (const file of files.filter((each) => percent([each]) < NAMED_BELOW))
    console.log(`  ${percent([file]).toFixed(0)} % of ${file.path}`);
  const folders = [...new Set(files.map(({ path }) => path.split("/").slice(0, 2).join("/")))].sort();
  const shares = folders.map((name) => {
    const of = files.filter(({ path }) => path === name || path.startsWith(`${name}/`));
    return `${name} ${percent(of).toFixed(1)} %`;
  });
  console.log(`  ${percent(files).toFixed(1)} % of all lines: ${shares.join(", ")}`);
}

function percent(files: readonly Lines[]): number {
  const sum = (of: (file: Lines) => number): number => files.reduce((all, file) => all + of(file), 0);
  return (100 * sum(({ covered }) => covered)) / sum(({ total }) => total);
}
