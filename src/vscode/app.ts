/** What the commands share: made once, handed to each. */
import type * as vscode from "vscode";
import type { AccessReport } from "./accessReport";
import type { ChoiceStore } from "./choiceStore";
import type { Connections } from "./connections";
import type { DecryptDenials } from "./decryptDenials";
import type { DecryptedValues } from "./decryptedValues";
import type { KeptUnsealed } from "./keptUnsealed";
import type { StatusBar } from "./statusBar";
import type { UnsealedRecord } from "./unsealedRecord";

/** What activation makes. */
export interface Services {
  readonly accessReport: AccessReport;
  readonly choices: ChoiceStore;
  readonly connections: Connections;
  readonly decryptDenials: DecryptDenials;
  readonly statusBar: StatusBar;
  readonly log: vscode.LogOutputChannel;
  /** Remembered for the workspace, on this machine. */
  readonly workspaceState: vscode.Memento;
  readonly secrets: vscode.SecretStorage;
  readonly extensionUri: vscode.Uri;
  /** Done when the extension ends; VS Code waits for it, but not for long. */
  readonly atEnd: (() => Promise<void>)[];
  /** For files of the extension about this workspace, on this machine. */
  readonly storageUri: vscode.Uri;
  /** For files of the extension that all windows share. */
  readonly globalStorageUri: vscode.Uri;
  /** What is disposed when the extension ends. */
  readonly subscriptions: vscode.ExtensionContext["subscriptions"];
}

/** With what the first command makes. */
export interface App extends Services {
  readonly decryptedValues: DecryptedValues;
  readonly keptUnsealed: KeptUnsealed;
  readonly unsealedRecord: UnsealedRecord;
}
