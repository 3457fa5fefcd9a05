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

/** For who may only encrypt: a new secret in place of one that they cannot read. */
const REPLACING: readonly TokenAction[] = [{ title: "Replace…", command: "kmsSelection.insertSecret" }];

const DECRYPTING = new Set(["kmsSelection.editSecret", "kmsSelection.decryptSelection"]);

/** Only what can work: nothing is written into a document that cannot be, and nothing is read by who was refused it. */
export function actionsFor({ uri }: vscode.TextDocument, isDecryptDenied: boolean): readonly TokenAction[] {
  const isReadOnly = vscode.workspace.fs.isWritableFileSystem(uri.scheme) === false;
  const writing = isReadOnly ? [] : WRITING;
  if (!isDecryptDenied) return [...READING, ...writing];
  return isReadOnly ? [] : [...REPLACING, ...writing.filter(({ command }) => !DECRYPTING.has(command))];
}

export function isTokenAction(command: unknown): command is string {
  return [...READING, ...WRITING, ...REPLACING].some((action) => action.command === command);
}
