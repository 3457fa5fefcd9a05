/** The settings of the extension for one document. */
import * as vscode from "vscode";
import { parseSettings, settingNames, type Scoped, type SettingName, type Settings } from "../core/settings";

/** `scope` of the manifest is `machine`: a workspace has no say, whatever its settings hold. */
const MACHINE_SETTINGS: ReadonlySet<SettingName> = new Set([
  "allowUncommittedMessages",
  "clipboardSeconds",
  "dataKeyCaching",
  "identities",
  "profile",
  "revealSeconds",
  "sandbox",
  "sealOnSave",
]);

/** Reads with the document's URI, so that each folder of a multi-root workspace has its own. Throws `setting-invalid`. */
export function readSettings(document: vscode.Uri | undefined): Settings {
  const configuration = vscode.workspace.getConfiguration("kmsSelection", document ?? null);
  const raw = settingNames.map((name) => [name, closest(configuration, name)] as const);
  return parseSettings(Object.fromEntries(raw) as Record<SettingName, Scoped<unknown>>);
}

/**
 * `get` would merge the objects of all scopes, and so add the default pair to every encryption context; a map means what
 * its closest scope says. In Restricted Mode `inspect` leaves out the workspace's values of restricted settings.
 */
function closest(configuration: vscode.WorkspaceConfiguration, name: SettingName): Scoped<unknown> {
  const found = configuration.inspect(name);
  if (!MACHINE_SETTINGS.has(name)) {
    if (found?.workspaceFolderValue !== undefined)
      return { value: found.workspaceFolderValue, scope: "folder" };
    if (found?.workspaceValue !== undefined) return { value: found.workspaceValue, scope: "workspace" };
  }
  if (found?.globalValue !== undefined) return { value: found.globalValue, scope: "user" };
  return { value: found?.defaultValue, scope: "default" };
}
