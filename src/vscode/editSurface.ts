/** Where a secret is edited: an input box or a panel. Neither is a document, and neither is kept by VS Code. */
import * as vscode from "vscode";

export interface Editing {
  /** With line feeds alone. */
  readonly text: string;
  /** What saving does, and for whom. */
  readonly prompt: string;
  /**
   * Answers why it was not saved, in words; what was typed is then kept. `again` saves once more, as a button of the
   * failure may ask.
   */
  readonly save: (typed: string, again: () => Promise<void>) => Promise<string | undefined>;
}

export const EDIT_TITLE = "Edit Secret";

/** Milliseconds without an edit, after which it is closed. */
const IDLE_TIME = 5 * 60_000;

/** Calls `close` after some minutes without `touch`, and says so. */
export class IdleTimer implements vscode.Disposable {
  private readonly close: () => void;
  private timer: NodeJS.Timeout | undefined;

  constructor(close: () => void) {
    this.close = close;
    this.touch();
  }

  touch(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.close();
      void vscode.window.showInformationMessage(
        `${EDIT_TITLE} was closed after ${IDLE_TIME / 60_000} minutes without an edit. Nothing was written.`,
      );
    }, IDLE_TIME);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }
}
