/** What is done about decrypted values, from the first one of the window on. */
import * as vscode from "vscode";
import type { App } from "./app";
import { UnsealedMarks } from "./unsealedMarks";

export function startSealing(app: App): vscode.Disposable {
  return vscode.Disposable.from(new UnsealedMarks(app.decryptedValues, app.keptUnsealed), app.keptUnsealed);
}
