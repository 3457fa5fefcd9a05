/** A copied secret does not outlive the extension. */
import assert from "node:assert/strict";
import { after, before } from "mocha";
import * as vscode from "vscode";

suite("The clipboard", () => {
  const sandbox = (value: boolean | undefined): Thenable<void> =>
    vscode.workspace
      .getConfiguration("kmsSelection")
      .update("sandbox", value, vscode.ConfigurationTarget.Global);
  before(() => sandbox(true));
  after(() => sandbox(undefined));

  /** As VS Code calls it. */
  function deactivate(): Promise<void> {
    const module = Object.values(require.cache).find((each) =>
      /kms-selection\.kms-selection-[^/\\]+[/\\]dist[/\\]extension\.js$/.test(each?.filename ?? ""),
    );
    return (module?.exports as { deactivate: () => Promise<void> }).deactivate(); // our own entry point
  }

  for (const [other, left] of [
    [undefined, ""],
    ["something else", "something else"],
  ] as const) {
    test(`is ${other ? "left alone" : "emptied"} when the extension ends and it holds ${other ?? "the secret"}`, async () => {
      const document = await vscode.workspace.openTextDocument({ content: "secret of the clipboard" });
      const editor = await vscode.window.showTextDocument(document);
      editor.selection = new vscode.Selection(0, 0, 0, 23);
      await vscode.commands.executeCommand("kmsSelection.encryptSelection");
      await vscode.commands.executeCommand("kmsSelection.copySecret");
      assert.equal(await vscode.env.clipboard.readText(), "secret of the clipboard");
      if (other) await vscode.env.clipboard.writeText(other);
      await deactivate();
      assert.equal(await vscode.env.clipboard.readText(), left);
      await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    });
  }
});
