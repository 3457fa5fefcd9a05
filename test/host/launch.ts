/** Starts a real VS Code with a window that Playwright drives. */
import { install } from "./choose";
import { launchNpm } from "./npm/launch";
import type { LaunchOptions, VsCode } from "./types";

export type { LaunchOptions, VsCode };

export async function launch(options: LaunchOptions): Promise<VsCode> {
  const installation = await install(options.version ?? "newest");
  if (installation.kind === "npm") return launchNpm(installation, options);
  const { launchDesktop } = await import("./desktop");
  return launchDesktop(installation, options);
}
