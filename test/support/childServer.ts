/** A server in a process of its own that says where it listens: `Running on http://127.0.0.1:port`. */
import { spawn } from "node:child_process";
import { once } from "node:events";

const START_TIMEOUT_MS = 60_000;

export interface ChildServer {
  readonly url: string;
  close(): Promise<void>;
}

export async function startChildServer(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ChildServer> {
  // Nothing of the person's own AWS configuration.
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit");
  const close = async () => {
    child.kill();
    await exited;
  };
  let said = "";
  try {
    const url = await new Promise<string>((resolve, reject) => {
      const fail = (why: string) => {
        reject(new Error(`${command} did not start, ${why}: ${said}`));
      };
      const timer = setTimeout(fail, START_TIMEOUT_MS, `${START_TIMEOUT_MS} ms passed`);
      child.once("error", ({ message }) => {
        fail(message);
      });
      child.once("exit", (code) => {
        fail(`exit code ${code}`);
      });
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text: string) => {
          said += text;
          const found = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
          if (found === undefined) return;
          clearTimeout(timer);
          resolve(found);
        });
    });
    return { url, close };
  } catch (error) {
    child.kill();
    throw error;
  }
}
