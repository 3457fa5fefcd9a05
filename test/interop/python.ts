/** A Python with moto, boto3 and the Encryption SDK at fixed versions. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { type PythonOrNone, pythonWith } from "../support/python";

/** By name and version; flask and flask-cors are what moto's server needs of its `server` extra for KMS. */
const PACKAGES = [
  "moto==5.2.5",
  "boto3==1.44.5",
  "flask==3.1.3",
  "flask-cors==6.0.5",
  "aws-encryption-sdk==4.0.7",
];
const START_TIMEOUT_MS = 30_000;

export const findPython = (): PythonOrNone => pythonWith(PACKAGES);

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
