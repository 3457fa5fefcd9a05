/** Files that come with the extension. */
import * as vscode from "vscode";
import type { App } from "./app";

export async function readBundled({ extensionUri }: App, path: string): Promise<string> {
  const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(extensionUri, path));
  return new TextDecoder().decode(bytes);
}
