/** The menu behind the count of unsealed values: seal them, go to them, or keep a file as it is. */
import { basename } from "node:path/posix";
import * as vscode from "vscode";
import type { App } from "../app";
import { escapeIcons } from "../labels";
import { sealAll, sealDocuments } from "./sealAll";

interface Item extends vscode.QuickPickItem {
  readonly run?: () => unknown;
}

export async function showUnsealed(app: App): Promise<void> {
  const { decryptedValues } = app;
  const documents = decryptedValues.documents();
  if (documents.length === 0) return sealAll(app);
  const total = documents.reduce((sum, each) => sum + decryptedValues.unsealed(each).length, 0);
  const all: Item = {
    iconPath: new vscode.ThemeIcon("lock"),
    label: documents.length === 1 ? "Seal All" : "Seal All in All Files",
    description: `${total}`,
    run: () => sealDocuments(app, documents),
  };
  const items = [all, ...documents.flatMap((document) => itemsOf(app, document, documents.length > 1))];
  const item = await vscode.window.showQuickPick<Item>(items, {
    title: "Decrypted values that are readable",
  });
  await item?.run?.();
}

function itemsOf(app: App, document: vscode.TextDocument, isOneOfSeveral: boolean): Item[] {
  const name = escapeIcons(basename(document.uri.path));
  const places = app.decryptedValues.unsealed(document);
  const isKept = app.keptUnsealed.has(document);
  const seal: Item = {
    iconPath: new vscode.ThemeIcon("lock"),
    label: `Seal All in ${name}`,
    description: `${places.length}`,
    run: () => sealDocuments(app, [document]),
  };
  const keep: Item = {
    iconPath: new vscode.ThemeIcon(isKept ? "shield" : "unlock"),
    label: isKept ? `Seal ${name} on Save Again` : `Keep ${name} Unsealed on Save`,
    ...(!isKept && { description: "until this window is closed; its decrypted text goes to the disk" }),
    run: () => {
      app.keptUnsealed.set(document, !isKept);
    },
  };
  const lines = places.map((place): Item => {
    const position = document.positionAt(place.start);
    return {
      iconPath: new vscode.ThemeIcon("arrow-right"),
      label: `Go to line ${position.line + 1}`,
      run: async () => {
        const selection = new vscode.Selection(position, position);
        await vscode.window.showTextDocument(document, { selection });
      },
    };
  });
  const separator = { label: name, kind: vscode.QuickPickItemKind.Separator };
  return [separator, ...(isOneOfSeveral ? [seal] : []), keep, ...lines];
}
