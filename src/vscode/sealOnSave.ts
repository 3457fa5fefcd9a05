/**
 * A save writes tokens, not what was decrypted. VS Code waits 1.5 seconds for it and then saves all the same, so what is
 * written first needs no request: a text that is unchanged, or was encrypted in the background, has its token in memory;
 * for any other one the old token is written, and the edited text comes back into the editor after the save.
 */
import { basename } from "node:path/posix";
import * as vscode from "vscode";
import { tokenOf } from "../core/decryptedTexts";
import type { KmsSelectionError } from "../core/errors";
import type { App } from "./app";
import type { ChangedTexts } from "./changedTexts";
import { textOf } from "./decryptedValues";
import { EditedTextsBack, type Held, type LeftBehind } from "./editedTextsBack";
import { editedTexts } from "./encryptPlaces";
import { rewrite } from "./rewrite";
import { sealModeOf } from "./sealMode";
import { decryptedValuesOf, tellAutoSealed, tellSealed, warnInClear } from "./tellSaved";

/** Milliseconds that a save waits for texts which are not encrypted yet. */
const WAIT = 900;

interface Saving extends LeftBehind {
  readonly sealed: number;
}

export class SealOnSave implements vscode.Disposable {
  private readonly app: App;
  private readonly changedTexts: ChangedTexts;
  private readonly saving = new Map<vscode.TextDocument, Saving>();
  private readonly editedTexts: EditedTextsBack;
  private readonly subscriptions: readonly vscode.Disposable[];

  constructor(app: App, changedTexts: ChangedTexts) {
    this.app = app;
    this.changedTexts = changedTexts;
    this.editedTexts = new EditedTextsBack(app);
    this.subscriptions = [
      vscode.workspace.onWillSaveTextDocument((event) => {
        const { document, reason } = event;
        this.beforeSave(event, () => {
          app.decryptedValues.adopt(document);
          return this.isToSeal(document) ? this.seal(document, reason) : undefined;
        });
      }),
      vscode.workspace.onDidSaveTextDocument((document) => {
        void this.saved(document);
      }),
      vscode.workspace.onWillSaveNotebookDocument((event) => {
        const cells = event.notebook.getCells().map(({ document }) => document);
        this.beforeSave(event, () => {
          const wanted = cells.filter((document) => this.isToSeal(document));
          return wanted.length > 0 ? this.sealCells(wanted, event.reason) : undefined;
        });
      }),
      vscode.workspace.onDidSaveNotebookDocument((notebook) => {
        for (const { document } of notebook.getCells()) void this.saved(document);
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** What an earlier window had decrypted has to be known first. */
  private beforeSave(
    event: { waitUntil(sealed: Thenable<unknown>): void },
    seal: () => Promise<void> | undefined,
  ): void {
    const sealed = this.app.decryptedValues.expected?.then(seal) ?? seal();
    if (sealed) event.waitUntil(sealed);
  }

  private isToSeal(document: vscode.TextDocument): boolean {
    return (
      sealModeOf(this.app, document) === "seal" && this.app.decryptedValues.unsealed(document).length > 0
    );
  }

  private async sealCells(
    cells: readonly vscode.TextDocument[],
    reason: vscode.TextDocumentSaveReason,
  ): Promise<void> {
    await Promise.all(cells.map((document) => this.seal(document, reason)));
  }

  private async seal(document: vscode.TextDocument, reason?: vscode.TextDocumentSaveReason): Promise<void> {
    const { decryptedValues } = this.app;
    let held: Held[] = [];
    let sealed = 0;
    const isWritten = await rewrite(
      document,
      () => {
        const places = decryptedValues.unsealed(document);
        sealed = places.length;
        held = editedTexts(document, places).map((each) => ({ ...each, oldToken: each.place.token }));
        return places.map((place) => ({
          start: place.start,
          end: place.end,
          text: tokenOf(place) ?? place.token,
        }));
      },
      "behind",
    );
    if (!isWritten) return;
    const failure = await this.waitFor(held);
    const ready = held.filter(({ place }) => tokenOf(place) !== undefined);
    await rewrite(
      document,
      () =>
        ready.flatMap(({ place, oldToken }) => {
          const { start, end } = decryptedValues.place(document, place.id) ?? { start: 0, end: 0 };
          const isOld = textOf(document, { start, end }) === oldToken;
          return isOld ? [{ start, end, text: tokenOf(place) ?? oldToken }] : [];
        }),
      "before",
    );
    const left = held.filter(({ place }) => tokenOf(place) === undefined);
    this.saving.set(document, { reason, sealed, held: left, failure });
  }

  private waitFor(held: readonly Held[]): Promise<KmsSelectionError | undefined> {
    if (held.length === 0) return Promise.resolve(undefined);
    const late = new Promise<undefined>((resolve) => {
      setTimeout(() => {
        resolve(undefined);
      }, WAIT);
    });
    return Promise.race([this.changedTexts.encrypt(held), late]);
  }

  private async saved(document: vscode.TextDocument): Promise<void> {
    const saving = this.saving.get(document);
    this.saving.delete(document);
    const { decryptedValues } = this.app;
    const count = decryptedValues.unsealed(document).length;
    const mode = sealModeOf(this.app, document);
    if (mode === "warn" && count > 0) {
      const name = basename(document.uri.path);
      return warnInClear(this.app, document, `${name} was saved with ${decryptedValuesOf(count)} in clear.`);
    }
    if (mode === "seal" && count > 0 && !saving) return this.sealLate(document);
    if (!saving) return;
    if (saving.held.length > 0) return this.editedTexts.bring(document, saving);
    if (saving.sealed === 0) return;
    const isAuto = saving.reason === vscode.TextDocumentSaveReason.AfterDelay;
    await (isAuto ? tellAutoSealed : tellSealed)(this.app, document, saving.sealed);
  }

  /** VS Code saved without asking us, or did not take our edit: what is on the disk is replaced at once. */
  private async sealLate(document: vscode.TextDocument): Promise<void> {
    await this.seal(document);
    await document.save();
    void vscode.window.showWarningMessage(
      `${basename(document.uri.path)} was saved with decrypted text, because something else held up the save. It is sealed now; Local History may have a copy.`,
    );
  }
}
