/** Shows what is going to be re-encrypted, by file, key and identity, before anything is asked of KMS or written. */
import * as vscode from "vscode";
import { KmsSelectionError } from "../../core/errors";
import { escapeIcons } from "../labels";
import type { WorkspaceTokens } from "../workspaceTokens";
import { numberOf } from "./reEncryptionReport";

interface Row extends vscode.QuickPickItem {
  readonly starts?: true;
}

/** `wish`: in words. `finished`: tokens that an earlier run is known to have finished. Throws `cancelled`. */
export async function previewTokens(
  title: string,
  wish: string,
  found: WorkspaceTokens,
  finished: number,
): Promise<void> {
  for (;;) {
    const row = await vscode.window.showQuickPick(rows(title, wish, found, finished), {
      title: wish,
      placeHolder: "Look through what is going to be changed; nothing has been yet",
      ignoreFocusOut: true,
      matchOnDescription: true,
    });
    if (!row) throw new KmsSelectionError({ code: "cancelled" });
    if (row.starts) return;
  }
}

function rows(title: string, wish: string, found: WorkspaceTokens, finished: number): Row[] {
  const separator = (label: string): Row => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const group = (label: string, counts: ReadonlyMap<string, number>, noun: string): Row[] =>
    counts.size === 0
      ? []
      : [
          separator(label),
          ...[...counts].map(([name, number]) => ({
            label: escapeIcons(name),
            description: numberOf(number, noun),
          })),
        ];
  const files = found.files.map(({ uri, tokens }) => [vscode.workspace.asRelativePath(uri), tokens] as const);
  return [
    {
      label: `Start: ${title}`,
      ...(finished > 0 && { description: `goes on; ${numberOf(finished, "token")} done before` }),
      detail: escapeIcons(`${wish}. A file is written whole or not at all; it can be run again.`),
      iconPath: new vscode.ThemeIcon("play"),
      starts: true,
    },
    ...group("By key", found.keys, "token"),
    ...group("By encryption context", found.contexts, "token"),
    ...group("Left out", found.leftOut, "file"),
    ...group("By file", new Map(files), "token"),
  ];
}
