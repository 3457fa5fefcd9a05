/** Text that was decrypted in place, as a person sees and saves it; also where VS Code shows it again after a reload or a crash. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { filesWith } from "../support/filesWith";
import { useKmsWindow } from "./kmsWindow";
import { until } from "./until";
import { keyItem, Workbench } from "./workbench";

const COUNT = "kms-selection.kms-selection.kmsSelection.unsealed";
const NAME = "two.env";
const PLAIN = "# note\nONE=first secret\nTWO=2\n";

suite("Decrypted values in a window", () => {
  const { window, server, folder } = useKmsWindow(async (encrypt) => ({
    [NAME]: `# note\nONE=${await encrypt("first secret")}\nTWO=${await encrypt("2")}\n`,
    "more.env": `THREE=${await encrypt("3")}\n`,
  }));
  const onDisk = (): string => readFileSync(join(folder, NAME), "utf8");
  let original = "";

  const decryptAll = async (): Promise<void> => {
    original = onDisk();
    await window().runCommand("KMS: Decrypt All in File");
    await window().editor.waitForText(PLAIN);
    await countIs(window(), 2);
  };
  /** VS Code makes it a second after the last change. On the desktop a reload waits for it; in a browser it does not. */
  const backup = (text: string): Promise<string[]> =>
    until(
      () => filesWith(window().code.data, text).filter((file) => file.includes("/Backups/")),
      (files) => files.length > 0,
      `a backup with "${text}"`,
    );

  async function countIs(workbench: Workbench, count: number): Promise<void> {
    await workbench.statusItem(COUNT).waitForText(String(count));
    const marks = workbench.page.locator(".editor-group-container.active .view-overlays .cdr[class*=ced-]");
    await until(
      () => marks.count(),
      (found) => found >= count,
      `${count} marks`,
    );
  }

  /** Saves without a request: the file is as it was. */
  async function savesTokens(workbench: Workbench): Promise<void> {
    const requests = server().requests.length;
    await workbench.editor.save();
    assert.equal(onDisk(), original);
    await workbench.editor.waitForText(original);
    await workbench.statusItem(COUNT).gone();
    assert.equal(server().requests.length, requests);
  }

  const item = () => window().statusItem(COUNT);

  test("are marked, counted on the colour of warnings, and sealed by Seal All; undo brings them back", async () => {
    await decryptAll();
    const classes = await window().page.locator(`.statusbar-item[id="${COUNT}"]`).getAttribute("class");
    assert.match(classes ?? "", /warning-kind/);
    assert.match((await item().label()) ?? "", /2 decrypted values are readable, two\.env: 2/);
    await window().runCommand("KMS: Seal All");
    await window().editor.waitForText(original);
    await item().gone();
    await window().editor.undo();
    await window().editor.waitForText(PLAIN);
    await countIs(window(), 2);
  });

  test("the menu behind the count goes to a value, and seals one file or all", async () => {
    const { editor, page, quickInput } = window();
    await window().openFile("more.env");
    const more = await editor.text();
    await window().runCommand("KMS: Decrypt All in File");
    await editor.waitForText("THREE=3\n");
    await item().waitForText("3");
    await item().click();
    const rows = await quickInput.waitForRows();
    assert.deepEqual(
      rows.filter((row) => row.startsWith("Seal All")),
      ["Seal All in All Files, 3", "Seal All in two.env, 2, two.env", "Seal All in more.env, 1, more.env"],
    );
    await quickInput.choose("Go to line 3");
    await page.locator(`.tab.active[data-resource-name="${NAME}"]`).waitFor();
    await editor.waitForSelection(/^Ln 3, Col 5/);
    await item().click();
    await quickInput.choose("Seal All in more.env");
    await item().waitForText("2");
    await window().openFile("more.env");
    assert.equal(await editor.text(), more);
    await editor.undo();
    await item().waitForText("3");
    await item().click();
    await quickInput.choose("Seal All in All Files");
    await item().gone();
    assert.equal(await editor.text(), more);
    await editor.save();
    await window().runCommand("View: Close Editor");
    await editor.waitForText(original);
    await editor.undo();
    await editor.waitForText(PLAIN);
    await countIs(window(), 2);
  });

  test("the first save that seals says so, and offers to keep the file unsealed", async () => {
    const { editor, quickInput } = window();
    await savesTokens(window());
    const toast = await window().toast("The save sealed 2 decrypted values: the file has tokens, as before.");
    await editor.undo();
    await editor.waitForText(PLAIN);
    await toast.click("Keep This File Unsealed");
    await editor.type("# ");
    await editor.save();
    assert.equal(onDisk(), await editor.text());
    assert.match(onDisk(), /ONE=first secret/);
    await item().click();
    await quickInput.choose("Seal two.env on Save Again");
    await editor.press("Backspace");
    await editor.press("Backspace");
    await editor.waitForText(PLAIN);
    await savesTokens(window());
    const toasts = await window().toasts();
    assert.ok(!toasts.some(({ text }) => text.includes("The save sealed")));
  });

  test("Save As writes tokens into the new file, and leaves the old one as it was", async () => {
    const { editor, quickInput } = window();
    await decryptAll();
    await window().runCommand("File: Save As...");
    // The dialog fills itself in first.
    await until(
      () => quickInput.value(),
      (path) => path === join(folder, NAME),
      "the dialog to offer the old name",
    );
    await quickInput.fill(join(folder, "copy.env"));
    await quickInput.accept();
    await until(
      () => (existsSync(join(folder, "copy.env")) ? readFileSync(join(folder, "copy.env"), "utf8") : ""),
      (text) => text === original,
      "the tokens in the new file",
    );
    await editor.waitForText(original);
    assert.equal(onDisk(), original);
    assert.deepEqual(filesWith(folder, "first secret"), []);
    await window().runCommand("View: Close Editor");
    await window().openFile(NAME);
    await window().clearToasts();
  });

  const edit = async (): Promise<string> => {
    await decryptAll();
    server().fail(() => ({ destroy: "before" }));
    await window().editor.putCursorAtEnd(2);
    await window().editor.type("-edited");
    return window().editor.waitForText(PLAIN.replace("secret", "secret-edited"));
  };
  const isSaved = (): Promise<string> =>
    until(onDisk, (text) => text !== original && !text.includes("secret"), "the edit to be saved, sealed");
  const takeBack = async (edited: string): Promise<void> => {
    await window().runCommand("KMS: Decrypt All in File");
    await window().editor.waitForText(edited);
    await window().editor.select("-edited");
    await window().editor.press("Delete");
    await window().editor.save();
    await window().clearToasts();
  };

  test("an edit that cannot be encrypted stays in the window, marked; the file gets the old token, and later the new one", async () => {
    const edited = await edit();
    await window().editor.press(`${window().editor.modifier}+s`);
    const toast = await window().toast(
      /two\.env was saved with the old tokens of 1 edited value\. .* The edited text is in the editor, unsaved\./,
    );
    assert.equal(onDisk(), original);
    await window().editor.waitForText(
      (text) =>
        text.includes("ONE=first secret-edited\nTWO=AQ") ||
        text.includes("ONE=first secret-edited\nTWO=SANDBOX"),
    );
    await countIs(window(), 1);
    server().fail(undefined);
    await toast.click("Encrypt and Save");
    await isSaved();
    await takeBack(edited);
  });

  test("an edit that cannot be encrypted comes back when its tab was closed with Save", async () => {
    const edited = await edit();
    await window().runCommand("View: Close Editor");
    await window().dialog.click("Save");
    const toast = await window().toast(/was saved with the old tokens of 1 edited value/);
    await window().editor.waitForText(/ONE=first secret-edited\n/);
    assert.equal(onDisk(), original);
    await countIs(window(), 1);
    server().fail(undefined);
    await toast.click("Encrypt and Save");
    await isSaved();
    await takeBack(edited);
  });

  test("after a reload they are marked and counted, and a save writes their tokens", async () => {
    await decryptAll();
    await backup("first secret");
    await window().reload();
    await window().editor.waitForText(PLAIN);
    await countIs(window(), 2);
    await savesTokens(window());
  });

  test("where they were edited before the reload, a save writes the new token", async () => {
    await decryptAll();
    const { editor } = window();
    await editor.putCursorAtEnd(2);
    await editor.type("-edited");
    await backup("first secret-edited");
    await window().reload();
    const edited = PLAIN.replace("secret", "secret-edited");
    await editor.waitForText(edited);
    await countIs(window(), 2);
    await editor.save();
    const saved = onDisk().split("\n");
    assert.match(saved[1] ?? "", /^ONE=[A-Za-z0-9+/=]{60,}$/);
    assert.notEqual(saved[1], original.split("\n")[1]);
    assert.equal(saved[2], original.split("\n")[2]);
    await window().runCommand("KMS: Decrypt All in File");
    await editor.waitForText(edited);
    await editor.select("-edited");
    await editor.press("Delete");
    await editor.waitForText(PLAIN);
    await editor.save();
  });

  const IN_CLEAR = "two.env has 2 decrypted values in clear on the disk";

  test("what was saved in clear before any extension had started is told, and Seal and Save writes tokens", async () => {
    await decryptAll();
    const backups = await backup("first secret");
    const { code, page } = window();
    await page.goto("about:blank");
    for (const file of backups) rmSync(file);
    writeFileSync(join(folder, NAME), PLAIN);
    await page.goto(code.url ?? "");
    await window().ready();
    const toast = await window().toast(IN_CLEAR);
    await countIs(window(), 2);
    await toast.click("Seal and Save");
    await until(onDisk, (text) => text === original, "the tokens to be saved");
    await item().gone();
  });

  test("saves while the window loads write tokens, or the person is told", async () => {
    await decryptAll();
    await backup("first secret");
    const { editor, page } = window();
    await page.reload({ waitUntil: "commit" });
    await page.locator(".view-line", { hasText: "first secret" }).first().waitFor();
    const isStarted = (): Promise<boolean> => page.locator(`.statusbar-item[id="${keyItem}"]`).isVisible();
    while (!(await isStarted())) await page.keyboard.press(`${editor.modifier}+s`);
    const isTold = async (): Promise<boolean> =>
      (await window().toasts()).some(({ text }) => text.includes(IN_CLEAR));
    await until(
      async () => onDisk() === original || (await isTold()),
      (isSafe) => isSafe,
      "tokens on the disk, or a message",
    );
    if (onDisk() === original) await editor.save();
    else await (await window().toast(IN_CLEAR)).click("Seal and Save");
    await until(onDisk, (text) => text === original, "the tokens to be saved");
    await item().gone();
  });

  test("after the extensions' process was killed they are marked and counted, and a save writes their tokens", async () => {
    await decryptAll();
    await backup("first secret");
    const launched = (): string[] =>
      [
        ...window()
          .code.log()
          .matchAll(/<(\d+)> Launched Extension Host/g),
      ].map(([, id = ""]) => id);
    const before = launched();
    process.kill(Number(before.at(-1)), "SIGKILL");
    await window().statusItem(COUNT).gone();
    await countIs(window(), 2);
    assert.ok(launched().length > before.length);
    await savesTokens(window());
  });

  test("where nobody knows them any more the person is told before a save, and sees which they are", async () => {
    await decryptAll();
    await backup("first secret");
    // The secret storage of the browser, with the key of the record.
    await window().page.evaluate(() => {
      localStorage.removeItem("secrets.provider");
    });
    await window().reload();
    const toast = await window().toast(/two\.env has unsaved text in which 2 values had been decrypted/);
    await toast.click("Compare with Saved");
    await window().page.locator(".monaco-diff-editor").waitFor();
    await window().runCommand("View: Close Editor");
    await window().editor.waitForText(PLAIN);
    await window().runCommand("File: Revert File");
    await window().editor.waitForText(original);
  });

  test("after a crash of the window they are marked and counted, and a save writes their tokens", async () => {
    await decryptAll();
    await backup("first secret");
    const { code, page } = window();
    await page.goto("chrome://crash").catch(() => undefined);
    const next = await page.context().newPage();
    await next.goto(code.url ?? "");
    const workbench = new Workbench({ ...code, page: next });
    await workbench.ready();
    await workbench.editor.waitForText(PLAIN);
    await countIs(workbench, 2);
    await savesTokens(workbench);
  });
});

