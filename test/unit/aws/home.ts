/** A HOME of its own for each test, and an environment that knows nothing of the machine's AWS configuration. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Home {
  readonly path: string;
  /** Writes `~/.aws/config`. */
  config(text: string): void;
  /** Writes `~/.aws/credentials`. */
  credentials(text: string): void;
  /** Writes a file below HOME and answers with its path. */
  write(name: string, text: string): string;
}

/** Call in a suite. The answer is good within its tests. Nothing but loopback is asked for credentials. */
export function useHome(): Home {
  let path = "";
  let environment: NodeJS.ProcessEnv = {};

  setup(() => {
    path = mkdtempSync(join(tmpdir(), "kms-selection-home-"));
    environment = { ...process.env };
    for (const name of Object.keys(process.env)) {
      if (name.startsWith("AWS_")) Reflect.deleteProperty(process.env, name);
    }
    process.env.HOME = path;
    process.env.AWS_EC2_METADATA_DISABLED = "true";
  });

  teardown(() => {
    for (const name of Object.keys(process.env)) {
      if (!(name in environment)) Reflect.deleteProperty(process.env, name);
    }
    Object.assign(process.env, environment);
    rmSync(path, { recursive: true, force: true });
  });

  const home: Home = {
    get path() {
      return path;
    },
    config(text) {
      home.write(".aws/config", text);
    },
    credentials(text) {
      home.write(".aws/credentials", text);
    },
    write(name, text) {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
  };
  return home;
}
