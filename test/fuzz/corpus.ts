/** Inputs that fuzzing found worth keeping, a folder for each target: they go on being tried in the unit tests. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../host/paths";

export function corpusFolder(target: string): string {
  return join(root, "test/fixtures/corpus", target);
}

export function corpusOf(target: string): Buffer[] {
  const folder = corpusFolder(target);
  return existsSync(folder) ? readdirSync(folder).map((name) => readFileSync(join(folder, name))) : [];
}
