/**
 * Secrets that are shown for a moment, each before its token: as decorations, which no other extension can read, and
 * which are in no document, backup or undo stack.
 */
import * as vscode from "vscode";
import { oneLine } from "../core/oneLine";
import { applyChanges, type TrackedRange } from "../core/trackedRanges";
import type { App } from "./app";

export interface RevealedSecret {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface Shown extends TrackedRange {
  readonly label: string;
}

/** First strong isolate and its end: a right-to-left secret does not turn its line around. */
const isolated = (text: string): string => `\u2068${text}\u2069`;

const made = new WeakMap<App, RevealedSecrets>();

/** Made with the first secret that is revealed. */
export function revealedSecrets(app: App): RevealedSecrets {
  let secrets = made.get(app);
  if (!secrets) {
    secrets = new RevealedSecrets(app);
    made.set(app, secrets);
    app.subscriptions.push(secrets);
  }
  return secrets;
}

export class RevealedSecrets implements vscode.Disposable {
  private readonly shown = new Map<vscode.TextDocument, readonly Shown[]>();
  private readonly subscriptions: readonly vscode.Disposable[];
  /** Gone while nothing is shown: VS Code forgets what it drew along with it. */
  private decoration: vscode.TextEditorDecorationType | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor({ choices }: Pick<App, "choices">) {
    const hide = (): void => {
      this.hide();
    };
    this.subscriptions = [
      choices.onDidChange(hide),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("kmsSelection")) this.hide();
      }),
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (!focused) this.hide();
      }),
      vscode.window.onDidChangeVisibleTextEditors(() => {
        this.draw();
      }),
      vscode.workspace.onDidChangeTextDocument((event) => {
        this.follow(event);
      }),
    ];
  }

  /** Beside those that are shown already. After so many seconds without another one, all are hidden. */
  show(document: vscode.TextDocument, secrets: readonly RevealedSecret[], seconds: number): void {
    const added = secrets.map(({ start, end, text }) => ({
      start,
      end,
      label: oneLine(text),
      touched: false,
    }));
    const others = (this.shown.get(document) ?? []).filter(
      (each) => !added.some(({ start, end }) => each.start < end && start < each.end),
    );
    this.shown.set(document, [...others, ...added]);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.hide();
    }, seconds * 1000);
    this.draw();
  }

  hide(): void {
    clearTimeout(this.timer);
    this.shown.clear();
    this.draw();
  }

  dispose(): void {
    this.hide();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Whatever is not in view any more is forgotten. */
  private draw(): void {
    const { visibleTextEditors } = vscode.window;
    for (const [document, secrets] of this.shown) {
      const isVisible = visibleTextEditors.some((editor) => editor.document === document);
      if (!isVisible || secrets.length === 0) this.shown.delete(document);
    }
    const isShowing = this.shown.size > 0;
    void vscode.commands.executeCommand("setContext", "kmsSelection.revealed", isShowing);
    if (!isShowing) {
      this.decoration?.dispose();
      this.decoration = undefined;
      return;
    }
    this.decoration ??= vscode.window.createTextEditorDecorationType({});
    for (const editor of visibleTextEditors) {
      const secrets = this.shown.get(editor.document) ?? [];
      editor.setDecorations(
        this.decoration,
        secrets.map((each) => drawn(editor.document, each)),
      );
    }
  }

  private follow({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const secrets = this.shown.get(document);
    if (!secrets || contentChanges.length === 0) return;
    const changes = contentChanges.map(({ rangeOffset, rangeLength, text }) => ({
      offset: rangeOffset,
      length: rangeLength,
      newLength: text.length,
    }));
    applyChanges(secrets, changes);
    const untouched = secrets.filter(({ touched }) => !touched);
    this.shown.set(document, untouched);
    if (untouched.length < secrets.length) this.draw();
  }
}

/**
 * Before the token: behind it, the text would often be out of sight. VS Code puts `contentText` into a style sheet, its
 * quotes and backslashes escaped, and takes the first line alone.
 */
function drawn(document: vscode.TextDocument, { start, end, label }: Shown): vscode.DecorationOptions {
  return {
    range: new vscode.Range(document.positionAt(start), document.positionAt(end)),
    renderOptions: {
      before: {
        contentText: isolated(label),
        color: new vscode.ThemeColor("badge.foreground"),
        backgroundColor: new vscode.ThemeColor("badge.background"),
        margin: "0 0.5em 0 0",
        textDecoration: "none",
      },
    },
  };
}
