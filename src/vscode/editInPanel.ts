/**
 * Edits a secret of several lines in a panel. The page gets the text when it is ready for it, and loses it when the panel
 * loses the focus or goes out of view; what was typed is then kept here, in memory, until it is shown again or closed.
 */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { App } from "./app";
import { editPage, isFromPage, type FromPage, type ToPage } from "./editPage";
import { IdleTimer, type Editing } from "./editSurface";
import { readBundled } from "./readBundled";

/** Without a serializer, VS Code does not bring it back after a reload. Settles when the panel is closed. */
export async function editInPanel(app: App, editing: Editing): Promise<void> {
  const { title, text, save } = editing;
  const script = await readBundled(app, "dist/editPage.js");
  const panel = vscode.window.createWebviewPanel("kmsSelection.editSecret", title, vscode.ViewColumn.Beside, {
    enableScripts: true,
    localResourceRoots: [],
    retainContextWhenHidden: false,
  });
  let typed = text;
  let isCovered = false;
  let isSaving = false;
  let isOpen = true;
  const tell = (message: ToPage): void => {
    if (isOpen) void panel.webview.postMessage(message);
  };
  const show = (): void => {
    tell(isCovered ? { type: "cover" } : { type: "text", text: typed });
    if (isSaving) tell({ type: "busy" });
  };
  const submit = async (): Promise<void> => {
    if (!isOpen || isSaving) return;
    isSaving = true;
    tell({ type: "busy" });
    const message = await save(typed, submit);
    isSaving = false;
    if (message === undefined) panel.dispose();
    else tell({ type: "failed", message });
  };
  const answer = (message: FromPage): void => {
    idle.touch();
    switch (message.type) {
      case "typed":
        typed = message.text;
        break;
      case "left":
      case "show":
        isCovered = message.type === "left";
        show();
        break;
      case "ready":
        show();
        break;
      case "save":
        void submit();
        break;
      case "cancel":
        panel.dispose();
    }
  };
  const idle = new IdleTimer(title, () => {
    panel.dispose();
  });
  const subscriptions = [
    idle,
    panel.webview.onDidReceiveMessage((message: unknown) => {
      if (isFromPage(message)) answer(message);
    }),
    panel.onDidChangeViewState(() => {
      // The page is gone; the next one asks.
      if (!panel.visible) isCovered = true;
    }),
  ];
  panel.webview.html = editPage(randomBytes(16).toString("base64"), editing, script);
  return new Promise((resolve) => {
    panel.onDidDispose(() => {
      isOpen = false;
      typed = "";
      vscode.Disposable.from(...subscriptions).dispose();
      resolve();
    });
  });
}
