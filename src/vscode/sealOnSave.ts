/**
 * A save writes tokens, not what was decrypted. VS Code waits 1.5 seconds for it and then saves all the same, so what is
 * written first needs no request: a text that is unchanged, or was encrypted in the background, has its token in memory;
 * for any other one the old token is written, and the edited text comes back into the editor after the save.
 */
import { basename } from "node:path/posix";
import * as vscode from "vscode";
import { tokenOf } from "../core/decryptedTexts";
import { fingerprintOf } from "../core/fingerprint";
import type { KmsSelectionError } from "../core/errors";
import type { App } from "./app";
import type { ChangedTexts } from "./changedTexts";
import { textOf, type DecryptedPlace } from "./decryptedValues";
import { EditedTextsBack, type Held, type LeftBehind } from "./editedTextsBack";
import { editedTexts } from "./encryptPlaces";
import { readText } from "./readText";
import { rewrite } from "./rewrite";
import { sealModeOf } from "./sealMode";
import { decryptedValuesOf, tellAutoSealed, tellSealed, warnInClear } from "./tellSaved";

/** Milliseconds that a save waits for texts which are not encrypted yet. */
const WAIT = 900;

/**
 * Milliseconds that VS Code waits. A listener that was late or failed more than three times is not asked again:
 * https://code.visualstudio.com/api/references/vscode-api#workspace.onWillSaveTextDocument
 */
const LATE = 1500;

interface Saving extends LeftBehind {
  /** As they were before. */
  readonly sealed: readonly DecryptedPlace[];
  /** The save is the second one, because the first wrote what was decrypted. */
  readonly isAgain?: boolean;
}

export class SealOnSave implements vscode.Disposable {
  private readonly app: App;
  private readonly changedTexts: ChangedTexts;
  private readonly sealing = new Map<vscode.TextDocument, Promise<Saving | undefined>>();
  private readonly saving = new Map<vscode.TextDocument, Saving>();
  private readonly editedTexts: EditedTextsBack;
  private readonly subscriptions: readonly vscode.Disposable[];
  private willSave: vscode.Disposable | undefined;

  constructor(app: App, changedTexts: ChangedTexts) {
    this.app = app;
    this.changedTexts = changedTexts;
    this.editedTexts = new EditedTextsBack(app);
    this.listen();
    this.subscriptions = [
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
    this.willSave?.dispose();
  }

  /** A listener that VS Code does not ask any more is replaced. */
  private listen(): void {
    this.willSave?.dispose();
    this.willSave = vscode.workspace.onWillSaveTextDocument((event) => {
      const { document, reason } = event;
      this.beforeSave(event, () => {
        this.app.decryptedValues.adopt(document);
        return this.isToSeal(document) ? this.seal(document, reason) : undefined;
      });
    });
  }

  /** What an earlier window had decrypted has to be known first. */
  private beforeSave(
    event: { waitUntil(sealed: Thenable<unknown>): void },
    seal: () => Promise<unknown> | undefined,
  ): void {
    const asked = performance.now();
    const sealed = this.app.decryptedValues.expected?.then(seal) ?? seal();
    if (!sealed) return;
    event.waitUntil(sealed);
    sealed.then(
      () => {
        if (performance.now() - asked >= LATE) this.listen();
      },
      () => {
        this.listen();
      },
    );
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

  private seal(
    document: vscode.TextDocument,
    reason?: vscode.TextDocumentSaveReason,
  ): Promise<Saving | undefined> {
    const sealing = this.sealNow(document, reason).finally(() => {
      if (this.sealing.get(document) === sealing) this.sealing.delete(document);
    });
    this.sealing.set(document, sealing);
    return sealing;
  }

  /** `undefined`: nothing was sealed. */
  private async sealNow(
    document: vscode.TextDocument,
    reason: vscode.TextDocumentSaveReason | undefined,
  ): Promise<Saving | undefined> {
    const { decryptedValues } = this.app;
    let held: Held[] = [];
    let places: readonly DecryptedPlace[] = [];
    const isWritten = await rewrite(
      document,
      () => {
        places = decryptedValues.unsealed(document);
        held = editedTexts(document, places).map((each) => ({ ...each, oldToken: each.place.token }));
        return places.map((place) => ({
          start: place.start,
          end: place.end,
          text: tokenOf(place) ?? place.token,
        }));
      },
      "behind",
    );
    if (!isWritten || places.length === 0) return undefined;
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
    const saving = { reason, sealed: places, held: left, failure };
    this.saving.set(document, saving);
    return saving;
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
    // Before the document closes, as it may do after its save.
    const count = this.app.decryptedValues.unsealed(document).length;
    // VS Code may have gone on without it.
    await this.sealing.get(document);
    const saving = this.saving.get(document);
    this.saving.delete(document);
    const mode = sealModeOf(this.app, document);
    if (mode === "warn" && count > 0) {
      const name = basename(document.uri.path);
      return warnInClear(this.app, document, `${name} was saved with ${decryptedValuesOf(count)} in clear.`);
    }
    const isLate = saving ? !saving.isAgain && (await isInClear(document, saving.sealed)) : count > 0;
    if (mode === "seal" && isLate) return this.sealLate(document, saving);
    if (!saving) return;
    if (saving.held.length > 0) return this.editedTexts.bring(document, saving);
    const isAuto = saving.reason === vscode.TextDocumentSaveReason.AfterDelay;
    await (isAuto ? tellAutoSealed : tellSealed)(this.app, document, saving.sealed.length);
  }

  /**
   * VS Code saved without asking us, or did not wait for our edit: what is on the disk is replaced at once. `saving`: the
   * document has its tokens, and only the file does not.
   */
  private async sealLate(document: vscode.TextDocument, saving: Saving | undefined): Promise<void> {
    const name = basename(document.uri.path);
    const what = `${name} was saved with decrypted text, because something else held up the save.`;
    const isSealed =
      (await this.saveAgain(document, saving ?? (await this.seal(document)))) ||
      (await this.openAndSeal(document.uri, saving));
    if (!isSealed) return warnInClear(this.app, document, what);
    void vscode.window.showWarningMessage(`${what} It is sealed now; Local History may have a copy.`);
  }

  /** For a document that was closed with the save, or reverted. */
  private async openAndSeal(uri: vscode.Uri, saving: Saving | undefined): Promise<boolean> {
    const document = await vscode.workspace.openTextDocument(uri);
    if (saving) this.app.decryptedValues.restore(document, saving.sealed);
    return this.saveAgain(document, await this.seal(document));
  }

  private async saveAgain(document: vscode.TextDocument, saving: Saving | undefined): Promise<boolean> {
    if (!saving) return false;
    this.saving.set(document, { ...saving, isAgain: true });
    const isSaved = await document.save();
    // Where nothing was saved.
    this.saving.delete(document);
    return isSaved && !(await isInClear(document, saving.sealed));
  }
}

/** Whether the file has one of these as it was before. A file that cannot be read is not called into question. */
async function isInClear(
  { uri, encoding }: vscode.TextDocument,
  places: readonly DecryptedPlace[],
): Promise<boolean> {
  const text = await readText(uri, encoding);
  return (
    text !== undefined &&
    places.some((place) => fingerprintOf(text.slice(place.start, place.end)).digest === place.text.digest)
  );
}
