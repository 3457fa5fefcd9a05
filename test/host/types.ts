/** The one interface behind which a VS Code stands, whatever kind it is. */
import type { Page } from "playwright-core";

/** "oldest" is the one that engines.vscode promises. */
export type Version = "newest" | "oldest";

export interface LaunchOptions {
  version?: Version;
  /** The folder to open. */
  folder?: string;
  /** The .code-workspace file to open instead of a folder. */
  workspace?: string;
  /** A file to open at the start. */
  file?: string;
  /** User settings. Those of machine scope are written where this kind of VS Code reads them. */
  settings?: Record<string, unknown>;
  /** Added to the environment of the extension host; `undefined` takes a variable out. */
  env?: Record<string, string | undefined>;
  /** The home folder of the extension host. Default: an empty temporary one. */
  home?: string;
  /** Where extensions are installed. Default: an empty temporary folder. */
  extensionsDir?: string;
  /** Leave workspace trust on; the window starts in Restricted Mode. Default: everything is trusted. */
  trust?: boolean;
  viewport?: { width: number; height: number };
}

export interface VsCode {
  readonly kind: "desktop" | "npm";
  readonly version: string;
  /** For the npm kind, where it is served. */
  readonly url: string | undefined;
  readonly page: Page;
  readonly home: string;
  /** Where it keeps user data, state, logs and temporary files, and its browser a profile. */
  readonly data: string;
  /** What the server or the application wrote. */
  log: () => string;
  /** The lines of the window's console. */
  readonly console: readonly string[];
  /** Ends its processes with no chance to clean up. What it has written stays until `close`. */
  crash: () => Promise<void>;
  close: () => Promise<void>;
}

export interface DesktopInstallation {
  kind: "desktop";
  executable: string;
  version: string;
}

export interface NpmInstallation {
  kind: "npm";
  /** The VS Code inside code-server. */
  lib: string;
  /** The Node that runs it, with its arguments. */
  node: string[];
  version: string;
  nodeVersion: string;
}

export type Installation = DesktopInstallation | NpmInstallation;

/** The installation in one line. */
export function describe(installation: Installation): string {
  return installation.kind === "desktop"
    ? `VS Code ${installation.version} (desktop, ${installation.executable})`
    : `VS Code ${installation.version} from npm (code-server), Node ${installation.nodeVersion}`;
}
