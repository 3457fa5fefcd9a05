/** Loaded into the processes of VS Code before itself. In extension hosts it collects, of the packed extension alone. */
import { collectCoverage } from "./collect";

const folder = process.env.KMS_SELECTION_COVERAGE;
if (folder && process.argv.includes("--type=extensionHost")) {
  const take = collectCoverage(folder, (url) => url.includes("kms-selection.kms-selection"));
  // Of a host that is killed, the last second is not known.
  setInterval(take, 1000).unref();
  process.on("exit", take);
  // Ends it as without a listener, but for which there is no "exit".
  process.once("SIGTERM", () => {
    take();
    process.kill(process.pid, "SIGTERM");
  });
}