suite("With auto save after a delay", () => {
  const { window, server, folder } = useKmsWindow(
    async (encrypt) => ({ [NAME]: `ONE=${await encrypt("first secret")}\n` }),
    { settings: { "files.autoSave": "afterDelay" } },
  );
  const onDisk = (): string => readFileSync(join(folder, NAME), "utf8");
  const asked = "Auto save after a delay is on: what is decrypted in two.env would be sealed";

  test("what is decrypted would be sealed at once: the person is asked before it is there", async () => {
    const { editor } = window();
    const original = onDisk();
    await window().runCommand("KMS: Decrypt All in File");
    const toast = await window().toast(asked);
    assert.deepEqual(server().requests.slice(1), []);
    await toast.dismiss();
    assert.equal(await editor.text(), original);
    await window().runCommand("KMS: Decrypt All in File");
    await (await window().toast(asked)).click("Turn Off Auto Save");
    await editor.waitForText("ONE=first secret\n");
    await window().statusItem(COUNT).waitForText("1");
    // Later than an auto save would be.
    await until(
      () => filesWith(window().code.data, "first secret").filter((file) => file.includes("/Backups/")),
      (found) => found.length > 0,
      "a backup",
    );
    assert.equal(onDisk(), original);
    await editor.save();
    assert.equal(onDisk(), original);
  });

  test("that is turned on later, what is decrypted is sealed, and the person is told how it stays", async () => {
    const { editor } = window();
    const original = onDisk();
    await window().runCommand("KMS: Decrypt All in File");
    const isAsked = async (): Promise<boolean> =>
      (await window().toasts()).some(({ text }) => text.includes(asked));
    await until(
      async () => (await isAsked()) || (await editor.text()) !== original,
      (isDone) => isDone,
      "a question, or the text",
    );
    if (await isAsked()) await (await window().toast(asked)).click("Turn Off Auto Save");
    await editor.waitForText("ONE=first secret\n");
    await window().runCommand("File: Toggle Auto Save");
    const toast = await window().toast("Auto save sealed 1 decrypted value in two.env.");
    await editor.waitForText(original);
    assert.equal(onDisk(), original);
    await toast.click("Turn Off Auto Save");
    await until(
      () => filesWith(window().code.data, '"files.autoSave": "off"'),
      (found) => found.some((path) => path.endsWith("/User/settings.json")),
      "auto save to be turned off",
    );
    await editor.undo();
    await editor.waitForText("ONE=first secret\n");
    await window().statusItem(COUNT).waitForText("1");
    await editor.save();
    assert.equal(onDisk(), original);
  });
});

suite("With seal on save set to warn", () => {
  const { window, folder } = useKmsWindow(
    async (encrypt) => ({ [NAME]: `ONE=${await encrypt("first secret")}\n` }),
    { settings: { "kmsSelection.sealOnSave": "warn" } },
  );
  const onDisk = (): string => readFileSync(join(folder, NAME), "utf8");

  test("a save writes what is decrypted and says so; Seal and Save writes the token again", async () => {
    const { editor } = window();
    const original = onDisk();
    await window().runCommand("KMS: Decrypt All in File");
    await editor.waitForText("ONE=first secret\n");
    await editor.save();
    assert.equal(onDisk(), "ONE=first secret\n");
    const toast = await window().toast("two.env was saved with 1 decrypted value in clear.");
    await window().statusItem(COUNT).waitForText("1");
    await toast.click("Seal and Save");
    await until(onDisk, (text) => text === original, "the token to be saved");
    await window().statusItem(COUNT).gone();
    assert.equal(await editor.text(), original);
  });
});
