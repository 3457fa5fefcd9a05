/** The packed extension and an empty one, each started by a line of code that takes the time. */
import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readJson } from "../host/paths";

export const OURS = "kms-selection.kms-selection";
export const EMPTY = "kms-selection-tests.empty";

/** Milliseconds, and the files of the extension that were loaded when `activate` returned. */
export interface Times {
  readonly load: number;
  readonly activate: number;
  /** With what activation leaves for the next turn of the event loop. */
  readonly settle: number;
  readonly files: readonly string[];
}

const KEY = "kms-selection.activation-times";

/**
 * Runs in the extension host: CommonJS, with nothing around it that would be measured as well. VS Code merges its settings
 * when the first extension asks for one, whichever that is; it has done so before the time is taken.
 */
const timed = `
require("vscode").workspace.getConfiguration().get("files.eol");
const started = performance.now();
const extension = require("./extension.js");
const load = performance.now() - started;
exports.deactivate = extension.deactivate;
exports.activate = (context) => {
  const called = performance.now();
  extension.activate(context);
  const activate = performance.now() - called;
  const files = Object.keys(require.cache).filter((file) => file.startsWith(__dirname) && file !== __filename);
  setImmediate(() => {
    const settle = performance.now() - called;
    (globalThis[Symbol.for(${JSON.stringify(KEY)})] ??= {})[context.extension.id] = { load, activate, settle, files };
  });
};
`;

/** To be called in the extension host; `undefined`: it is not active yet. */
export function timesOf(id: string): Times | undefined {
  const all = (globalThis as Record<symbol, unknown>)[Symbol.for(KEY)] as Record<string, Times> | undefined;
  return all?.[id];
}

/** A folder for `extensionsDir`; `packed`: the one that holds the packed extension. */
export function timedExtensions(packed: string, folder: string): string {
  const [installed] = readdirSync(packed).filter((name) => name.startsWith(OURS));
  if (installed === undefined) throw new Error(`${OURS} is not in ${packed}`);
  const ours = join(folder, OURS);
  cpSync(join(packed, installed), ours, { recursive: true });
  const empty = join(folder, EMPTY);
  mkdirSync(join(empty, "dist"), { recursive: true });
  writeFileSync(
    join(empty, "dist/extension.js"),
    'require("vscode");\nexports.activate = () => undefined;\n',
  );
  const [publisher, name] = EMPTY.split(".");
  const { engines, activationEvents } = readJson(join(ours, "package.json")) as Record<string, unknown>;
  const manifests: [string, unknown][] = [
    [ours, readJson(join(ours, "package.json"))],
    [empty, { publisher, name, version: "0.0.0", engines, activationEvents }],
  ];
  for (const [place, manifest] of manifests) {
    writeFileSync(join(place, "dist/timed.js"), timed);
    writeFileSync(
      join(place, "package.json"),
      JSON.stringify({ ...(manifest as object), main: "./dist/timed.js" }),
    );
  }
  return folder;
}
