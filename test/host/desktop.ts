/** The desktop kind: an installed VS Code, or the one that @vscode/test-electron downloads. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { downloadAndUnzipVSCode, resolveCliArgsFromVSCodeExecutablePath } from "@vscode/test-electron";
import { _electron as electron } from "playwright-core";
import { onExit } from "./cleanup";
import { testEnvironment } from "./environment";
import { root, temporaryFolder } from "./paths";
import { writeSettings } from "./settings";
import type { DesktopInstallation, LaunchOptions, VsCode } from "./types";

const downloadTimeout = 180_000;

export async function download(version: string): Promise<DesktopInstallation> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${downloadTimeout / 1000} s`));
    }, downloadTimeout);
  });
  try {
    const downloaded = downloadAndUnzipVSCode({
      version,
      cachePath: join(root, ".vscode-test"),
      timeout: 15_000, // without any data
    });
    return desktopInstallation(await Promise.race([downloaded, late]));
  } finally {
    clearTimeout(timer);
  }
}

export function desktopInstallation(path: string): DesktopInstallation {
  const executable = application(path);
  const [version = "of unknown version"] = cli(executable, ["--version"]).split("\n");
  return { kind: "desktop", executable, version: version.trim() };
}

/** `bin/code` is a script that starts the application and ends; what can be driven is the application itself. */
export function application(path: string): string {
  const real = existsSync(path) ? realpathSync(path) : path;
  const neighbour = join(dirname(real), "..", basename(real));
  return basename(dirname(real)) === "bin" && existsSync(neighbour) ? neighbour : real;
}

/** Runs the application's command line, which ends when it has done its work. */
export function cli(executable: string, args: string[]): string {
  const [command = executable, ...ownArguments] = resolveCliArgsFromVSCodeExecutablePath(executable, {
    reuseMachineInstall: true, // the folders are named by the caller
  });
  const shell = process.platform === "win32"; // where it is a .cmd file
  return execFileSync(shell ? `"${command}"` : command, [...ownArguments, ...args], {
    encoding: "utf8",
    shell,
  });
}

/** The arguments of a window that has nothing to do with the person's own VS Code. */
export function desktopArguments(data: string, options: LaunchOptions): string[] {
  const opened = options.workspace ?? options.folder;
  return [
    ...["--user-data-dir", data, "--extensions-dir", options.extensionsDir ?? join(data, "extensions")],
    ...["--new-window", "--skip-welcome", "--skip-release-notes", "--disable-updates", "--disable-telemetry"],
    "--use-inmemory-secretstorage", // no question from the system's keychain
    ...(options.trust ? [] : ["--disable-workspace-trust"]),
    ...(process.platform === "linux" && process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ...(opened ? [opened] : []),
    ...(options.file ? [options.file] : []),
  ];
}

export async function launchDesktop(
  { executable, version }: DesktopInstallation,
  options: LaunchOptions,
): Promise<VsCode> {
  const data = temporaryFolder();
  const home = options.home ? undefined : temporaryFolder();
  const homePath = options.home ?? home?.path ?? "";
  const remove = (): void => {
    data.remove();
    home?.remove();
  };
  try {
    writeSettings(data.path, options.settings ?? {}, "desktop");
    const temporary = join(data.path, "tmp");
    mkdirSync(temporary);
    const app = await electron.launch({
      executablePath: executable,
      args: desktopArguments(data.path, options),
      env: testEnvironment(process.env, homePath, { TMPDIR: temporary, ...options.env }),
    });
    let log = "";
    for (const stream of [app.process().stdout, app.process().stderr])
      stream?.on("data", (chunk: Buffer) => (log += chunk.toString()));
    const page = await app.firstWindow();
    const lines: string[] = [];
    page.on("console", (message) => lines.push(`${message.type()}: ${message.text()}`));
    const { width, height } = options.viewport ?? { width: 1200, height: 800 };
    const browserWindow = await app.browserWindow(page);
    await browserWindow.evaluate(
      (window: { setContentSize(w: number, h: number): void }, size) => {
        window.setContentSize(size.width, size.height);
      },
      { width, height },
    );
    return {
      kind: "desktop",
      version,
      url: undefined,
      page,
      home: homePath,
      data: data.path,
      log: () => log,
      console: lines,
      crash: async () => {
        const ended = once(app.process(), "exit");
        app.process().kill("SIGKILL");
        await ended;
      },
      close: async () => {
        await app.close().catch(() => undefined); // gone after a crash
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Starts it without a remote control; the answer is its output, when it has ended. */
export async function runDesktop(
  executable: string,
  args: string[],
  env: Record<string, string>,
  timeout?: number,
): Promise<string> {
  const child = spawn(executable, args, { env, stdio: ["ignore", "pipe", "pipe"], timeout });
  const forget = onExit(() => child.kill("SIGKILL"));
  let log = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (log += chunk.toString()));
  try {
    await once(child, "exit");
    return log;
  } finally {
    forget();
  }
}
