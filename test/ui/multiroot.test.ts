/** A workspace of two folders, each with a key of its own. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after } from "mocha";
import { temporaryFolder } from "../host/paths";
import { useWorkbench } from "./window";

suite("In a workspace of two folders", () => {
  const work = temporaryFolder();
  const window = useWorkbench(() => {
    for (const [folder, settings] of [
      ["orders", { "kmsSelection.keyAlias": "alias/orders", "kmsSelection.identity": "orders-team" }],
      [
        "billing",
        { "kmsSelection.keyAlias": "alias/billing", "kmsSelection.encryptionContext": { app: "billing" } },
      ],
    ] as const) {
      mkdirSync(join(work.path, folder, ".vscode"), { recursive: true });
      writeFileSync(join(work.path, folder, ".vscode", "settings.json"), JSON.stringify(settings));
      writeFileSync(join(work.path, folder, `${folder}.txt`), "text\n");
    }
    const workspace = join(work.path, "two.code-workspace");
    writeFileSync(workspace, JSON.stringify({ folders: [{ path: "orders" }, { path: "billing" }] }));
    return {
      workspace,
      settings: {
        "kmsSelection.identity": "alice",
        "kmsSelection.encryptionContext": { file: "${workspaceFolderBasename}/${relativeFile}" },
      },
    };
  });
  after(() => {
    work.remove();
  });

  test("the folder of the active document decides, and no context is mixed with another scope's", async () => {
    await window().openFile("orders.txt");
    await window()
      .statusItem()
      .waitForText(/^\s*alias\/orders · orders-team$/);
    assert.match(await window().statusItem().tooltip(), /Context: file=orders\/orders\.txt$/m);
    await window().openFile("billing.txt");
    await window()
      .statusItem()
      .waitForText(/^\s*alias\/billing · alice$/);
    assert.match(await window().statusItem().tooltip(), /Context: app=billing$/m);
  });
});
