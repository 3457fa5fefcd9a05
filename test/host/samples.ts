/** Copies the sample files to a folder in which they can be changed. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths";

/** Its lines end in CRLF in the copy. In the repository all lines end in LF. */
const windowsFile = "windows.ini";

export function copySamples(folder: string): void {
  cpSync(join(root, "samples"), folder, { recursive: true });
  const file = join(folder, windowsFile);
  writeFileSync(file, readFileSync(file, "utf8").replaceAll(/\r?\n/g, "\r\n"));
}
