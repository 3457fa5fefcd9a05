/** Searches all that was written, for secrets that must not be there. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** The files below `root` that hold the text. */
export function filesWith(root: string, text: string): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((name) => join(root, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .filter((path) => readFileSync(path).includes(text));
}
