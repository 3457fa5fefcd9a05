/** What is in force for a document: the target, and the context that its place gives. */
import { basename } from "node:path/posix";
import * as vscode from "vscode";
import type { ContextVariables, EncryptionContext } from "../core/encryptionContext";
import type { Settings } from "../core/settings";
import { contextOf, resolveTarget, type Target } from "../core/target";
import type { ChoiceStore } from "./choiceStore";
import { readSettings } from "./readSettings";

export interface InForce {
  readonly settings: Settings;
  readonly target: Target;
}

/** The file that a document is, or is a cell of: the cells of a notebook have URIs of their own, outside any folder. */
export function fileOf(document: vscode.TextDocument): vscode.Uri {
  const notebook = vscode.workspace.notebookDocuments.find((each) =>
    each.getCells().some((cell) => cell.document === document),
  );
  return notebook?.uri ?? document.uri;
}

/** Throws `setting-invalid`. Without a document the workspace's own settings count. */
export function inForce(
  choices: Pick<ChoiceStore, "get">,
  document: vscode.TextDocument | undefined,
): InForce {
  return inForceFor(choices, document && fileOf(document));
}

/** Throws `setting-invalid`. */
export function inForceFor(choices: Pick<ChoiceStore, "get">, file: vscode.Uri | undefined): InForce {
  const settings = readSettings(file ?? vscode.workspace.workspaceFolders?.[0]?.uri);
  return { settings, target: resolveTarget(settings, choices.get(), process.env) };
}

/** Throws `context-invalid`. */
export function contextFor(target: Target, document: vscode.TextDocument | undefined): EncryptionContext {
  return contextForFile(target, document && fileOf(document));
}

/** Throws `context-invalid`. */
export function contextForFile(target: Target, file: vscode.Uri | undefined): EncryptionContext {
  return contextOf(target, placeOf(file));
}

/** The folder of the workspace that a file takes its settings from; "" is none. */
export function folderOf(file: vscode.Uri | undefined): string {
  return (file && vscode.workspace.getWorkspaceFolder(file)?.uri.toString()) ?? "";
}

/** What a context may tell of where a text is. */
export function placeOf(
  file: vscode.Uri | undefined,
): Pick<ContextVariables, "workspaceFolderBasename" | "relativeFile"> {
  const folder = file && vscode.workspace.getWorkspaceFolder(file)?.uri.path.replace(/\/$/, "");
  const isInside = file && folder !== undefined && file.path.startsWith(`${folder}/`);
  return {
    workspaceFolderBasename: folder === undefined ? undefined : basename(folder),
    relativeFile: isInside ? file.path.slice(folder.length + 1) : undefined,
  };
}
