/** The settings of the extension for one document. */
import * as vscode from "vscode";
import { parseSettings, settingNames, type Scoped, type SettingName, type Settings } from "../core/settings";

const SECTION = "kmsSelection";

/** What one scope says. */
type Section = Readonly<Partial<Record<SettingName, unknown>>>;

type Inspected = Partial<
  Record<"defaultValue" | "globalValue" | "workspaceValue" | "workspaceFolderValue", Section>
>;

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

/**
 * Reads with the document's URI, so that each folder of a multi-root workspace has its own. All settings at once: VS Code
 * takes as long to look up one. Throws `setting-invalid`.
 */
export function readSettings(document: vscode.Uri | undefined): Settings {
  const found =
    vscode.workspace.getConfiguration(undefined, document ?? null).inspect<Section>(SECTION) ?? {};
  const raw = settingNames.map((name) => [name, closest(found, name)] as const);
  return parseSettings(Object.fromEntries(raw) as Record<SettingName, Scoped<unknown>>);
}

/**
 * `get` would merge the objects of all scopes, and so add the default pair to every encryption context; a map means what
 * its closest scope says. In Restricted Mode `inspect` leaves out the workspace's values of restricted settings.
 */
function closest(
  { defaultValue, globalValue, workspaceValue, workspaceFolderValue }: Inspected,
  name: SettingName,
): Scoped<unknown> {
  if (!MACHINE_SETTINGS.has(name)) {
    if (workspaceFolderValue?.[name] !== undefined)
      return { value: workspaceFolderValue[name], scope: "folder" };
    if (workspaceValue?.[name] !== undefined) return { value: workspaceValue[name], scope: "workspace" };
  }
  if (globalValue?.[name] !== undefined) return { value: globalValue[name], scope: "user" };
  return { value: defaultValue?.[name], scope: "default" };
}
