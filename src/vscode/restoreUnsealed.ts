/**
 * After the window was loaded anew or has crashed, VS Code shows unsaved text again from its backups. What was decrypted
 * in it is looked for by its record, so that it is marked and sealed as before; where it is not found, the person is told.
 */
import { basename } from "node:path/posix";
import * as vscode from "vscode";
import type { App } from "./app";
import { findSnapshot } from "./findSnapshot";
import { tellSavedInClear } from "./tellSavedInClear";
import { hasUnsealedRecord, type Snapshot } from "./unsealedRecord";

export class RestoreUnsealed implements vscode.Disposable {
  private readonly app: App;
  private waiting = new Map<string, readonly Snapshot[]>();
  private subscription: vscode.Disposable | undefined;

  constructor(app: App) {
    this.app = app;
    if (!hasUnsealedRecord(app.workspaceState)) return;
    const found = this.start().catch((error: unknown) => {
      const name = error instanceof Error ? error.name : "unknown";
      app.log.warn(`what was unsealed could not be restored: ${name}`);
    });
    app.decryptedValues.expect(found);
  }

  dispose(): void {
    this.subscription?.dispose();
  }

  private async start(): Promise<void> {
    const { unsealedRecord } = this.app;
    const recorded = unsealedRecord.all();
    this.waiting = new Map(recorded);
    // Without it nothing is found, and the person is told.
    const key = await unsealedRecord.key().catch(() => new Uint8Array());
    const look = (document: vscode.TextDocument): void => {
      this.look(document, key);
    };
    this.subscription = vscode.Disposable.from(
      vscode.workspace.onDidOpenTextDocument(look),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        // It is told later than the text that a document is unsaved.
        if (contentChanges.length === 0) look(document);
      }),
      vscode.workspace.onDidSaveTextDocument((document) => {
        if (this.waiting.delete(document.uri.toString())) this.forget(document);
      }),
    );
    vscode.workspace.textDocuments.forEach(look);
    for (const [uri, snapshots] of recorded) void this.lookOnDisk(vscode.Uri.parse(uri), snapshots, key);
  }

  private async lookOnDisk(uri: vscode.Uri, snapshots: readonly Snapshot[], key: Uint8Array): Promise<void> {
    const told = await tellSavedInClear(this.app, uri, (text) => findSnapshot(text, snapshots, key));
    if (told) this.forget(told);
  }

  private look(document: vscode.TextDocument, key: Uint8Array): void {
    const uri = document.uri.toString();
    const snapshots = this.waiting.get(uri);
    if (!snapshots) return;
    const { found, missing } = findSnapshot(document.getText(), snapshots, key);
    if (found.length > 0) this.app.decryptedValues.add(document, found);
    if (found.length > 0 || document.isDirty) this.waiting.delete(uri);
    // The file has its tokens, and no backup was made of it.
    else if (missing === 0) this.forget(document);
    if (missing > 0 && document.isDirty) void this.warn(document, missing);
  }

  private forget(document: vscode.TextDocument): void {
    const { decryptedValues, unsealedRecord } = this.app;
    if (decryptedValues.unsealed(document).length === 0)
      void unsealedRecord.set(document.uri.toString(), () => []);
  }

  private async warn(document: vscode.TextDocument, count: number): Promise<void> {
    const values = count === 1 ? "1 value" : `${count} values`;
    const compare = "Compare with Saved";
    const chosen = await vscode.window.showWarningMessage(
      `${basename(document.uri.path)} has unsaved text in which ${values} had been decrypted, and they are not known any more. A save writes them in clear: look before you save.`,
      compare,
    );
    if (chosen !== compare) return;
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand("workbench.files.action.compareWithSaved");
  }
}
