/** The settings of a VS Code that is started: quiet, and the same on every machine. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readManifest } from "./paths";

const quiet = {
  "chat.disableAIFeatures": true,
  "editor.dragAndDrop": false, // else a drag that starts inside a selection moves text
  "editor.minimap.enabled": false,
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "files.autoSave": "off", // in a browser VS Code saves by itself, decrypted text included
  "git.enabled": false,
  "npm.autoDetect": "off",
  "security.workspace.trust.startupPrompt": "never", // where trust is on, the window starts in Restricted Mode
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "window.commandCenter": false,
  "window.menuStyle": "custom", // native menus are out of Playwright's reach
  "workbench.enableExperiments": false,
  "workbench.reduceMotion": "on",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
};

/**
 * Writes the settings below `data`. In a window that is connected to a server, as the npm kind's is, VS Code takes
 * settings of machine scope from the server's Machine folder only; on the desktop there is just the User folder.
 */
export function writeSettings(
  data: string,
  settings: Record<string, unknown>,
  kind: "desktop" | "npm",
): void {
  const { properties } = readManifest().contributes.configuration;
  const user: Record<string, unknown> = { ...quiet };
  const machine: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(settings)) {
    const target = kind === "npm" && properties[name]?.scope === "machine" ? machine : user;
    target[name] = value;
  }
  for (const [folder, content] of Object.entries({ User: user, Machine: machine })) {
    mkdirSync(join(data, folder), { recursive: true });
    writeFileSync(join(data, folder, "settings.json"), JSON.stringify(content, undefined, 2));
  }
}
