/** Progress and cancel for what waits for KMS. */
import * as vscode from "vscode";

/** Milliseconds. What ends sooner shows in the status bar alone. */
const NOTIFICATION_DELAY = 1000;

/** Runs a task; when it lasts, a notification offers to cancel it, but not as long as `isHeldBack`. */
export async function cancellable<Result>(
  title: string,
  task: (signal: AbortSignal) => Promise<Result>,
  isHeldBack: () => boolean = () => false,
): Promise<Result> {
  const controller = new AbortController();
  const result = task(controller.signal);
  const timer = setInterval(() => {
    if (isHeldBack()) return;
    clearInterval(timer);
    void vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      async (_, token) => {
        token.onCancellationRequested(() => {
          controller.abort();
        });
        // How it ends is for whoever awaits the task; the notification only has to go.
        await result.then(
          () => undefined,
          () => undefined,
        );
      },
    );
  }, NOTIFICATION_DELAY);
  try {
    return await result;
  } finally {
    clearInterval(timer);
  }
}
