/**
 * In the first moments of a window VS Code saves without asking any extension. What it wrote in clear then, or what an
 * earlier window did, is told.
 */
import { basename } from "node:path/posix";
import * as vscode from "vscode";
import type { App } from "./app";
import type { Found } from "./findSnapshot";
import { readText } from "./readText";
import { sealModeOf } from "./sealMode";
import { decryptedValuesOf, warnInClear } from "./tellSaved";

/**
 * `find` looks in a text for what was recorded of the file. Where nothing of it is left, the person is told in each window
 * until the message is closed; answered with the document then.
 */
export async function tellSavedInClear(
  app: App,
  uri: vscode.Uri,
  find: (text: string) => Found,
): Promise<vscode.TextDocument | undefined> {
  const text = await readText(uri);
  if (text === undefined) return undefined;
  const { found, missing } = find(text);
  if (found.length + missing === 0) return undefined;
  const document = await vscode.workspace.openTextDocument(uri);
  if (sealModeOf(app, document) !== "seal") return undefined;
  const name = basename(uri.path);
  if (found.length > 0) {
    const values = decryptedValuesOf(found.length);
    const message = `${name} has ${values} in clear on the disk, saved before this window could seal them. Local History may have a copy.`;
    await warnInClear(app, document, message);
    return undefined;
  }
  // Unsaved text from a backup is looked at by itself.
  if (document.getText() !== text) return undefined;
  const values = missing === 1 ? "1 value" : `${missing} values`;
  await vscode.window.showWarningMessage(
    `${name} had ${values} decrypted in an earlier window, and neither they nor their tokens are found. Look whether the file has them in clear.`,
  );
  return document;
}
