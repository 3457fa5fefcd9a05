/** A file or an open document that holds tokens: read, and written if it is still as it was read. */
import * as vscode from "vscode";
import { readFileText } from "../core/fileText";
import { replaceIn, type Replacement } from "../core/reEncryptText";
import { rewrite } from "./rewrite";
import { NotWritten, writeAtomically } from "./writeAtomically";

/** Bytes. VS Code itself opens no larger file for extensions. */
const MAX_FILE_BYTES = 50 * 1024 * 1024;

export interface TokenFile {
  readonly text: string;
  /**
   * All replacements or none. An open document is edited, in one undo step, and not saved. Throws `NotWritten`.
   * `announce`: of `writeAtomically`.
   */
  readonly write: (
    replacements: readonly Replacement[],
    announce: (temporary: string) => Promise<void>,
  ) => Promise<"edited" | "written">;
}

/** Throws `NotWritten` where a file is not looked at, with the reason. */
export async function readTokenFile(file: vscode.Uri): Promise<TokenFile> {
  const document = vscode.workspace.textDocuments.find(
    ({ uri, isClosed }) => !isClosed && uri.toString() === file.toString(),
  );
  if (document) return ofDocument(document);
  if ((await vscode.workspace.fs.stat(file)).size > MAX_FILE_BYTES)
    throw new NotWritten("is larger than 50 MB");
  const bytes = await vscode.workspace.fs.readFile(file);
  const content = readFileText(bytes);
  if (!content) throw new NotWritten("is binary");
  return {
    text: content.text,
    write: async (replacements, announce) => {
      requireNoChangesIn(file);
      const after = content.encode(replaceIn(content.text, replacements));
      if (file.scheme === "file") await writeAtomically(file.fsPath, bytes, after, announce);
      else await writeThroughVsCode(file, bytes, after);
      return "written";
    },
  };
}

function ofDocument(document: vscode.TextDocument): TokenFile {
  const { version } = document;
  return {
    text: document.getText(),
    write: async (replacements) => {
      const isWritten = await rewrite(document, () => {
        if (document.version !== version) throw new NotWritten("was changed in the meantime");
        return replacements;
      });
      if (!isWritten) throw new NotWritten("was closed, or its editor did not take the change");
      return "edited";
    },
  };
}

/** What is in an editor by now would be written over the file, or lost. */
function requireNoChangesIn(file: vscode.Uri): void {
  const isFile = ({ uri }: { readonly uri: vscode.Uri }): boolean => uri.toString() === file.toString();
  if (vscode.workspace.textDocuments.some((document) => document.isDirty && isFile(document))) {
    throw new NotWritten("was opened and changed in the meantime");
  }
  const isOpen = vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .some(({ input, isDirty }) => {
      const isOther = input instanceof vscode.TabInputNotebook || input instanceof vscode.TabInputCustom;
      return isOther && isDirty && isFile(input);
    });
  if (isOpen) throw new NotWritten("is open with changes in an editor that is no text editor");
}

async function writeThroughVsCode(file: vscode.Uri, before: Uint8Array, after: Uint8Array): Promise<void> {
  if (!Buffer.from(await vscode.workspace.fs.readFile(file)).equals(before)) {
    throw new NotWritten("was changed in the meantime");
  }
  await vscode.workspace.fs.writeFile(file, after).then(undefined, (error: unknown) => {
    throw new NotWritten(
      `cannot be written (${error instanceof vscode.FileSystemError ? error.code : "unknown"})`,
    );
  });
}
