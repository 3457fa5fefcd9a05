/** Edits a secret of one line in an input box, masked until the person wants to see it. */
import * as vscode from "vscode";
import { pastedLines, type PastedLines } from "../core/pastedLines";
import { IdleTimer, type Editing } from "./editSurface";

const SEVERAL_LINES =
  "What you pasted has several lines, and this box takes one. Press the pencil above to go on with all of them.";

/** Settles when the box is closed; with what was typed so far where the person wants several lines. */
export function editInBox({ title, text, prompt, save }: Editing): Promise<string | undefined> {
  const show = { iconPath: new vscode.ThemeIcon("eye"), tooltip: "Show or Hide the Text" };
  const lines = { iconPath: new vscode.ThemeIcon("edit"), tooltip: "Edit in Several Lines" };
  const box = vscode.window.createInputBox();
  box.title = title;
  box.prompt = prompt;
  box.value = text;
  box.password = true;
  // So that something can be fetched from another window.
  box.ignoreFocusOut = true;
  box.buttons = [show, lines];
  return new Promise((resolve) => {
    let isOpen = true;
    let typed = text;
    let pasted: PastedLines | undefined;
    let looking = Promise.resolve();
    const lookAtClipboard = async (before: string, now: string): Promise<void> => {
      const found = pastedLines(before, now, await vscode.env.clipboard.readText());
      if (found) pasted = found;
      tellOfLines();
    };
    /** A clipboard that cannot be read tells nothing. */
    const look = (before: string, now: string): void => {
      looking = looking.then(() => lookAtClipboard(before, now)).catch(() => undefined);
    };
    const hasLines = (): boolean => pasted !== undefined && box.value.includes(pasted.asOneLine);
    const tellOfLines = (): void => {
      if (hasLines()) box.validationMessage = SEVERAL_LINES;
    };
    /** With the line breaks of what was pasted. */
    const inLines = (): string =>
      pasted ? box.value.replace(pasted.asOneLine, () => pasted?.lines ?? "") : box.value;
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
      await looking;
      if (hasLines()) {
        setBusy(false);
        return;
      }
      const failure = await save(box.value, submit);
      setBusy(false);
      if (failure === undefined) close();
      else box.validationMessage = failure;
    };
    const setBusy = (isBusy: boolean): void => {
      box.busy = isBusy;
      box.enabled = !isBusy;
    };
    const idle = new IdleTimer(title, close);
    const subscriptions: { dispose(): unknown }[] = [
      idle,
      box,
      box.onDidChangeValue((now) => {
        box.validationMessage = undefined;
        tellOfLines();
        // More than a key: it was pasted.
        if (now.length > typed.length + 1) look(typed, now);
        typed = now;
        idle.touch();
      }),
      box.onDidAccept(submit),
      box.onDidTriggerButton((button) => {
        if (button === lines) close(inLines());
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
