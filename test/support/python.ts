/** A Python with packages at fixed versions, made once and kept in the user's cache folder. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./cache";

const INSTALL_TIMEOUT_MS = 300_000;

/** The path of the interpreter, or why there is none. */
export type PythonOrNone = { readonly python: string } | { readonly missing: string };

/** @param packages by name and version, `moto==5.2.5` */
export function pythonWith(packages: readonly string[]): PythonOrNone {
  const name = createHash("sha256").update(packages.join("\n")).digest("hex").slice(0, 12);
  const folder = join(cacheFolder(), `python-${name}`);
  const windows = process.platform === "win32";
  const python = windows ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");
  const complete = join(folder, "complete");
  if (existsSync(complete)) return { python };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const steps: [command: string, args: string[]][] = [
    [windows ? "python" : "python3", ["-m", "venv", folder]],
    [python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages]],
  ];
  for (const [command, args] of steps) {
    const { status, error, stderr } = spawnSync(command, args, {
      encoding: "utf8",
      timeout: INSTALL_TIMEOUT_MS,
    });
    if (status === 0) continue;
    rmSync(folder, { recursive: true, force: true });
    const reason = error?.message ?? stderr.trim().split("\n").at(-1) ?? `exit code ${status}`;
    return { missing: `${command} ${args.slice(0, 3).join(" ")}: ${reason}` };
  }
  writeFileSync(complete, `${packages.join("\n")}\n`);
  return { python };
}
