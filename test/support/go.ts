/** A program made from a Go module of this project, built once and kept in the user's cache folder. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./cache";

const BUILD_TIMEOUT_MS = 300_000;
const SOURCES = ["main.go", "go.mod", "go.sum"];

/** @param folder where main.go, go.mod and go.sum are; go.sum fixes what the module proxy may answer */
export function builtByGo(folder: string): { readonly program: string } | { readonly missing: string } {
  const hash = createHash("sha256");
  for (const name of SOURCES) hash.update(readFileSync(join(folder, name)));
  const cached = join(cacheFolder(), `go-${hash.digest("hex").slice(0, 12)}`);
  const program = join(cached, process.platform === "win32" ? "program.exe" : "program");
  if (existsSync(program)) return { program };
  mkdirSync(cached, { recursive: true });
  const { status, error, stderr } = spawnSync("go", ["build", "-mod=readonly", "-o", program, "."], {
    cwd: folder,
    encoding: "utf8",
    timeout: BUILD_TIMEOUT_MS,
  });
  if (status === 0) return { program };
  return {
    missing: `go build: ${error?.message ?? stderr.trim().split("\n").at(-1) ?? `exit code ${status}`}`,
  };
}
