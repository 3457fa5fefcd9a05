/** Where things are: the repository, its packages, its manifest; and temporary folders. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onExit } from "./cleanup";

/** The repository. Looked for upwards, because a bundle of out/ does not lie where its source does. */
export const root = findRoot(__dirname);

function findRoot(folder: string): string {
  if (existsSync(join(folder, "package.json"))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error(`No package.json above ${__dirname}`);
  return findRoot(parent);
}

export function packageFolder(name: string): string {
  return join(root, "node_modules", name);
}

export interface Manifest {
  name: string;
  publisher: string;
  version: string;
  engines: { vscode: string };
  contributes: { configuration: { properties: Record<string, { scope?: string }> } };
}

export function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}

export function readManifest(): Manifest {
  return readJson(join(root, "package.json")) as Manifest; // our own file; the manifest test looks after it
}

export interface TemporaryFolder {
  path: string;
  remove(): void;
}

/** A new folder that goes with `remove()`, and at the latest with this process. */
export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), "kms-selection-"));
  const remove = (): void => {
    // A VS Code that is just ending may still write; the retries outlast it.
    rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  const forget = onExit(remove);
  return {
    path,
    remove: () => {
      forget();
      remove();
    },
  };
}
