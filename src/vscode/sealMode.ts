/** What a save of a document does with decrypted text, as set, or as the person wants for this one. */
import type * as vscode from "vscode";
import type { SealOnSave as Mode } from "../core/settings";
import type { App } from "./app";
import { fileOf } from "./inForce";
import { readSettings } from "./readSettings";

export function sealModeOf({ keptUnsealed }: App, document: vscode.TextDocument): Mode {
  if (keptUnsealed.has(document)) return "off";
  try {
    return readSettings(fileOf(document)).sealOnSave.value;
  } catch {
    // A slip in the settings must not write secrets to the disk.
    return "seal";
  }
}
