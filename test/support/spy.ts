/**
 * Another extension, packed and installed like any other. It asks VS Code for all that it tells about documents, and keeps
 * what it was ever told by events.
 */
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { inspect } from "node:util";
import * as vscode from "vscode";

/** Of each provider command: what it takes besides the document, for a place or for the whole. */
const PROVIDERS: Record<string, "place" | "whole" | "range"> = {
  CodeAction: "range",
  CodeLens: "whole",
  CompletionItem: "place",
  Definition: "place",
  DocumentColor: "whole",
  DocumentHighlights: "place",
  DocumentSymbol: "whole",
  FoldingRange: "whole",
  Hover: "place",
  InlayHint: "range",
  Link: "whole",
  Reference: "place",
  SelectionRange: "place",
  SignatureHelp: "place",
};

export function activate({ subscriptions }: vscode.ExtensionContext): void {
  const file = process.env.KMS_SELECTION_SPY;
  if (!file) return;
  const told = new Set<string>();
  const tell = (...texts: readonly string[]): void => {
    for (const text of texts) told.add(text);
  };
  // By files, because whatever is typed into the window would change what there is to see.
  const timer = setInterval(() => {
    if (!existsSync(`${file}.ask`)) return;
    const wanted = readFileSync(`${file}.ask`, "utf8");
    rmSync(`${file}.ask`);
    const answer = wanted === "clipboard" ? vscode.env.clipboard.readText() : look();
    void answer.then((seen) => {
      writeFileSync(`${file}.part`, typeof seen === "string" ? seen : [...told, ...seen].join("\n"));
      renameSync(`${file}.part`, file);
    });
  }, 50);
  subscriptions.push(
    {
      dispose: () => {
        clearInterval(timer);
      },
    },
    vscode.workspace.onDidOpenTextDocument((document) => {
      tell(document.getText());
    }),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      tell(document.getText(), ...contentChanges.map(({ text }) => text));
    }),
    vscode.workspace.onDidCloseTextDocument((document) => {
      tell(document.getText());
    }),
    vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      // What a save has written, before the next one does: Local History takes both for one.
      appendFileSync(`${file}.saved`, readFileSync(uri.fsPath));
    }),
    vscode.languages.onDidChangeDiagnostics(({ uris }) => {
      tell(...uris.map((uri) => text(vscode.languages.getDiagnostics(uri))));
    }),
    vscode.window.tabGroups.onDidChangeTabs(({ opened, changed }) => {
      tell(...[...opened, ...changed].map(({ label, input }) => `${label} ${text(input)}`));
    }),
  );
}

async function look(): Promise<string[]> {
  const seen: string[] = [];
  for (const document of vscode.workspace.textDocuments) {
    seen.push(`${document.uri.toString()}: ${document.getText()}`);
    seen.push(...(await answersAbout(document)));
  }
  return [
    ...seen,
    text(vscode.languages.getDiagnostics()),
    text(vscode.window.tabGroups.all.map(({ tabs }) => tabs.map(({ label, input }) => ({ label, input })))),
    text(vscode.window.visibleTextEditors),
    text(vscode.workspace.getConfiguration("kmsSelection")),
    text(await vscode.commands.getCommands(true)),
    text(vscode.extensions.getExtension("kms-selection.kms-selection")),
    text(process.env),
  ];
}

/** Of all providers of all extensions; of each line at its first word, and within what it ends with. */
async function answersAbout(document: vscode.TextDocument): Promise<string[]> {
  const end = document.lineAt(document.lineCount - 1).range.end;
  const places = Array.from({ length: document.lineCount }, (_, line) => document.lineAt(line).text).flatMap(
    (line, n) => [
      new vscode.Position(n, Math.min(1, line.length)),
      new vscode.Position(n, Math.max(0, line.length - 2)),
    ],
  );
  const calls = Object.entries(PROVIDERS).flatMap(([provider, takes]): [string, ...unknown[]][] => {
    // So many are resolved; without a number their titles are not there.
    if (takes === "whole") return [[provider, ...(provider === "CodeLens" ? [1000] : [])]];
    if (takes === "range") return [[provider, new vscode.Range(0, 0, end.line, end.character)]];
    return places.map((place) => [provider, provider === "SelectionRange" ? [place] : place]);
  });
  const answers: string[] = [];
  for (const [provider, ...rest] of calls) {
    const command = `vscode.execute${provider}Provider`;
    try {
      const answer = await vscode.commands.executeCommand(command, document.uri, ...rest);
      answers.push(`${command}: ${text(answer)} ${JSON.stringify(answer, readable)}`);
    } catch {
      // Without a provider some of them fail.
    }
  }
  return answers;
}

/** What Markdown holds is behind a getter of its class, which `inspect` does not show. */
function readable(_: string, value: unknown): unknown {
  return value instanceof vscode.MarkdownString ? value.value : value;
}

function text(value: unknown): string {
  return inspect(value, { depth: 12, maxArrayLength: null, maxStringLength: null, getters: true });
}
