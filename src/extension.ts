/** Entry point: makes the objects, registers them, returns. */
import * as vscode from "vscode";

export function activate(context: vscode.ExtensionContext): void {
  const item = vscode.window.createStatusBarItem("kmsSelection.key", vscode.StatusBarAlignment.Right, 100);
  item.name = "KMS Key";
  item.text = "$(key) KMS: no key";
  item.show();
  context.subscriptions.push(
    item,
    vscode.commands.registerCommand("kmsSelection.encryptSelection", () => undefined),
  );
}
