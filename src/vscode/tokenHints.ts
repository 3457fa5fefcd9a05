/**
 * Hovers and CodeLenses on tokens. Only what looks for them at a glance is here; the rest is loaded with the first token
 * that comes into view.
 */
import * as vscode from "vscode";
import type { ChoiceStore } from "./choiceStore";
import type { DecryptDenials } from "./decryptDenials";
import { RUN_ON_TOKEN } from "./hints/actions";
import type { TokenHints } from "./hints/main";

/** What every token has: far more base64 than a word. Wrapped tokens have it in each line but the last. */
const LOOKS_LIKE_TOKEN = /ENC\[KMS,|[A-Za-z0-9+/]{24}/;

/** UTF-16 code units. A longer document gets no CodeLenses, which are all made anew after each change. */
const MAX_LENS_LENGTH = 1_000_000;

export function registerTokenHints(choices: ChoiceStore, denials: DecryptDenials): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  let hints: TokenHints | undefined;
  const load = async (): Promise<TokenHints> => {
    const { TokenHints } = await import("./hints/main");
    return (hints ??= new TokenHints(choices, denials));
  };
  return vscode.Disposable.from(
    changed,
    choices.onDidChange(() => {
      changed.fire();
    }),
    denials.onDidChange(() => {
      changed.fire();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("kmsSelection")) changed.fire();
    }),
    vscode.languages.registerHoverProvider("*", {
      provideHover: async (document, position) =>
        LOOKS_LIKE_TOKEN.test(document.lineAt(position.line).text)
          ? (await load()).hover(document, position)
          : undefined,
    }),
    vscode.languages.registerCodeLensProvider("*", {
      onDidChangeCodeLenses: changed.event,
      provideCodeLenses: async (document) => {
        const end = document.lineAt(document.lineCount - 1).range.end;
        if (document.uri.scheme === "output" || document.offsetAt(end) > MAX_LENS_LENGTH) return [];
        return LOOKS_LIKE_TOKEN.test(document.getText()) ? (await load()).codeLenses(document) : [];
      },
    }),
    vscode.commands.registerCommand(RUN_ON_TOKEN, async (id: unknown, command: unknown) => {
      await hints?.run(id, command);
    }),
  );
}
