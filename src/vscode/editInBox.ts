/** Edits a secret of one line in an input box, masked until the person wants to see it. */
import * as vscode from "vscode";
import { EDIT_TITLE, IdleTimer, type Editing } from "./editSurface";

/** Settles when the box is closed; with what was typed so far where the person wants several lines. */
export function editInBox({ text, prompt, save }: Editing): Promise<string | undefined> {
  const show = { iconPath: new vscode.ThemeIcon("eye"), tooltip: "Show or Hide the Text" };
  const lines = { iconPath: new vscode.ThemeIcon("edit"), tooltip: "Edit in Several Lines" };
  const box = vscode.window.createInputBox();
  box.title = EDIT_TITLE;
  box.prompt = prompt;
  box.value = text;
  box.password = true;
  // So that something can be fetched from another window.
  box.ignoreFocusOut = true;
  box.buttons = [show, lines];
  return new Promise((resolve) => {
    let isOpen = true;
    const close = (typed?: string): void => {
      if (!isOpen) return;
      isOpen = false;
      // The field of the window is the same for the next box.
      box.value = "";
      box.hide();
      vscode.Disposable.from(...subscriptions).dispose();
      resolve(typed);
    };
    const submit = async (): Promise<void> => {
      if (!isOpen || box.busy) return;
      setBusy(true);
      const failure = await save(box.value, submit);
      setBusy(false);
      if (failure === undefined) close();
      else box.validationMessage = failure;
    };
    const setBusy = (isBusy: boolean): void => {
      box.busy = isBusy;
      box.enabled = !isBusy;
    };
    const idle = new IdleTimer(close);
    const subscriptions: { dispose(): unknown }[] = [
      idle,
      box,
      box.onDidChangeValue(() => {
        box.validationMessage = undefined;
        idle.touch();
      }),
      box.onDidAccept(submit),
      box.onDidTriggerButton((button) => {
        if (button === lines) close(box.value);
        else box.password = !box.password;
      }),
      box.onDidHide(() => {
        close();
      }),
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (!focused) box.password = true;
      }),
    ];
    box.show();
  });
}
