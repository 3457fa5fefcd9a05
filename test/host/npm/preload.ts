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

/** The arguments that load it. `modern`: for a VS Code that was made for a newer Node than 20. */
export function preload(modern: boolean): string[] {
  const folder = join(root, "node_modules/.cache/kms-selection");
  mkdirSync(folder, { recursive: true });
  const scripts = {
    "secret-key": secretKey,
    ...(modern && !("registerHooks" in module) ? { node20 } : {}),
  };
  const files = Object.entries(scripts).map(([name, source]) => {
    const file = join(folder, `${name}.cjs`);
    if (!existsSync(file) || readFileSync(file, "utf8") !== source) writeFileSync(file, source);
    return file;
  });
  if (process.env.KMS_SELECTION_COVERAGE) files.push(join(root, "out/coverage/inExtensionHost.js"));
  return files.flatMap((file) => ["--require", file]);
}
