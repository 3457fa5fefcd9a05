/** What the commands share: made once on activation, handed to each. */
import type * as vscode from "vscode";
import type { AccessReport } from "./accessReport";
import type { ChoiceStore } from "./choiceStore";
import type { Connections } from "./connections";
import type { DecryptedValues } from "./decryptedValues";
import type { StatusBar } from "./statusBar";

export interface App {
  readonly accessReport: AccessReport;
  readonly choices: ChoiceStore;
  readonly connections: Connections;
  readonly decryptedValues: DecryptedValues;
  readonly statusBar: StatusBar;
  readonly log: vscode.LogOutputChannel;
  /** Remembered for the workspace, on this machine. */
  readonly workspaceState: vscode.Memento;
  readonly extensionUri: vscode.Uri;
  /** What is disposed when the extension ends. */
  readonly subscriptions: vscode.ExtensionContext["subscriptions"];
}
