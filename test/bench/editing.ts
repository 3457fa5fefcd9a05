/** A document of lines that are all selected, and what a command does to it; in the extension host. */
import * as vscode from "vscode";

export const SECRET = /^[A-Za-z0-9+/]{60,}={0,2}$/;

export async function openEditor(): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(), { preview: false });
}

/** These lines, each one selected, and nothing else. */
export async function fill(editor: vscode.TextEditor, lines: readonly string[]): Promise<void> {
  const { document } = editor;
  const all = new vscode.Range(0, 0, document.lineCount, 0);
  await editor.edit((builder) => {
    builder.replace(all, lines.join("\n"));
  });
  editor.selections = lines.map((line, n) => new vscode.Selection(n, 0, n, line.length));
  // The window has taken the selections when it answers.
  await vscode.commands.executeCommand("setContext", "kmsSelection.bench", lines.length);
}

/** The floor of what any command has to do in the end: one edit of all selections, which cover the new texts. */
export async function replaceSelections(editor: vscode.TextEditor, texts: readonly string[]): Promise<void> {
  const { selections } = editor;
  await editor.edit((builder) => {
    for (const [index, selection] of selections.entries()) builder.replace(selection, texts[index] ?? "");
  });
  editor.selections = selections.map(
    ({ start }, index) => new vscode.Selection(start, start.translate(0, texts[index]?.length ?? 0)),
  );
}

/** Throws where the command did not do what is measured. */
export async function run(
  editor: vscode.TextEditor,
  command: "encryptSelection" | "decryptSelection",
): Promise<void> {
  await vscode.commands.executeCommand(`kmsSelection.${command}`);
  const line = editor.document.lineAt(editor.document.lineCount - 1).text;
  if (SECRET.test(line) !== (command === "encryptSelection"))
    throw new Error(`${command} left "${line.slice(0, 20)}".`);
}

export async function configure(name: string, value: unknown): Promise<void> {
  await vscode.workspace
    .getConfiguration("kmsSelection")
    .update(name, value, vscode.ConfigurationTarget.Global);
}
