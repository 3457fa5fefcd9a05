/** Entry point: makes the objects, registers them, returns. */
import * as vscode from "vscode";
import { AccessReport } from "./vscode/accessReport";
import type { App } from "./vscode/app";
import { ChoiceStore } from "./vscode/choiceStore";
import { Connections } from "./vscode/connections";
import { DecryptDenials } from "./vscode/decryptDenials";
import { inNextTurn } from "./vscode/nextTurn";
import { registerCommands, type Manifest } from "./vscode/registerCommands";
import { RegionsInUse } from "./vscode/regionsInUse";
import { Sandbox } from "./vscode/sandbox";
import { StatusBar } from "./vscode/statusBar";
import { registerTokenHints } from "./vscode/tokenHints";

const atEnd: App["atEnd"] = [];

export function activate({
  extension,
  subscriptions,
  workspaceState,
  secrets,
  extensionUri,
  storageUri,
  globalStorageUri,
}: vscode.ExtensionContext): void {
  let channel: vscode.LogOutputChannel | undefined;
  /** Made with the first command, or the first line: making it is a good part of activation. */
  const log = (): vscode.LogOutputChannel => {
    if (channel) return channel;
    channel = vscode.window.createOutputChannel("KMS Selection", { log: true });
    subscriptions.push(channel);
    return channel;
  };
  const choices = new ChoiceStore(workspaceState);
  const regionsInUse = new RegionsInUse(log);
  const connections = new Connections(new Sandbox(secrets), regionsInUse);
  const accessReport = new AccessReport();
  const statusBar = new StatusBar(choices, regionsInUse);
  const decryptDenials = new DecryptDenials(choices);
  const manifest = extension.packageJSON as Manifest;
  const commands = registerCommands(manifest, {
    accessReport,
    choices,
    connections,
    decryptDenials,
    statusBar,
    get log() {
      return log();
    },
    workspaceState,
    secrets,
    extensionUri,
    storageUri: storageUri ?? globalStorageUri,
    globalStorageUri,
    subscriptions,
    atEnd,
  });
  const hints = inNextTurn(() => registerTokenHints(choices, decryptDenials));
  subscriptions.push(regionsInUse, accessReport, choices, connections, statusBar, commands);
  subscriptions.push(decryptDenials, hints);
}

export async function deactivate(): Promise<void> {
  await Promise.allSettled(atEnd.map((task) => task()));
}
