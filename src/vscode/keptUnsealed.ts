/** Files that the person wants to be saved with their decrypted values, until the window closes. */
import * as vscode from "vscode";

export class KeptUnsealed implements vscode.Disposable {
  private readonly uris = new Set<string>();
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;

  has({ uri }: vscode.TextDocument): boolean {
    return this.uris.has(uri.toString());
  }

  set({ uri }: vscode.TextDocument, isKept: boolean): void {
    if (isKept) this.uris.add(uri.toString());
    else this.uris.delete(uri.toString());
    this.changed.fire();
  }

  dispose(): void {
    this.changed.dispose();
  }
}
