/**
 * With auto save after a delay, decrypted text would be sealed again within a second: while it is read, and under the
 * cursor of who edits it. So the person is asked before it is there.
 */
import { basename } from "node:path/posix";
import * as vscode from "vscode";
import { KmsSelectionError } from "../core/errors";
import type { App } from "./app";
import { sealModeOf } from "./sealMode";

/** Throws `cancelled`. */
export async function confirmAutoSave(app: App, document: vscode.TextDocument): Promise<void> {
  const files = vscode.workspace.getConfiguration("files", document);
  if (files.get("autoSave") !== "afterDelay" || sealModeOf(app, document) !== "seal") return;
  const turnOff = "Turn Off Auto Save";
  const keep = "Keep This File Unsealed";
  const reveal = "Reveal Instead";
  const chosen = await vscode.window.showWarningMessage(
    `Auto save after a delay is on: what is decrypted in ${basename(document.uri.path)} would be sealed again within moments, also while you type.`,
    turnOff,
    keep,
    reveal,
  );
  if (chosen === reveal) void vscode.commands.executeCommand("kmsSelection.revealSecret");
  if (chosen === undefined || chosen === reveal) throw new KmsSelectionError({ code: "cancelled" });
  if (chosen === turnOff) await turnOffAutoSave(document);
  else app.keptUnsealed.set(document, true);
}

export async function turnOffAutoSave(document: vscode.TextDocument): Promise<void> {
  const files = vscode.workspace.getConfiguration("files", document);
  await files.update("autoSave", "off", closestTarget(files, "autoSave"));
}

/** Where a setting was set: only there does a new value count. */
function closestTarget(settings: vscode.WorkspaceConfiguration, name: string): vscode.ConfigurationTarget {
  const { workspaceFolderValue, workspaceValue } = settings.inspect(name) ?? {};
  if (workspaceFolderValue !== undefined) return vscode.ConfigurationTarget.WorkspaceFolder;
  return workspaceValue === undefined
    ? vscode.ConfigurationTarget.Global
    : vscode.ConfigurationTarget.Workspace;
}
