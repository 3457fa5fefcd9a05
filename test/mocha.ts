/** How mocha is set up, in Node and in the extension host alike. */
import Mocha from "mocha";

export interface Count {
  passed: number;
  failed: number;
}

/** Runs the test files. KMS_SELECTION_GREP picks tests by their titles. */
export async function runMocha(files: string[], timeout: number): Promise<Count> {
  const grep = process.env.KMS_SELECTION_GREP;
  const mocha = new Mocha({ ui: "tdd", reporter: "spec", timeout, grep });
  for (const file of files) mocha.addFile(file);
  return new Promise((resolve, reject) => {
    const runner = mocha.run((failures) => {
      // A hook that fails counts as a failure, but not as a test.
      if (runner.stats)
        resolve({ passed: runner.stats.passes, failed: Math.max(failures, runner.stats.failures) });
      else reject(new Error("mocha kept no count"));
    });
  });
}
