/** What this process has run, as V8 tells it: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/ */
import { renameSync, writeFileSync } from "node:fs";
import { type Profiler, Session } from "node:inspector";
import { join } from "node:path";

/** Begins. Each call of the answer writes into the folder what was run since the last one, of the files that are wanted. */
export function collectCoverage(folder: string, isWanted: (url: string) => boolean): () => void {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  let written = 0;
  return () => {
    // Answered before post() returns.
    session.post("Profiler.takePreciseCoverage", (_error, answer) => {
      const result = answer.result.filter((script) => isWanted(script.url) && isRun(script));
      if (result.length === 0) return;
      const file = join(folder, `${process.pid}-${++written}.json`);
      // In one step: a process may be killed at any time.
      writeFileSync(`${file}.part`, JSON.stringify({ result }));
      renameSync(`${file}.part`, file);
    });
  };
}

const isRun = ({ functions }: Profiler.ScriptCoverage): boolean =>
  functions.some(({ ranges }) => ranges.some(({ count }) => count > 0));
