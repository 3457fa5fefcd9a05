/** What was chosen in the status bar, remembered for the workspace. */
import * as vscode from "vscode";
import type { Choices } from "../core/target";

const KEY = "choices";

export class ChoiceStore implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly state: vscode.Memento;

  constructor(state: vscode.Memento) {
    this.state = state;
  }

  get(): Choices {
    return this.state.get<Choices>(KEY, {});
  }

  async set(choices: Choices): Promise<void> {
    await this.state.update(KEY, choices);
    this.changed.fire();
  }

  dispose(): void {
    this.changed.dispose();
  }
}
