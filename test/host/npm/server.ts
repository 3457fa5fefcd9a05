/** Runs the server of the npm kind: a process of its own that serves the workbench and starts extension hosts. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onExit } from "../cleanup";
import { writeSettings } from "../settings";
import type { LaunchOptions, NpmInstallation } from "../types";

/** Enough for the files that are opened here; loading all of them takes two seconds more, and some want the network. */
const builtinExtensions = [
  "configuration-editing",
  "dotenv",
  "ini",
  "json",
  "markdown-basics",
  "theme-defaults",
  "theme-modern-icons",
  "theme-seti",
  "yaml",
];

const startTimeout = 30_000;
const endTimeout = 5_000;

export interface Server {
  port: number;
  /** The address of the window, with what it opens. Holds the token without which the server refuses. */
  url: (payload?: [name: string, path: string][]) => string;
  log: () => string;
  /** Settles when the process has ended. */
  ended: Promise<unknown>;
  /** Ends the server and its extension hosts with no chance to clean up. */
  crash: () => Promise<void>;
  close: () => Promise<void>;
}

/** `env` is the whole environment; `driver` lets a window bring its own extension and tests (and hides toasts). */
export async function startServer(
  { lib, node: [node = process.execPath, ...nodeArguments] }: NpmInstallation,
  options: LaunchOptions & { data: string; env: Record<string, string>; driver?: boolean; port?: number },
): Promise<Server> {
  const { data, env, driver = false, port = 0 } = options;
  // In a file, because everyone on the machine sees the arguments of a process.
  const token = randomBytes(16).toString("hex");
  const tokenFile = join(data, "token");
  writeFileSync(tokenFile, token, { mode: 0o600 });
  writeSettings(join(data, "data"), options.settings ?? {}, "npm");
  const extensionsDir = options.extensionsDir ?? join(data, "extensions");
  mkdirSync(join(data, "builtin"));
  mkdirSync(join(data, "tmp"));
  for (const name of builtinExtensions)
    if (existsSync(join(lib, "extensions", name)))
      symlinkSync(join(lib, "extensions", name), join(data, "builtin", name), "dir");

  const child = spawn(
    node,
    [
      ...nodeArguments,
      join(lib, "out/server-main.js"),
      ...["--host", "127.0.0.1", "--port", String(port), "--connection-token-file", tokenFile],
      ...["--server-data-dir", data, "--extensions-dir", extensionsDir],
      ...["--builtin-extensions-dir", join(data, "builtin"), "--log", "info"],
      ...[
        "--accept-server-license-terms",
        "--disable-telemetry",
        "--disable-experiments",
        "--disable-update-check",
      ],
      "--force-disable-user-env", // else the profile of the login shell is merged into the environment
      ...(options.workspace ? ["--default-workspace", options.workspace] : []),
      ...(options.folder ? ["--default-folder", options.folder] : []),
      ...(options.trust ? [] : ["--disable-workspace-trust"]),
      ...(driver ? ["--enable-smoke-test-driver"] : []),
    ],
    {
      // No gallery: nothing is asked of the network. Sockets go where they are removed with the rest.
      env: { ...env, EXTENSIONS_GALLERY: "{}", XDG_RUNTIME_DIR: data, TMPDIR: join(data, "tmp") },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true, // a process group of its own, so that its extension hosts can be ended with it
    },
  );
  /** False when none of its processes is left. */
  const signalGroup = (signal: NodeJS.Signals | 0): boolean => {
    try {
      return child.pid !== undefined && process.kill(-child.pid, signal);
    } catch {
      return false;
    }
  };
  const killGroup = (): void => {
    signalGroup("SIGKILL");
  };
  const forget = onExit(killGroup);
  const ended = once(child, "exit");
  let log = "";
  const close = async (): Promise<void> => {
    signalGroup("SIGTERM");
    // Extension hosts have something to write first: what they have run.
    for (const end = Date.now() + endTimeout; signalGroup(0) && Date.now() < end;) await delay(20);
    killGroup();
    forget();
  };

  try {
    const actualPort = await listening(child, (text) => (log += text));
    const base = `127.0.0.1:${actualPort}`;
    return {
      port: actualPort,
      url: (payload = []) => {
        const query = new URLSearchParams({ tkn: token });
        const opened = options.file ? [["openFile", options.file] as [string, string], ...payload] : payload;
        const entries = opened.map(([name, path]) => [name, `vscode-remote://${base}${encodeURI(path)}`]);
        if (entries.length > 0) query.set("payload", JSON.stringify(entries));
        return `http://${base}/?${query}`;
      },
      log: () => log,
      ended,
      crash: async () => {
        killGroup();
        await ended;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function listening(child: ChildProcess, record: (text: string) => string): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`VS Code's server did not start within ${startTimeout} ms.\n${record("")}`));
    }, startTimeout);
    const read = (chunk: Buffer): void => {
      const port = /agent listening on (\d+)/.exec(record(chunk.toString()))?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`VS Code's server ended with code ${code}.\n${record("")}`));
    });
  });
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
