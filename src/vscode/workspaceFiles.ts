/** Which files of a workspace are looked at. */
import { realpath } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import * as vscode from "vscode";
import { mapConcurrently } from "../core/mapConcurrently";
import { GitIgnore } from "./gitIgnore";

/** Besides what `files.exclude` says: what Git and package managers keep. */
const EXCLUDED = "**/{.git,node_modules}/**";

/** Files looked at at a time. */
export const MAX_CONCURRENT_FILES = 10;

export interface WorkspaceFiles {
  readonly files: readonly vscode.Uri[];
  readonly ignored: number;
  /** Reached by symbolic links that lead out of the workspace. */
  readonly outside: number;
}

/** Each file once. What `search.exclude` says is about searching: a token that nobody searches for is still a token. */
export async function findWorkspaceFiles(signal: AbortSignal): Promise<WorkspaceFiles> {
  const found = await vscode.workspace.findFiles("**/*", EXCLUDED);
  const roots = await rootsOf();
  const rulesOf = new Map<string, Promise<IgnoreRules>>();
  const kinds = await mapConcurrently(found, MAX_CONCURRENT_FILES, signal, async (file) => {
    const folder = vscode.workspace.getWorkspaceFolder(file);
    if (!folder) return "outside";
    const place = await placeOf(file, folder, roots);
    if (place !== "file") return place;
    const name = folder.uri.toString();
    let rules = rulesOf.get(name);
    if (!rules) rulesOf.set(name, (rules = ignoreRules(folder.uri)));
    return (await (await rules)(file)) ? "ignored" : "file";
  });
  const count = (kind: string): number => kinds.filter((each) => each === kind).length;
  const files = found.filter((_, index) => kinds[index] === "file");
  return {
    files: files.sort((a, b) => (a.path < b.path ? -1 : 1)),
    ignored: count("ignored"),
    outside: count("outside"),
  };
}

/** Folders of the workspace that are on this machine, without symbolic links. */
async function rootsOf(): Promise<ReadonlyMap<string, string>> {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file");
  const roots = await Promise.all(
    folders.map(async ({ uri }) => [uri.toString(), await realpath(uri.fsPath)] as const),
  );
  return new Map(roots);
}

/** A link within the workspace leads to a file that is found by itself. */
async function placeOf(
  file: vscode.Uri,
  { uri }: vscode.WorkspaceFolder,
  roots: ReadonlyMap<string, string>,
): Promise<"file" | "link" | "outside"> {
  const root = roots.get(uri.toString());
  if (root === undefined) return "file";
  const real = await realpath(file.fsPath).catch(() => undefined);
  if (real === undefined) return "outside";
  if (real === join(root, relative(uri.fsPath, file.fsPath))) return "file";
  return [...roots.values()].some((each) => real.startsWith(each + sep)) ? "link" : "outside";
}

type IgnoreRules = (file: vscode.Uri) => Promise<boolean>;

/** From the top of the repository that the folder is in; without one, from the folder. */
async function ignoreRules(folder: vscode.Uri): Promise<IgnoreRules> {
  const top = (await repositoryOf(folder)) ?? folder;
  const rules = new GitIgnore(async (names) => {
    const text = await readIfThere(vscode.Uri.joinPath(top, ...names, ".gitignore"));
    return text && Buffer.from(text).toString("utf8");
  });
  const prefix = top.path.endsWith("/") ? top.path : `${top.path}/`;
  return (file) => rules.ignores(file.path.slice(prefix.length).split("/"));
}

async function repositoryOf(folder: vscode.Uri): Promise<vscode.Uri | undefined> {
  for (let at = folder; ; at = vscode.Uri.joinPath(at, "..")) {
    const isTop = await vscode.workspace.fs.stat(vscode.Uri.joinPath(at, ".git")).then(
      () => true,
      () => false,
    );
    if (isTop) return at;
    if (at.path === "/" || vscode.Uri.joinPath(at, "..").path === at.path) return undefined;
  }
}

async function readIfThere(uri: vscode.Uri): Promise<Uint8Array | undefined> {
  try {
    return await vscode.workspace.fs.readFile(uri);
  } catch {
    return undefined;
  }
}
