/** A Python with moto and boto3 at fixed versions, made once and kept in the user's cache folder. */
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** By name and version; flask and flask-cors are what moto's server needs of its `server` extra for KMS. */
const PACKAGES = ["moto==5.2.5", "boto3==1.44.5", "flask==3.1.3", "flask-cors==6.0.5"];
const INSTALL_TIMEOUT_MS = 300_000;
const START_TIMEOUT_MS = 30_000;

/** The path of the interpreter, or why there is none. */
export function findPython(): { readonly python: string } | { readonly missing: string } {
  const name = createHash("sha256").update(PACKAGES.join("\n")).digest("hex").slice(0, 12);
  const folder = join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
    "kms-selection",
    `python-${name}`,
  );
  const windows = process.platform === "win32";
  const python = windows ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");
  const complete = join(folder, "complete");
  if (existsSync(complete)) return { python };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const steps: [command: string, args: string[]][] = [
    [windows ? "python" : "python3", ["-m", "venv", folder]],
    [python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...PACKAGES]],
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
  writeFileSync(complete, `${PACKAGES.join("\n")}\n`);
  return { python };
}

export interface MotoServer {
  readonly url: string;
  close(): Promise<void>;
}

export async function startMoto(python: string): Promise<MotoServer> {
  const child = spawn(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = once(child, "exit");
  const close = async () => {
    child.kill();
    await exited;
  };
  try {
    return { url: await urlOf(child), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function urlOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const fail = (why: string) => {
      reject(new Error(`moto's server did not start, ${why}: ${said}`));
    };
    const timer = setTimeout(fail, START_TIMEOUT_MS, `${START_TIMEOUT_MS} ms passed`);
    child.once("error", ({ message }) => {
      fail(message);
    });
    child.once("exit", (code) => {
      fail(`exit code ${code}`);
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const url = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}

/** Runs a script of test/interop with one JSON argument, and reads the JSON that it prints. */
export async function runScript(python: string, script: string, argument: unknown): Promise<unknown> {
  const { stdout } = await promisify(execFile)(python, [script, JSON.stringify(argument)], {
    encoding: "utf8",
    // Nothing of the person's own AWS configuration may reach the clients.
    env: {
      PATH: process.env.PATH,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: "",
      HOME: "/nonexistent",
    },
  });
  return JSON.parse(stdout);
}
