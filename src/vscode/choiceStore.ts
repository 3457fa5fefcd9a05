/** What was chosen in the status bar, remembered for the workspace. */
import * as vscode from "vscode";
import type { Choices } from "../core/target";

const KEY = "choices";
const RECENT_KEY = "recentChoices";
const RECENT_COUNT = 5;

/** The choices that are offered again, before all others. */
type Recent = Readonly<Partial<Record<"keyAlias" | "profile" | "region", readonly string[]>>>;

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

  /** What was chosen in this workspace, the last one first. */
  recent(name: keyof Recent): readonly string[] {
    return this.state.get<Recent>(RECENT_KEY, {})[name] ?? [];
  }

  /** Chosen in a picker, and not for the sandbox, which it leaves. */
  async choose(name: keyof Recent, value: string): Promise<void> {
    const before = this.recent(name).filter((each) => each !== value);
    const recent = {
      ...this.state.get<Recent>(RECENT_KEY, {}),
      [name]: [value, ...before].slice(0, RECENT_COUNT),
    };
    await this.state.update(RECENT_KEY, recent);
    await this.set({ ...this.get(), [name]: value, sandbox: false });
  }

  dispose(): void {
    this.changed.dispose();
  }
}
