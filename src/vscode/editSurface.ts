/** Where a secret is typed or edited: an input box or a panel. Neither is a document, and neither is kept by VS Code. */
import * as vscode from "vscode";
import type { EditLabels } from "./editPage";
import type { Ending } from "./runningOperation";

export interface Editing extends EditLabels {
  /** With line feeds alone. */
  readonly text: string;
  /**
   * Answers why it was not saved, in words; what was typed is then kept. `again` saves once more, as a button of the
   * failure may ask.
   */
  readonly save: (typed: string, again: () => Promise<void>) => Promise<string | undefined>;
}

/** Milliseconds without an edit, after which it is closed. */
const IDLE_TIME = 5 * 60_000;

/** What `save` answers. */
export function whyNot(ending: Ending): string | undefined {
  if (ending === "done") return undefined;
  return ending === "cancelled" ? "Cancelled. Nothing was written." : ending.message;
}

/** Calls `close` after some minutes without `touch`, and says so. */
export class IdleTimer implements vscode.Disposable {
  private readonly title: string;
  private readonly close: () => void;
  private timer: NodeJS.Timeout | undefined;

  constructor(title: string, close: () => void) {
    this.title = title;
    this.close = close;
    this.touch();
  }

  touch(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.close();
      void vscode.window.showInformationMessage(
        `${this.title} was closed after ${IDLE_TIME / 60_000} minutes without an edit. Nothing was written.`,
      );
    }, IDLE_TIME);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }
}
