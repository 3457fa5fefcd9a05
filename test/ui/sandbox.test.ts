/** A person's first minutes: no AWS account, the sandbox, sample texts. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, beforeEach } from "mocha";
import { temporaryFolder } from "../host/paths";
import { until } from "./until";
import { useWorkbench } from "./window";

const TEXT = [
  "name: gateway",
  "password: not-a-real-one",
  "a1: first",
  "a2: other",
  "a3: third",
  "emoji: 😀👩‍👩‍👧 Zoë",
  "rtl: زهراء",
  "",
].join("\n");

/** What the sandbox's tokens look like as base64. */
const TOKEN = "SANDBOX/KMS/[A-Za-z0-9+/]+={0,2}";

suite("In the sandbox", () => {
  const work = temporaryFolder();
  const file = join(work.path, "config.yaml");
  const window = useWorkbench(() => {
    writeFileSync(file, TEXT);
    writeFileSync(join(work.path, "empty.txt"), "");
    writeFileSync(join(work.path, "windows.ini"), "one\r\ntwo\r\nthree\r\n");
    return {
      folder: work.path,
      file,
      settings: {
        "kmsSelection.sandbox": true,
        // Decrypted bytes are compared on disk.
        "kmsSelection.sealOnSave": "off",
        "editor.wordWrap": "off",
        "editor.minimap.enabled": false,
      },
    };
  });
  after(() => {
    work.remove();
  });

  beforeEach(async () => {
    const { editor, runCommand } = bound();
    await window().openFile("config.yaml");
    if ((await editor.text()) !== TEXT) await runCommand("File: Revert File");
    await editor.waitForText(TEXT);
  });

  test("the status bar says sandbox and the identity", async () => {
    await window()
      .statusItem()
      .waitForText(/^\s*sandbox · alice$/);
    const tooltip = await window().statusItem().tooltip();
    assert.match(tooltip, /nothing is sent to AWS/);
    assert.match(tooltip, /Context: identity=alice/);
  });

  test("a word is encrypted by the palette, one undo brings it back, and redo, and decrypt does", async () => {
    const { editor, runCommand } = bound();
    await editor.select("not-a-real-one");
    await runCommand("KMS: Encrypt Selection");
    await editor.waitForText(like(TEXT, ["not-a-real-one"]));
    await editor.undo();
    await editor.waitForText(TEXT);
    await editor.select("not-a-real-one");
    await runCommand("KMS: Encrypt Selection");
    await editor.waitForText(like(TEXT, ["not-a-real-one"]));
    // The selection covers the token, so that the other command can be run at once.
    await runCommand("KMS: Decrypt Selection");
    await editor.waitForText(TEXT);
    await editor.waitForSelection(/\(14 selected\)/);
  });

  test("the context menu encrypts, and decrypts the token around the cursor", async () => {
    const { editor, page } = window();
    await editor.select("gateway");
    await window().contextMenu("Encrypt Selection");
    await editor.waitForText(like(TEXT, ["gateway"]));
    await page.keyboard.press("ArrowLeft");
    for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowRight");
    await window().contextMenu("Decrypt Selection");
    await editor.waitForText(TEXT);
  });

  test("three selections, emoji and right-to-left text go and come back together", async () => {
    const { editor, runCommand } = bound();
    await editor.selectWord("زهراء");
    await editor.addSelection("not-a-real-one");
    await editor.addSelection("😀👩‍👩‍👧 Zoë");
    await runCommand("KMS: Encrypt Selection");
    await editor.waitForText(like(TEXT, ["not-a-real-one", "😀👩‍👩‍👧 Zoë", "زهراء"]));
    await runCommand("KMS: Decrypt Selection");
    await editor.waitForText(TEXT);
    await editor.undo();
    await editor.waitForText(like(TEXT, ["not-a-real-one", "😀👩‍👩‍👧 Zoë", "زهراء"]));
    await editor.undo();
    await editor.waitForText(TEXT);
  });

  test("a column selection becomes one token a line", async () => {
    const { editor, runCommand } = bound();
    await editor.selectColumns("first", "third");
    await runCommand("KMS: Encrypt Selection");
    await editor.waitForText(like(TEXT, ["first", "other", "third"]));
    await editor.undo();
    await editor.waitForText(TEXT);
  });

  test("encrypting a token asks first", async () => {
    const { editor, runCommand } = bound();
    await editor.select("gateway");
    await runCommand("KMS: Encrypt Selection");
    const once = await editor.waitForText(like(TEXT, ["gateway"]));
    await runCommand("KMS: Encrypt Selection");
    assert.match(await window().dialog.text(), /encrypted already/);
    await window().dialog.click("Cancel");
    assert.equal(await editor.text(), once);
    await editor.undo();
    await editor.waitForText(TEXT);
  });

  test("what alice encrypted, bob cannot decrypt; alice can", async () => {
    const { editor, runCommand } = bound();
    await editor.select("gateway");
    await runCommand("KMS: Encrypt Selection");
    const encrypted = await editor.waitForText(like(TEXT, ["gateway"]));
    await window().statusItem().click();
    await window().quickInput.choose("bob");
    await window().statusItem().waitForText("sandbox · bob");
    await runCommand("KMS: Decrypt Selection");
    const toast = await window().toast("as bob");
    assert.match(await toast.text(), /encrypted for another identity/);
    assert.equal(await editor.text(), encrypted);
    await window().clearToasts();
    await window().statusItem().click();
    await window().quickInput.choose("alice");
    await window().statusItem().waitForText("sandbox · alice");
    await runCommand("KMS: Decrypt Selection");
    await editor.waitForText(TEXT);
  });

  test("decrypting what is no token says so", async () => {
    const { editor, runCommand } = bound();
    await editor.select("gateway");
    await runCommand("KMS: Decrypt Selection");
    await window().toast("not a token");
    assert.equal(await editor.text(), TEXT);
    await window().clearToasts();
  });

  test("an empty file says what to select", async () => {
    await window().openFile("empty.txt");
    await window().runCommand("KMS: Encrypt Selection");
    await window().toast("nothing is selected");
    await window().clearToasts();
    await window().runCommand("KMS: Decrypt Selection");
    await window().toast("no token at the cursor");
    await window().clearToasts();
  });

  test("lines that end in CRLF come back byte for byte", async () => {
    const { editor, runCommand } = bound();
    await window().openFile("windows.ini");
    await editor.selectAll();
    await runCommand("KMS: Encrypt Selection");
    await editor.waitForText(new RegExp(`^${TOKEN}\n$`));
    await editor.save();
    await until(
      () => readFileSync(join(work.path, "windows.ini"), "utf8"),
      (text) => new RegExp(`^${TOKEN}\r\n$`).test(text),
    );
    await runCommand("KMS: Decrypt Selection");
    await editor.waitForText("one\ntwo\nthree\n");
    await editor.save();
    await until(
      () => readFileSync(join(work.path, "windows.ini"), "utf8"),
      (text) => text === "one\r\ntwo\r\nthree\r\n",
    );
  });

  function bound(): {
    editor: ReturnType<typeof window>["editor"];
    runCommand: (title: string) => Promise<void>;
  } {
    const workbench = window();
    return { editor: workbench.editor, runCommand: (title) => workbench.runCommand(title) };
  }
});

/** The text with each of these parts replaced by a token. */
function like(text: string, parts: readonly string[]): RegExp {
  let pattern = escape(text);
  for (const part of parts) pattern = pattern.replace(escape(part), () => TOKEN);
  return new RegExp(`^${pattern}$`);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
