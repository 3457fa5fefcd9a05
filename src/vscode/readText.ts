/** The text of a file as it is on the disk, in the encoding that VS Code reads it in. */
import * as vscode from "vscode";

/** `undefined`: there is no such file, or it is not a text. */
export async function readText(uri: vscode.Uri): Promise<string | undefined> {
  try {
    return await vscode.workspace.decode(await vscode.workspace.fs.readFile(uri), { uri });
  } catch {
    return undefined;
  }
}
