/** Shows what is decrypted in the open documents: a mark in the text and the overview ruler, and a count in the status bar. */
import { basename } from "node:path/posix";
import * as vscode from "vscode";
import { rangeOf, type DecryptedValues } from "./decryptedValues";
import type { KeptUnsealed } from "./keptUnsealed";
import { escapeIcons } from "./labels";

/** Milliseconds. Marks move with the text by themselves; what they cover may be a moment late. */
const DELAY = 50;

export class UnsealedMarks implements vscode.Disposable {
  private readonly values: DecryptedValues;
  private readonly kept: KeptUnsealed;
  private readonly decoration = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor("kmsSelection.unsealedBackground"),
    border: "1px dotted",
    borderColor: new vscode.ThemeColor("editorWarning.foreground"),
    overviewRulerColor: new vscode.ThemeColor("editorOverviewRuler.warningForeground"),
    overviewRulerLane: vscode.OverviewRulerLane.Center,
  });
  private readonly item: vscode.StatusBarItem;
  private readonly subscriptions: readonly { dispose(): unknown }[];
  private timer: NodeJS.Timeout | undefined;

  constructor(values: DecryptedValues, kept: KeptUnsealed) {
    this.values = values;
    this.kept = kept;
    this.item = vscode.window.createStatusBarItem(
      "kmsSelection.unsealed",
      vscode.StatusBarAlignment.Right,
      99,
    );
    this.item.name = "KMS Unsealed Values";
    this.item.command = "kmsSelection.showUnsealed";
    const refresh = (): void => {
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        this.refresh();
      }, DELAY);
    };
    this.subscriptions = [
      this.decoration,
      this.item,
      values.onDidChange(refresh),
      kept.onDidChange(refresh),
      vscode.window.onDidChangeVisibleTextEditors(refresh),
    ];
  }

  private refresh(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const { document } = editor;
      const ranges = this.values.unsealed(document).map((place) => rangeOf(document, place));
      editor.setDecorations(this.decoration, ranges);
    }
    const files = this.values.documents().map((document) => ({
      name: basename(document.uri.path),
      count: this.values.unsealed(document).length,
      isKept: this.kept.has(document),
    }));
    const total = files.reduce((sum, { count }) => sum + count, 0);
    if (total === 0) {
      this.item.hide();
      return;
    }
    const lines = files.map(
      ({ name, count, isKept }) => `${name}: ${count}${isKept ? ", kept unsealed on save" : ""}`,
    );
    this.item.text = `$(unlock) ${total}`;
    this.item.backgroundColor = new vscode.ThemeColor("statusBarItem.warningBackground");
    const title = total === 1 ? "1 decrypted value is readable" : `${total} decrypted values are readable`;
    this.item.tooltip = [`KMS Selection: ${title}`, ...lines.map(escapeIcons)].join("\n");
    this.item.accessibilityInformation = { label: [title, ...lines].join(", "), role: "button" };
    this.item.show();
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}
