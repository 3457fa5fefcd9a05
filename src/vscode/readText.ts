/** The text of a file as it is on the disk, in the encoding that VS Code reads it in. */
import * as vscode from "vscode";

/** `encoding`: that of its document; absent: the one of the settings. `undefined`: there is no such file, or it is not a text. */
export async function readText(uri: vscode.Uri, encoding?: string): Promise<string | undefined> {
  try {
    const bytes = await vscode.workspace.fs.readFile(uri);
    return await (encoding === undefined
      ? vscode.workspace.decode(bytes, { uri })
      : vscode.workspace.decode(bytes, { encoding }));
  } catch {
    return undefined;
  }
}
