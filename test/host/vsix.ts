/** Packs the extension as it is published, and installs it as a person would. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { install } from "./choose";
import { cli } from "./desktop";
import { packageFolder, root, temporaryFolder } from "./paths";
import type { Version } from "./types";

/**
 * What this process has packed and installed. Each file of out/ is a bundle with a copy of this module, so that it is
 * kept where all of them see it; and outside of out/, which the next build empties.
 */
interface Packed {
  folder: string;
  vsix?: string;
  extensions: Partial<Record<Version, string>>;
}
const key = Symbol.for("kms-selection.packed");
const shared = globalThis as { [key]?: Packed };

function packed(): Packed {
  return (shared[key] ??= { folder: temporaryFolder().path, extensions: {} });
}

/** The .vsix of what is built, packed once for each process. */
export function packVsix(): string {
  const { folder, vsix } = packed();
  if (vsix) return vsix;
  const made = join(folder, "kms-selection.vsix");
  pack(made);
  return (packed().vsix = made);
}

/** Zip archives count from 1980; the date of the build would make each build another file. */
const SOURCE_DATE_EPOCH = String(Date.UTC(1980, 0, 2) / 1000);

/**
 * Packs what is built. The same sources give the same bytes, so that anybody can check a published package: files are
 * dated by {@link https://reproducible-builds.org/docs/source-date-epoch/ SOURCE_DATE_EPOCH}, and archives hold local
 * time, so that it is UTC everywhere.
 */
export function pack(vsix: string, folder = root): void {
  const vsce = join(packageFolder("@vscode/vsce"), "vsce");
  const options = ["--no-dependencies", "--out", vsix, ...(folder === root ? [] : ["--skip-license"])];
  const env = { ...process.env, SOURCE_DATE_EPOCH, TZ: "UTC" };
  run(process.execPath, [vsce, "package", ...options], env, folder);
}

/** Installs a .vsix into `extensionsDir` with the VS Code that is going to use it. */
export async function installVsix(
  vsix: string,
  extensionsDir: string,
  version: Version = "newest",
): Promise<void> {
  const installation = await install(version);
  const data = temporaryFolder();
  const args = ["--extensions-dir", extensionsDir, "--install-extension", vsix, "--force"];
  try {
    if (installation.kind === "desktop") {
      cli(installation.executable, ["--user-data-dir", data.path, ...args]);
    } else {
      const [node = process.execPath, ...nodeArguments] = installation.node;
      const server = [join(installation.lib, "out/server-main.js"), "--accept-server-license-terms"];
      run(node, [...nodeArguments, ...server, "--server-data-dir", data.path, ...args]);
    }
  } finally {
    data.remove();
  }
}

/** An extensions folder that holds the packed extension alone, for all windows of this process. */
export async function packedExtension(version: Version = "newest"): Promise<string> {
  const { folder, extensions } = packed();
  const known = extensions[version];
  if (known) return known;
  const made = join(folder, version);
  mkdirSync(made);
  await installVsix(packVsix(), made, version);
  return (extensions[version] = made);
}

/** Its output is shown only when it fails. */
function run(command: string, args: string[], env = process.env, cwd = root): void {
  try {
    execFileSync(command, args, { cwd, encoding: "utf8", stdio: "pipe", env });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }; // what execFileSync throws
    throw new Error(`${command} ${args.join(" ")} failed:\n${stdout ?? ""}${stderr ?? ""}`, { cause: error });
  }
}
