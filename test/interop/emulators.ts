/** Other people's KMS servers, each in a process of its own on loopback. */
import { join } from "node:path";
import { root, temporaryFolder } from "../host/paths";
import { type ChildServer, startChildServer } from "../support/childServer";
import { builtByGo } from "../support/go";
import { findMiniStack, findPython, VERSIONS } from "./python";

export const REGION = "us-east-2";

export interface Emulator {
  readonly name: string;
  readonly version: string;
  readonly home: string;
  readonly start: () => Promise<ChildServer>;
}

/** What of them there is on this machine, and why the others are missing. */
export function findEmulators(): { readonly found: Emulator[]; readonly missing: string[] } {
  const python = findPython();
  const miniStackPython = findMiniStack();
  const localKms = builtByGo(join(root, "test/interop/localKms"));
  const found: Emulator[] = [];
  const missing: string[] = [];
  if ("missing" in python) missing.push(`moto is left out: ${python.missing}`);
  else found.push(moto(python.python));
  if ("missing" in miniStackPython) missing.push(`MiniStack is left out: ${miniStackPython.missing}`);
  else found.push(miniStack(miniStackPython.python));
  if ("missing" in localKms) missing.push(`local-kms is left out: ${localKms.missing}`);
  else found.push(localKmsOf(localKms.program));
  return { found, missing };
}

export const startMoto = (python: string): Promise<ChildServer> =>
  startChildServer(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]);

/** For CloudFormation: the only one of these that takes all of the key template's resources. */
export async function startLocalStack(python: string): Promise<ChildServer> {
  const folder = temporaryFolder();
  const script = join(root, "test/interop/localstack_server.py");
  const server = await startChildServer(python, [script, folder.path]);
  return {
    url: server.url,
    async close() {
      await server.close();
      folder.remove();
    },
  };
}

const moto = (python: string): Emulator => ({
  name: "moto",
  version: VERSIONS.moto,
  home: "https://github.com/getmoto/moto",
  start: () => startMoto(python),
});

const miniStack = (python: string): Emulator => ({
  name: "MiniStack",
  version: VERSIONS.ministack,
  home: "https://github.com/ministackorg/ministack",
  start: () =>
    startChildServer(python, ["-m", "ministack"], {
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: "0",
      SERVICES: "kms",
      MINISTACK_REGION: REGION,
    }),
});

const localKmsOf = (program: string): Emulator => ({
  name: "local-kms",
  version: "2a5e92d09ab6",
  home: "https://github.com/nsmithuk/local-kms",
  async start() {
    const data = temporaryFolder();
    const server = await startChildServer(program, ["000000000000", REGION, data.path]);
    return {
      url: server.url,
      async close() {
        await server.close();
        data.remove();
      },
    };
  },
});
