/** What can be done with a token from its hover or its CodeLenses: commands of the palette, run on it. */
import * as vscode from "vscode";

/** The command behind the links. Not in the palette: it takes the id of a place that a hint was given for. */
export const RUN_ON_TOKEN = "kmsSelection.runOnToken";

export interface TokenAction {
  readonly title: string;
  readonly command: string;
}

const READING: readonly TokenAction[] = [
  { title: "Reveal", command: "kmsSelection.revealSecret" },
  { title: "Copy", command: "kmsSelection.copySecret" },
];

const WRITING: readonly TokenAction[] = [
  { title: "Edit", command: "kmsSelection.editSecret" },
  { title: "Decrypt", command: "kmsSelection.decryptSelection" },
  { title: "Re-encrypt", command: "kmsSelection.reEncryptSelection" },
];

/** Only what can work: nothing is written into a document that cannot be. */
export function actionsFor({ uri }: vscode.TextDocument): readonly TokenAction[] {
  return vscode.workspace.fs.isWritableFileSystem(uri.scheme) === false ? READING : [...READING, ...WRITING];
}

export function isTokenAction(command: unknown): command is string {
  return [...READING, ...WRITING].some((action) => action.command === command);
}
