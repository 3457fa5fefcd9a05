/** What is loaded into VS Code's server before itself. As arguments of Node: VS Code deletes NODE_OPTIONS. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as module from "node:module";
import { join } from "node:path";
import { root } from "../paths";

/**
 * VS Code imports module.registerHooks (Node 22.15) by name and patches the global WebSocket (Node 22). With these two
 * in place the newest VS Code runs on Node 20.
 */
const node20 = `
const Module = module.constructor;
Module.registerHooks ??= () => ({ deregister() {} });
globalThis.WebSocket ??= class WebSocket extends EventTarget {};
`;

/**
 * The window keeps the secrets of extensions in the browser, encrypted under a key of which the server holds a half.
 * code-server's own front end answers this request; without an answer a secret is gone when the page is loaded anew.
 */
const secretKey = `
if (!process.argv.includes("--type=extensionHost")) {
  const { Server } = require("node:http");
  const half = require("node:crypto").randomBytes(32);
  const { emit } = Server.prototype;
  Server.prototype.emit = function (event, request, response) {
    if (event !== "request" || request.method !== "POST" || request.url !== "/mint-key") return emit.apply(this, arguments);
    response.setHeader("content-type", "application/octet-stream");
    response.end(half);
    return true;
  };
}
`;

/**
 * `npm run coverage`: what the extension has run since the last look, each second. V8 would write it of everything in the
 * process, and only if that ends by itself.
 */
const coverage = `
const folder = process.env.KMS_SELECTION_COVERAGE;
if (folder && process.argv.includes("--type=extensionHost")) {
  const { Session } = require("node:inspector");
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  let taken = 0;
  const isRun = ({ url, functions }) =>
    url.includes("kms-selection.kms-selection") && functions.some(({ ranges }) => ranges.some(({ count }) => count > 0));
  const take = () =>
    session.post("Profiler.takePreciseCoverage", (error, answer) => {
      const result = (answer?.result ?? []).filter(isRun);
      const file = require("node:path").join(folder, "extension-" + process.pid + "-" + ++taken + ".json");
      if (result.length > 0) require("node:fs").writeFileSync(file, JSON.stringify({ result }));
    });
  setInterval(take, 1000).unref();
  process.on("exit", take);
}
`;

/** The arguments that load it. `modern`: for a VS Code that was made for a newer Node than 20. */
export function preload(modern: boolean): string[] {
  const folder = join(root, "node_modules/.cache/kms-selection");
  mkdirSync(folder, { recursive: true });
  const scripts = {
    "secret-key": secretKey,
    ...(process.env.KMS_SELECTION_COVERAGE ? { coverage } : {}),
    ...(modern && !("registerHooks" in module) ? { node20 } : {}),
  };
  return Object.entries(scripts).flatMap(([name, source]) => {
    const file = join(folder, `${name}.cjs`);
    if (!existsSync(file) || readFileSync(file, "utf8") !== source) writeFileSync(file, source);
    return ["--require", file];
  });
}
