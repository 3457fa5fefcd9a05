/** Open Key Template: the bundled CloudFormation template, as a document that can be saved anywhere. */
import * as vscode from "vscode";
import type { App } from "../app";

export async function openKeyTemplate({ extensionUri }: App): Promise<void> {
  const template = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(extensionUri, "infra.yaml"));
  const content = new TextDecoder().decode(template);
  await vscode.window.showTextDocument(
    await vscode.workspace.openTextDocument({ language: "yaml", content }),
  );
}
