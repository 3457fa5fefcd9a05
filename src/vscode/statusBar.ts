/** The key indicator: which key and identity are in force, always in view. */
import * as vscode from "vscode";
import { explainFailure } from "../core/describeFailure";
import { toKmsSelectionError } from "../core/errors";
import { KeyHealths, type KeyHealth } from "../core/keyHealth";
import type { Target } from "../core/target";
import type { ChoiceStore } from "./choiceStore";
import { inForce } from "./inForce";
import { escapeIcons } from "./labels";
import { inNextTurn } from "./nextTurn";
import type { RegionsInUse } from "./regionsInUse";
import { describeConnections, describeTarget, tooltip, withFallback, type Shown } from "./statusBarText";

/** Milliseconds. A spinner that goes again at once tells nothing, and the window would draw it before it makes the edit. */
const SPINNER_DELAY = 150;

export class StatusBar implements vscode.Disposable {
  /** Of the keys that operations have used. The status bar itself looks at none. */
  readonly healths = new KeyHealths();
  private readonly item: vscode.StatusBarItem;
  private readonly choices: ChoiceStore;
  private readonly regionsInUse: RegionsInUse;
  private readonly subscriptions: readonly { dispose(): unknown }[];
  private working = 0;
  private failure: string | undefined;
  private shown: Shown = { icon: "key", label: "KMS", lines: [] };
  /** Counts refreshes, so that a slow look into the config files does not overwrite a later one. */
  private refreshes = 0;

  constructor(choices: ChoiceStore, regionsInUse: RegionsInUse) {
    this.choices = choices;
    this.regionsInUse = regionsInUse;
    this.item = vscode.window.createStatusBarItem("kmsSelection.key", vscode.StatusBarAlignment.Right, 100);
    this.subscriptions = [this.item, inNextTurn(() => this.start())];
  }

  private start(): vscode.Disposable {
    this.item.name = "KMS Key";
    this.item.command = "kmsSelection.showMenu";
    const refresh = (): void => {
      this.refresh();
    };
    refresh();
    this.item.show();
    return vscode.Disposable.from(
      this.choices.onDidChange(() => {
        this.failure = undefined;
        this.refresh();
      }),
      this.regionsInUse.onDidChange(refresh),
      vscode.window.onDidChangeActiveTextEditor(refresh),
      vscode.workspace.onDidChangeWorkspaceFolders(refresh),
      vscode.workspace.onDidGrantWorkspaceTrust(refresh),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("kmsSelection")) this.refresh();
      }),
      // The AWS config files may have been changed meanwhile.
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused) this.refresh();
      }),
    );
  }

  /** Shows the spinner until the work ends, if that takes a moment. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = work();
    const timer = setTimeout(() => void this.spinUntil(result), SPINNER_DELAY);
    try {
      return await result;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The last operation's failure, in words; `undefined` after a success. */
  setFailure(message: string | undefined): void {
    if (message === this.failure) return;
    this.failure = message;
    this.render();
  }

  setHealth(target: Target, health: KeyHealth | undefined): void {
    this.healths.set(target, health, Date.now());
    this.refresh();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private async spinUntil(settled: Promise<unknown>): Promise<void> {
    this.working++;
    this.render();
    await Promise.allSettled([settled]);
    this.working--;
    this.render();
  }

  private refresh(): void {
    const refresh = ++this.refreshes;
    const document = vscode.window.activeTextEditor?.document;
    let target: Target | undefined;
    let shown: Shown;
    try {
      ({ target } = inForce(this.choices, document));
      shown = describeTarget(target, document, this.healths.get(target));
    } catch (error) {
      shown = {
        icon: "warning",
        label: "KMS: settings",
        lines: [["Settings", explainFailure(toKmsSelectionError(error))]],
        background: "warning",
      };
    }
    void vscode.commands.executeCommand("setContext", "kmsSelection.sandbox", target?.sandbox ?? false);
    this.show(shown);
    if (target?.key && !target.sandbox) void this.addConnection(refresh, target, shown);
  }

  /** Region and endpoint are decided with the config files, which are read without holding up anything. */
  private async addConnection(refresh: number, target: Target, shown: Shown): Promise<void> {
    const { regions, lines } = await describeConnections(target);
    if (refresh !== this.refreshes) return;
    const withLines = { ...shown, lines: [...shown.lines, ...lines] };
    const region = regions.find((each) => this.regionsInUse.insteadOf(each) !== undefined);
    const substitute = region && this.regionsInUse.insteadOf(region);
    const isFallback = substitute && target.fallbackRegions.value.includes(substitute);
    this.show(isFallback ? withFallback(withLines, region, substitute) : withLines);
  }

  private show(shown: Shown): void {
    this.shown = shown;
    this.render();
  }

  private render(): void {
    const { icon, label, lines, background } = this.shown;
    const failed = this.failure !== undefined && this.working === 0;
    const image = this.working > 0 ? "sync~spin" : failed ? "error" : icon;
    this.item.text = `$(${image}) ${escapeIcons(label)}`;
    const color = failed ? "error" : background;
    this.item.backgroundColor = color ? new vscode.ThemeColor(`statusBarItem.${color}Background`) : undefined;
    const all =
      this.failure === undefined ? lines : [...lines, ["Last operation failed", this.failure] as const];
    this.item.tooltip = tooltip(all);
    const spoken = all.map(([name, value]) => `${name}: ${value}`).join(", ");
    this.item.accessibilityInformation = { label: `KMS key ${label}. ${spoken}`, role: "button" };
  }
}
