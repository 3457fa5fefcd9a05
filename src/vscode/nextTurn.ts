/** What activation leaves for the next turn of the event loop: nothing waits for it, and VS Code takes its time for it. */
import * as vscode from "vscode";

/** The answer ends what `start` began, or keeps it from beginning. */
export function inNextTurn(start: () => vscode.Disposable): vscode.Disposable {
  let started: vscode.Disposable | undefined;
  const turn = setImmediate(() => {
    started = start();
  });
  return new vscode.Disposable(() => {
    clearImmediate(turn);
    started?.dispose();
  });
}
