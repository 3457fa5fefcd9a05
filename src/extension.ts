/** Entry point: makes the objects, registers them, returns. */
import * as vscode from "vscode";
import { ChoiceStore } from "./vscode/choiceStore";
import { registerCommands } from "./vscode/commands/registerCommands";
import { Connections } from "./vscode/connections";
import { Sandbox } from "./vscode/sandbox";
import { StatusBar } from "./vscode/statusBar";

export function activate({
  subscriptions,
  workspaceState,
  secrets,
  extensionUri,
}: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("KMS Selection", { log: true });
  const choices = new ChoiceStore(workspaceState);
  const connections = new Connections(new Sandbox(secrets));
  const statusBar = new StatusBar(choices);
  const commands = registerCommands({ choices, connections, statusBar, log, workspaceState, extensionUri });
  subscriptions.push(log, choices, connections, statusBar, commands);
}
