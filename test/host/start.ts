/** `npm start`: a VS Code with this extension and the sample files, to try it out. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { install } from "./choose";
import { ownEnvironment } from "./environment";
import { startServer } from "./npm/server";
import { temporaryFolder } from "./paths";
import { copySamples } from "./samples";
import { writeSettings } from "./settings";
import { describe, type LaunchOptions } from "./types";
import { packedExtension } from "./vsix";

const usage = `npm start -- [options] [folder]

Opens VS Code with KMS Selection and with sample files, or with the folder that is named.

  --aws        leave the sandbox off: your own AWS profiles and keys are used
  --port <n>   the port on 127.0.0.1 of the VS Code that opens in a browser (default: any that is free)
  --help       this text

KMS_SELECTION_VSCODE names a desktop VS Code to start, or is "npm" for the one that opens in a browser.`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { aws: { type: "boolean" }, port: { type: "string" }, help: { type: "boolean" } },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const installation = await install("newest");
  console.log(describe(installation));

  const work = temporaryFolder();
  const data = join(work.path, "data");
  mkdirSync(data);
  const [named] = positionals;
  const folder = named === undefined ? join(work.path, "samples") : resolve(named);
  if (named === undefined) copySamples(folder);
  const options: LaunchOptions = {
    folder,
    extensionsDir: await packedExtension(),
    settings: values.aws ? {} : { "kmsSelection.sandbox": true },
  };
  const env = ownEnvironment(process.env);
  console.log(`Files: ${folder}`);
  console.log(
    values.aws
      ? "With your own AWS profiles. Without --aws everything stays in a sandbox."
      : "In the sandbox: nothing is sent to AWS. With `npm start -- --aws` your own AWS profiles are used.",
  );

  if (installation.kind === "npm") {
    const server = await startServer(installation, { ...options, data, env, port: Number(values.port ?? 0) });
    console.log(`\nOpen ${server.url()}\nin a browser on this machine. Ctrl+C ends it.`);
    await server.ended;
    throw new Error(`VS Code's server ended.\n${server.log()}`);
  }
  const { desktopArguments, runDesktop } = await import("./desktop");
  writeSettings(data, options.settings ?? {}, "desktop");
  console.log("Its window opens now. Closing it, or Ctrl+C, ends this.");
  await runDesktop(installation.executable, desktopArguments(data, options), env);
}

main().then(
  () => process.exit(0), // what is temporary goes at the exit (cleanup.ts)
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
