/** The packed extension starts in a real extension host. */
import assert from "node:assert/strict";
import { homedir } from "node:os";
import * as vscode from "vscode";
import { root } from "../host/paths";

suite("Activation", () => {
  const extension = vscode.extensions.getExtension("kms-selection.kms-selection");

  test("the extension under test is the packed one", () => {
    assert.ok(extension);
    assert.match(extension.extensionPath, /kms-selection\.kms-selection-\d/);
    assert.ok(!extension.extensionPath.startsWith(root));
  });

  test("the extension activates, and its commands are there", async () => {
    await extension?.activate();
    const commands = await vscode.commands.getCommands(true);
    assert.ok(commands.includes("kmsSelection.encryptSelection"));
  });

  test("nothing of this machine's AWS set-up is in reach", () => {
    assert.match(homedir(), /kms-selection-/);
    const own = Object.keys(process.env).filter((name) => name.startsWith("AWS_"));
    assert.deepEqual(own, ["AWS_EC2_METADATA_DISABLED"]);
  });
});
