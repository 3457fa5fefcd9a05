/** Edited texts whose old tokens a save has written come back into the editor: nothing that was typed is lost. */
import { basename } from "node:path/posix";
import * as vscode from "vscode";
import { explainFailure } from "../core/describeFailure";
import type { KmsSelectionError } from "../core/errors";
import type { App } from "./app";
import { sealDocuments } from "./commands/sealAll";
import type { EditedText } from "./encryptPlaces";
import { rewrite } from "./rewrite";

/** An edited text whose old token was written in its place. */
export interface Held extends EditedText {
  readonly oldToken: string;
}

/** What a save left behind. `failure`: why it could not encrypt them; `undefined`: KMS was too slow. */
export interface LeftBehind {
  readonly reason: vscode.TextDocumentSaveReason | undefined;
  readonly held: readonly Held[];
  readonly failure: KmsSelectionError | undefined;
}

export class EditedTextsBack {
  private readonly app: App;
  /** The texts that came back after an auto save, as long as nobody has edited them: once is enough. */
  private readonly cameBack = new Map<symbol, string>();

  constructor(app: App) {
    this.app = app;
  }

  /** The file has the old tokens; the edited texts are shown again, and are unsaved. */
  async bring(document: vscode.TextDocument, { held, failure, reason }: LeftBehind): Promise<void> {
    const isAuto = reason === vscode.TextDocumentSaveReason.AfterDelay;
    // An auto save would save them again, and again.
    const isAgain = isAuto && held.every(({ place }) => this.cameBack.get(place.id) === place.text.digest);
    for (const { place } of isAuto ? held : []) this.cameBack.set(place.id, place.text.digest);
    const shown = isAgain ? document : await this.write(document, held);
    const values = held.length === 1 ? "1 edited value" : `${held.length} edited values`;
    const why = reasonOf(failure);
    const where = isAgain
      ? "The edited text is kept in memory."
      : "The edited text is in the editor, unsaved.";
    const button = isAgain ? "Bring Back" : "Encrypt and Save";
    const chosen = await vscode.window.showWarningMessage(
      `${basename(document.uri.path)} was saved with the old tokens of ${values}. ${why} ${where}`,
      button,
    );
    if (chosen === undefined) return;
    if (isAgain) await this.write(document, held);
    else if (await sealDocuments(this.app, [shown])) await shown.save();
  }

  /** Where the document was closed with the save, it is opened again. Answers with the one that is open. */
  private async write(closed: vscode.TextDocument, held: readonly Held[]): Promise<vscode.TextDocument> {
    const { decryptedValues } = this.app;
    const replacements = (document: vscode.TextDocument) => () =>
      held.flatMap(({ place, text }) => {
        const now = decryptedValues.place(document, place.id);
        return now ? [{ start: now.start, end: now.end, text }] : [];
      });
    if (await rewrite(closed, replacements(closed))) {
      if (!(await closesSoon(closed))) return closed;
    }
    const document = await vscode.workspace.openTextDocument(closed.uri);
    await vscode.window.showTextDocument(document, { preview: false });
    decryptedValues.adopt(document);
    await rewrite(document, replacements(document));
    return document;
  }
}

function reasonOf(failure: KmsSelectionError | undefined): string {
  if (!failure) return "KMS did not answer in time.";
  return failure.failure.code === "cancelled"
    ? "To encrypt them, you have to be asked something first."
    : explainFailure(failure);
}

/** Milliseconds. A tab that is closed with "Save" goes right after the save. */
const CLOSING = 1000;

/** Whether the document is closed within a moment. */
function closesSoon(document: vscode.TextDocument): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (isClosed: boolean): void => {
      clearTimeout(timer);
      subscription.dispose();
      resolve(isClosed);
    };
    const timer = setTimeout(() => {
      done(document.isClosed);
    }, CLOSING);
    const subscription = vscode.workspace.onDidCloseTextDocument((closed) => {
      if (closed === document) done(true);
    });
  });
}
