/** What is in force for a document: the target, and the context that its place gives. */
import { basename } from "node:path/posix";
import * as vscode from "vscode";
import type { EncryptionContext } from "../core/encryptionContext";
import type { Settings } from "../core/settings";
import { contextOf, resolveTarget, type Target } from "../core/target";
import type { ChoiceStore } from "./choiceStore";
import { readSettings } from "./readSettings";

export interface InForce {
  readonly settings: Settings;
  readonly target: Target;
}

/** Throws `setting-invalid`. Without a document the workspace's own settings count. */
export function inForce(
  choices: Pick<ChoiceStore, "get">,
  document: vscode.TextDocument | undefined,
): InForce {
  const settings = readSettings(document?.uri ?? vscode.workspace.workspaceFolders?.[0]?.uri);
  return { settings, target: resolveTarget(settings, choices.get(), process.env) };
}

/** Throws `context-invalid`. */
export function contextFor(target: Target, document: vscode.TextDocument | undefined): EncryptionContext {
  const folder = document && vscode.workspace.getWorkspaceFolder(document.uri);
  const folderPath = folder?.uri.path.replace(/\/$/, "");
  const isInside = folderPath !== undefined && document?.uri.path.startsWith(`${folderPath}/`);
  return contextOf(target, {
    workspaceFolderBasename: folderPath === undefined ? undefined : basename(folderPath),
    relativeFile: isInside ? document?.uri.path.slice(folderPath.length + 1) : undefined,
  });
}
