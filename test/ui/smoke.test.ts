/** A window opens, the extension is in it, and text can be selected and edited. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after } from "mocha";
import { temporaryFolder } from "../host/paths";
import { until } from "./until";
import { useWorkbench } from "./window";

const text = "user: alice\npassword: not-a-real-one\nname: زهراء 😀 Zoë\n";

suite("A window", () => {
  const work = temporaryFolder();
  const file = join(work.path, "config.yaml");
  const window = useWorkbench(() => {
    mkdirSync(join(work.path, "sub"));
    writeFileSync(file, text);
    writeFileSync(join(work.path, "sub/second.yaml"), "second: file\n");
    return { folder: work.path, file };
  });
  after(() => {
    work.remove();
  });

  test("the status item is in view", async () => {
    const item = window().statusItem();
    await item.waitForText("KMS");
    assert.match((await item.label()) ?? "", /KMS/);
  });

  test("the palette has the command", async () => {
    const commands = await window().commandsFor("KMS: Encrypt");
    assert.ok(commands.some((command) => command.startsWith("KMS: Encrypt Selection")));
  });

  test("the context menu has the command when text is selected", async () => {
    const { editor, page } = window();
    await editor.waitForText(text);
    await editor.select("not-a-real-one");
    const entries = await window().openContextMenu();
    assert.ok(entries.includes("Encrypt Selection"), entries.join(", "));
    await page.keyboard.press("Escape");
  });

  test("several texts are selected, replaced, and brought back by one undo", async () => {
    const { editor } = window();
    await editor.select("alice");
    await editor.addSelection("not-a-real-one");
    await editor.type("x");
    await editor.waitForText("user: x\npassword: x\nname: زهراء 😀 Zoë\n");
    await editor.undo();
    await editor.waitForText(text);
  });

  test("what is typed is saved", async () => {
    const { editor } = window();
    await editor.selectWord("alice");
    await editor.type("bob");
    await editor.save();
    await until(
      () => readFileSync(file, "utf8"),
      (content) => content === text.replace("alice", "bob"),
    );
  });

  test("another file is opened by its name", async () => {
    await window().openFile("second.yaml");
    await window().editor.waitForText("second: file\n");
  });
});
