/** Where tools that tests need are kept between runs. */
import { homedir } from "node:os";
import { join } from "node:path";

export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "kms-selection");
}
