/** Edit Secret: a text is changed in a box or a panel, and only its token changes in the document. */
import assert from "node:assert/strict";
import { afterEach } from "mocha";
import { awsErrors, failWith } from "../support/kmsServer";
import { EditPage } from "./editPage";
import { useKmsWindow } from "./kmsWindow";
import { until } from "./until";

suite("Editing a secret", () => {
  let tokens: string[] = [];
  const { window, server } = useKmsWindow(async (encrypt) => {
    tokens = await Promise.all([encrypt("hunter2"), encrypt("one\r\ntwo")]);
    return { "secrets.env": `ONE="${tokens[0]}"\nTWO=ENC[KMS,${tokens[1]}]\n` };
  });
  const original = (): string => `ONE="${tokens[0]}"\nTWO=ENC[KMS,${tokens[1]}]\n`;
  const requests = (): string[] => server().requests.map(({ operation }) => operation);
  const sent = (): unknown => {
    const input = server().requests.findLast(({ operation }) => operation === "Encrypt")?.input;
    return [Buffer.from(String(input?.Plaintext), "base64").toString(), input?.EncryptionContext];
  };
  const edit = async (line: number): Promise<void> => {
    await window().editor.putCursorAtEnd(line);
    await window().editor.press("ArrowLeft");
    await window().editor.press("ArrowLeft");
    await window().runCommand("KMS: Edit Secret…");
  };
  const openBox = async (): Promise<void> => {
    await edit(1);
    await until(
      () => window().quickInput.value(),
      (value) => value === "hunter2",
      "the box to hold the secret",
    );
  };
  const openPanel = async (): Promise<EditPage> => {
    await edit(2);
    const page = new EditPage(window());
    await page.shows("one\ntwo");
    return page;
  };
  /** The editor beside the panel, below its lines, which may be longer than the editor is wide. */
  const clickDocument = (): Promise<void> =>
    window()
      .page.locator(".editor-group-container")
      .first()
      .locator(".monaco-editor")
      .first()
      .click({ position: { x: 150, y: 300 } });
  /** After a test's use of the palette, VS Code gives the focus back to the panel, and may do so late. */
  const leave = (page: EditPage): Promise<boolean> =>
    until(
      async () => {
        await clickDocument();
        await page.covered(2000);
        return true;
      },
      (isCovered) => isCovered,
      "the panel to hide its text",
    );
  /** The same is said in a toast, which comes later, and lies over the buttons. */
  const clearToast = async (words: RegExp): Promise<void> => {
    await window().toast(words);
    await window().clearToasts();
  };
  const undone = async (): Promise<void> => {
    await window().editor.undo();
    await window().editor.waitForText(original());
  };

  afterEach(async () => {
    server().fail(undefined);
    await window().quickInput.escape();
    await window().clearToasts();
    assert.equal(await window().page.locator(".tab", { hasText: "Edit Secret" }).count(), 0);
    assert.equal(await window().editor.text(), original());
  });

  test("one of one line is masked in a box, and its token is replaced in one undo, quotes and all", async () => {
    const { quickInput, editor } = window();
    await openBox();
    assert.equal(await quickInput.isMasked(), true);
    await quickInput.fill("hunter3 ");
    await quickInput.accept();
    const text = await editor.waitForText((now) => now !== original());
    assert.match(text, /^ONE="[A-Za-z0-9+/=]{60,}"\nTWO=ENC/);
    assert.deepEqual(sent(), ["hunter3 ", { identity: "alice" }]);
    await undone();
  });

  test("one that is left as it was keeps its token, and no request is made", async () => {
    await openBox();
    const count = requests().length;
    await window().quickInput.accept();
    await window().quickInput.hidden();
    assert.equal(requests().length, count);
  });

  test("the eye shows what is typed; the next box holds nothing of it", async () => {
    const { quickInput, page } = window();
    await openBox();
    await page.locator(".quick-input-widget .action-label.codicon-eye").click();
    await until(
      () => quickInput.isMasked(),
      (isMasked) => !isMasked,
      "the text to be shown",
    );
    await quickInput.accept();
    await quickInput.hidden();
    await quickInput.open("F1");
    await page.keyboard.press("Control+z");
    assert.equal(await quickInput.value(), ">");
  });

  test("a failure keeps the box and what was typed, and Enter tries again", async () => {
    const { quickInput, editor } = window();
    await openBox();
    server().fail(() => failWith(awsErrors.accessDenied("alice", "kms:Encrypt", server().arn("alias/app"))));
    await quickInput.fill("typed once");
    await quickInput.accept();
    await window().toast("Can't encrypt");
    await until(
      () => quickInput.message(),
      (message) => message.includes("Can't encrypt"),
      "the reason in the box",
    );
    assert.equal(await quickInput.value(), "typed once");
    server().fail(undefined);
    await quickInput.accept();
    await editor.waitForText((now) => now !== original());
    assert.deepEqual(sent(), ["typed once", { identity: "alice" }]);
    await undone();
  });

  test("one of several lines is edited in a panel, and its line breaks come back", async () => {
    const { editor } = window();
    const page = await openPanel();
    await page.text.fill("one\nthree\n");
    await page.click("Encrypt and Replace");
    await page.closed();
    const text = await editor.waitForText((now) => now !== original());
    assert.match(text, /^ONE="[^"]+"\nTWO=ENC\[KMS,[A-Za-z0-9+/=]{60,}\]\n$/);
    assert.deepEqual(sent(), ["one\r\nthree\r\n", { identity: "alice" }]);
    await undone();
  });

  test("the panel that is left as it was keeps the token, and Cancel does so too", async () => {
    const count = requests().length;
    const page = await openPanel();
    await page.click("Encrypt and Replace");
    await page.closed();
    const other = await openPanel();
    await other.text.fill("never saved");
    await other.click("Cancel");
    await other.closed();
    assert.deepEqual(requests().slice(count), ["Decrypt", "Decrypt"]);
  });

  test("when its token is gone, nothing is written, and the text is there to be copied", async () => {
    const { editor } = window();
    const page = await openPanel();
    await page.text.fill("of no use\nbut kept");
    const count = requests().length;
    await leave(page);
    await editor.putCursorAtEnd(2);
    await editor.press("ArrowLeft");
    await editor.type("x");
    await editor.waitForText((now) => now !== original());
    const changed = await editor.text();
    await page.show();
    await page.click("Encrypt and Replace");
    await page.says(/the text changed in the meantime, so nothing was written/);
    await clearToast(/the text changed in the meantime/);
    await leave(page);
    await page.show();
    await page.shows("of no use\nbut kept");
    await page.says(/the text changed in the meantime/);
    await page.click("Cancel");
    await page.closed();
    assert.equal(await editor.text(), changed);
    assert.equal(requests().length, count);
    await undone();
  });

  test("an edit elsewhere in the document does not disturb it", async () => {
    const { editor } = window();
    const page = await openPanel();
    await page.text.fill("moved");
    await leave(page);
    await editor.press("Control+Home");
    await editor.type("#");
    await editor.waitForText(`#${original()}`);
    await page.show();
    await page.click("Encrypt and Replace");
    await page.closed();
    await editor.waitForText(
      (now) => now.startsWith(`#ONE="${tokens[0]}"\nTWO=ENC[KMS,`) && now !== `#${original()}`,
    );
    await editor.undo();
    await editor.waitForText(`#${original()}`);
    await undone();
  });

  test("the panel hides the text when it loses the focus, and gives back what was typed", async () => {
    const page = await openPanel();
    await page.text.fill("half\ndone");
    await leave(page);
    await page.shows("");
    assert.equal(await page.text.isVisible(), false);
    await page.show();
    await page.shows("half\ndone");
    await page.click("Cancel");
    await page.closed();
  });

  test("the panel goes on showing the text when the focus is away for a moment only", async () => {
    const page = await openPanel();
    const isShown = page.text.evaluate(async (field) => {
      const passed = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
      globalThis.dispatchEvent(new Event("blur"));
      // Longer than the page waits.
      await passed(300);
      return (field as HTMLTextAreaElement).value;
    });
    assert.equal(await isShown, "one\ntwo");
    await page.click("Cancel");
    await page.closed();
  });

  for (const { title, awayMs, isShown } of [
    {
      title: "the panel shows the text again when VS Code gives the focus back late",
      awayMs: 0,
      isShown: true,
    },
    { title: "the panel keeps it hidden when a person comes back", awayMs: 60_000, isShown: false },
  ]) {
    test(title, async () => {
      const page = await openPanel();
      await page.text.evaluate(() => {
        document.hasFocus = () => false;
        globalThis.dispatchEvent(new Event("blur"));
      });
      await page.covered();
      await page.text.evaluate(async (_, ms) => {
        document.hasFocus = () => true;
        const now = performance.now.bind(performance);
        performance.now = () => now() + ms;
        globalThis.dispatchEvent(new Event("focus"));
        // Longer than the page waits.
        await new Promise((resolve) => setTimeout(resolve, 300));
      }, awayMs);
      if (isShown) await page.shows("one\ntwo");
      else assert.equal(await page.text.isVisible(), false);
      await page.click("Cancel");
      await page.closed();
    });
  }

  test("behind another tab the panel has no text, and back in view it gives back what was typed", async () => {
    const page = await openPanel();
    await page.text.fill("half\ndone");
    await window().runCommand("File: New Untitled Text File");
    await page.frame.locator("textarea").waitFor({ state: "detached" });
    await window().runCommand("View: Close Editor");
    await page.show();
    await page.shows("half\ndone");
    await page.click("Cancel");
    await page.closed();
  });

  test("another identity does not get it: what was typed is kept, and saved once alice is back", async () => {
    const { editor, quickInput } = window();
    const switchTo = async (name: string): Promise<void> => {
      await window().statusItem().click();
      await quickInput.choose(name);
      await window().statusItem().waitForText(name);
    };
    const page = await openPanel();
    await page.text.fill("alice's");
    await switchTo("bob");
    await leave(page);
    await page.show();
    await page.click("Encrypt and Replace");
    await page.says(/began with identity=alice, and you encrypt with identity=bob now/);
    await clearToast(/began with identity=alice/);
    await switchTo("alice");
    await leave(page);
    await page.show();
    await page.click("Encrypt and Replace");
    await page.closed();
    await editor.waitForText((now) => now !== original());
    assert.deepEqual(sent(), ["alice's", { identity: "alice" }]);
    await undone();
  });

  test("the panel's page may load nothing and send nothing", async () => {
    const page = await openPanel();
    const policy = await page.frame
      .locator('meta[http-equiv="Content-Security-Policy"]')
      .getAttribute("content", { timeout: 5000 });
    assert.match(
      policy ?? "",
      /^default-src 'none'; style-src 'nonce-[^']+'; script-src 'nonce-[^']+'; base-uri 'none'; form-action 'none'$/,
    );
    await page.click("Cancel");
    await page.closed();
  });

  test("a panel does not come back after a reload", async () => {
    const page = await openPanel();
    await page.text.fill("gone");
    await window().reload();
    await window().editor.waitForText(original());
    await page.closed();
  });
});
