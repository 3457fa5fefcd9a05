/** Keeps the record of what is unsealed up to date with the documents, so that it fits the backups that VS Code makes of them. */
import * as vscode from "vscode";
import { tokenOf } from "../core/decryptedTexts";
import { recordOf } from "../core/recordedTexts";
import type { App } from "./app";
import type { DecryptedPlace } from "./decryptedValues";
import type { Snapshot } from "./unsealedRecord";

/** So many are recorded with each change, so that a reload in the middle of typing finds them. */
const MAX_AT_ONCE = 100;
/** Milliseconds without a change, for more of them. A backup is made after a second. */
const DELAY = 250;
/** Milliseconds that a text has to stay as it is until there may be a backup of it. */
const UNTIL_BACKUP = 900;
/** The newest, and those that the last backup may be of. */
const MAX_SNAPSHOTS = 3;

export class RecordUnsealed implements vscode.Disposable {
  private readonly app: App;
  private readonly timers = new Map<vscode.TextDocument, NodeJS.Timeout>();
  private readonly counts = new WeakMap<vscode.TextDocument, number>();
  /** When the text of the newest snapshot began to change. */
  private readonly changedAt = new WeakMap<vscode.TextDocument, number>();
  /** A document that was closed does not tell any more. */
  private readonly dirty = new WeakSet<vscode.TextDocument>();
  private readonly subscription: vscode.Disposable;

  constructor(app: App) {
    this.app = app;
    this.subscription = vscode.Disposable.from(
      app.decryptedValues.onDidChange((document) => {
        this.changed(document);
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document.isDirty) this.dirty.add(document);
        else this.dirty.delete(document);
      }),
    );
  }

  dispose(): void {
    this.subscription.dispose();
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  private changed(document: vscode.TextDocument): void {
    clearTimeout(this.timers.get(document));
    this.timers.delete(document);
    // Not by the person, who would have been asked whether to save it.
    if (document.isClosed && this.dirty.has(document)) return;
    if (!this.changedAt.has(document)) this.changedAt.set(document, Date.now());
    const { length } = this.app.decryptedValues.unsealed(document);
    const before = this.counts.get(document) ?? 0;
    if (length === 0 && before === 0) return;
    this.counts.set(document, length);
    if (length !== before || length <= MAX_AT_ONCE) {
      this.record(document);
      return;
    }
    const record = (): void => {
      this.timers.delete(document);
      this.record(document);
    };
    this.timers.set(document, setTimeout(record, DELAY));
  }

  private record(document: vscode.TextDocument): void {
    const { decryptedValues, unsealedRecord, log } = this.app;
    const uri = document.uri.toString();
    const snapshots = (key: Uint8Array): Snapshot[] => {
      const places = decryptedValues.unsealed(document);
      if (places.length === 0) return [];
      const [last, ...older] = unsealedRecord.get(uri);
      const takenAt = Date.now();
      const isInBackup = last && (this.changedAt.get(document) ?? takenAt) - last.takenAt >= UNTIL_BACKUP;
      this.changedAt.delete(document);
      const newest = { takenAt, texts: recordOf(key, document.getText(), places.map(recordable)) };
      return [newest, ...(isInBackup ? [last] : []), ...older].slice(0, MAX_SNAPSHOTS);
    };
    unsealedRecord.set(uri, snapshots).catch((error: unknown) => {
      log.warn(`what is unsealed could not be recorded: ${error instanceof Error ? error.name : "unknown"}`);
    });
  }
}

function recordable(
  place: DecryptedPlace,
): Parameters<typeof recordOf<DecryptedPlace["secret"]["origin"]>>[2][number] {
  const { start, end, token, secret } = place;
  return { start, end, token, tokenOfText: tokenOf(place), origin: secret.origin };
}
