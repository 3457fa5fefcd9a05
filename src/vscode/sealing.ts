/** What is done about decrypted values, from the first one of the window on. */
import * as vscode from "vscode";
import type { App } from "./app";
import { ChangedTexts } from "./changedTexts";
import { RecordUnsealed } from "./recordUnsealed";
import { SealOnSave } from "./sealOnSave";
import { UnsealedMarks } from "./unsealedMarks";

export function startSealing(app: App): vscode.Disposable {
  const { decryptedValues, keptUnsealed } = app;
  const changedTexts = new ChangedTexts(app);
  const marks = new UnsealedMarks(decryptedValues, keptUnsealed);
  return vscode.Disposable.from(
    marks,
    changedTexts,
    new SealOnSave(app, changedTexts),
    new RecordUnsealed(app),
    keptUnsealed,
  );
}
