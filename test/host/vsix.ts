/** Packs the extension as it is published, and installs it as a person would. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { install } from "./choose";
import { cli } from "./desktop";
import { packageFolder, root, temporaryFolder } from "./paths";
import type { Version } from "./types";

const packed = join(root, "out/kms-selection.vsix");

/** The .vsix of the current build. Built once: what has not changed since is not packed again. */
export function packVsix(): string {
  const sources = ["package.json", ...readdirSync(join(root, "dist")).map((name) => join("dist", name))];
  const changed = Math.max(...sources.map((name) => statSync(join(root, name)).mtimeMs));
  if (existsSync(packed) && statSync(packed).mtimeMs > changed) return packed;
  run(process.execPath, [
    join(packageFolder("@vscode/vsce"), "vsce"),
    "package",
    "--no-dependencies",
    "--out",
    packed,
  ]);
  return packed;
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

/** The extensions folder that holds the packed extension alone. */
export async function packedExtension(version: Version = "newest"): Promise<string> {
  const vsix = packVsix();
  const folder = join(root, "out", `extensions-${version}-${Math.round(statSync(vsix).mtimeMs)}`);
  if (!existsSync(folder)) {
    mkdirSync(folder);
    await installVsix(vsix, folder, version);
  }
  return folder;
}

/** Its output is shown only when it fails. */
function run(command: string, args: string[]): void {
  try {
    execFileSync(command, args, { cwd: root, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }; // what execFileSync throws
    throw new Error(`${command} ${args.join(" ")} failed:\n${stdout ?? ""}${stderr ?? ""}`, { cause: error });
  }
}
