/** Open Key Template, Open Replica Template: a bundled CloudFormation template, as a document that can be saved anywhere. */
import * as vscode from "vscode";
import type { App } from "../app";

export const openKeyTemplate = (app: App): Promise<void> => open(app, "infra.yaml");

/** That of the key in a second Region. */
export const openReplicaTemplate = (app: App): Promise<void> => open(app, "infra-replica.yaml");

async function open({ extensionUri }: App, name: string): Promise<void> {
  const template = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(extensionUri, name));
  const content = new TextDecoder().decode(template);
  await vscode.window.showTextDocument(
    await vscode.workspace.openTextDocument({ language: "yaml", content }),
  );
}
