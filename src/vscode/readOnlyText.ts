/** Shows a text as a read-only document, which can be searched and copied. */
import * as vscode from "vscode";
import type { App } from "./app";

const SCHEME = "kms-selection-report";

const texts = new Map<string, string>();
const changed = new vscode.EventEmitter<vscode.Uri>();
let registration: vscode.Disposable | undefined;

/** `name`: of its tab; a text of the same name takes the place of the one before. */
export async function showText({ subscriptions }: App, name: string, text: string): Promise<void> {
  if (!registration) {
    registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: changed.event,
      // A window that is loaded anew opens the tab again, but has nothing to show in it.
      provideTextDocumentContent: ({ path }) =>
        texts.get(path) ?? "Run the command again to see its result here.\n",
    });
    subscriptions.push(registration, changed);
  }
  const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}` });
  texts.set(uri.path, text);
  changed.fire(uri);
  await vscode.window.showTextDocument(uri, { preview: false });
}
