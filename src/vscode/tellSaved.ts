/** What a person is told of a save, once it is done. */
import { basename } from "node:path/posix";
import * as vscode from "vscode";
import type { App } from "./app";
import { sealDocuments } from "./commands/sealAll";
import { turnOffAutoSave } from "./confirmAutoSave";

const EXPLAINED = "sealOnSaveExplained";

const KEEP = "Keep This File Unsealed";

/** Documents whose message about an auto save is up. */
const told = new WeakSet<vscode.TextDocument>();

export function decryptedValuesOf(count: number): string {
  return count === 1 ? "1 decrypted value" : `${count} decrypted values`;
}

/** Once for each workspace. */
export async function tellSealed(app: App, document: vscode.TextDocument, count: number): Promise<void> {
  const { workspaceState, keptUnsealed } = app;
  if (workspaceState.get<boolean>(EXPLAINED)) return;
  await workspaceState.update(EXPLAINED, true);
  const chosen = await vscode.window.showInformationMessage(
    `The save sealed ${decryptedValuesOf(count)}: the file has tokens, as before. Undo brings the text back.`,
    KEEP,
  );
  if (chosen === KEEP) keptUnsealed.set(document, true);
}

/** Each time: it came while the person was reading, or typing. Auto save was turned on after the text was decrypted. */
export async function tellAutoSealed(app: App, document: vscode.TextDocument, count: number): Promise<void> {
  if (told.has(document)) return;
  told.add(document);
  const turnOff = "Turn Off Auto Save";
  const chosen = await vscode.window.showInformationMessage(
    `Auto save sealed ${decryptedValuesOf(count)} in ${basename(document.uri.path)}. Undo brings the text back, for a moment only unless auto save is off, or the file is kept unsealed.`,
    turnOff,
    KEEP,
  );
  told.delete(document);
  if (chosen === turnOff) await turnOffAutoSave(document);
  if (chosen === KEEP) app.keptUnsealed.set(document, true);
}

export async function warnInClear(app: App, document: vscode.TextDocument, message: string): Promise<void> {
  const chosen = await vscode.window.showWarningMessage(message, "Seal and Save");
  if (chosen === undefined) return;
  const { isClosed, uri } = document;
  const open = isClosed ? await vscode.workspace.openTextDocument(uri) : document;
  if (await sealDocuments(app, [open])) await open.save();
}
