/** Reveal Secret: a text is in sight for a moment, beside its token, and in no document. */
import assert from "node:assert/strict";
import { afterEach } from "mocha";
import { useKmsWindow } from "./kmsWindow";
import { revealed, waitForRevealed } from "./revealed";

const SECRETS = ["first secret", "two\nlines", `it's "quoted" \\ {0}`];

suite("Revealing secrets", () => {
  const { window, server } = useKmsWindow(
    async (encrypt) => {
      const tokens = await Promise.all(SECRETS.map((text) => encrypt(text)));
      const lines = [
        ...tokens.map((token, n) => `KEY_${n}="${token}"`),
        `LAST=ENC[KMS,${await encrypt("bob's", "bob")}]`,
      ];
      return { "secrets.env": `${lines.join("\n")}\n`, "other.txt": "nothing here\n" };
    },
    { settings: { "kmsSelection.revealSeconds": 600 } },
  );
  const reveal = (): Promise<void> => window().runCommand("KMS: Reveal Secret");
  const hide = async (): Promise<void> => {
    await window().runCommand("KMS: Hide Secrets");
    await waitForRevealed(window(), []);
  };
  /** Tokens begin alike. */
  const cursorIn = async (n: number): Promise<void> => {
    const { editor } = window();
    const before = `KEY_${n}="`;
    // By keys alone: lines above tokens may come while the mouse is on its way.
    await editor.press(`${editor.modifier}+Home`);
    for (let i = 0; i < n; i++) await editor.press("ArrowDown");
    for (let i = 0; i <= before.length; i++) await editor.press("ArrowRight");
    await editor.waitForSelection(new RegExp(`Col ${before.length + 2}$`));
  };

  afterEach(async () => {
    await window().clearToasts();
    if ((await revealed(window())).length > 0) await hide();
  });

  test("the token at the cursor is shown, and the document stays as it is", async () => {
    const { editor } = window();
    const text = await editor.text();
    await cursorIn(0);
    await reveal();
    await waitForRevealed(window(), ["first\u00a0secret"]);
    assert.equal(await editor.text(), text);
    assert.equal(await window().page.locator(".tab.dirty").count(), 0);
    await hide();
  });

  test("those at several cursors are shown by one command, with lines and quotes on one line each", async () => {
    const { editor } = window();
    await cursorIn(0);
    await editor.addCursorsBelow(2);
    await reveal();
    await waitForRevealed(window(), [
      "first\u00a0secret",
      "two↵lines",
      `it's\u00a0"quoted"\u00a0\\\u00a0{0}`,
    ]);
  });

  test("all in sight are shown, and the message says whose the others are", async () => {
    const count = server().requests.length;
    await window().editor.putCursor("KEY_0");
    await window().runCommand("KMS: Reveal All Visible Secrets");
    await window().toast("3 revealed, 1 not readable as you are now");
    await waitForRevealed(window(), [
      "first\u00a0secret",
      "two↵lines",
      `it's\u00a0"quoted"\u00a0\\\u00a0{0}`,
    ]);
    assert.equal(server().requests.length, count + 4);
  });

  test("an edit of a token hides its text, and an edit elsewhere does not", async () => {
    const { editor } = window();
    await window().runCommand("KMS: Reveal All Visible Secrets");
    await waitForRevealed(window(), [
      "first\u00a0secret",
      "two↵lines",
      `it's\u00a0"quoted"\u00a0\\\u00a0{0}`,
    ]);
    await editor.putCursor("KEY_1");
    await editor.type("#");
    await editor.waitForText(/#KEY_1/);
    await editor.press("End");
    await editor.press("ArrowLeft");
    await editor.press("ArrowLeft");
    await editor.type("x");
    await waitForRevealed(window(), ["first\u00a0secret", `it's\u00a0"quoted"\u00a0\\\u00a0{0}`]);
    await editor.undo();
    await editor.undo();
    await editor.waitForText(/^KEY_0="[^"]+"\nKEY_1=/);
  });

  test("it is shown in both halves of a split editor, and hidden in both", async () => {
    const { page } = window();
    await window().runCommand("View: Split Editor Down");
    await page.locator(".editor-group-container").nth(1).waitFor();
    await cursorIn(0);
    await reveal();
    await waitForRevealed(window(), ["first\u00a0secret", "first\u00a0secret"]);
    await hide();
    await window().runCommand("View: Close Editor");
    await page.locator(".editor-group-container").nth(1).waitFor({ state: "detached" });
  });

  test("a second half shows it as well, when it is opened later", async () => {
    const { page } = window();
    await cursorIn(0);
    await reveal();
    await waitForRevealed(window(), ["first\u00a0secret"]);
    await window().runCommand("View: Split Editor Down");
    await waitForRevealed(window(), ["first\u00a0secret", "first\u00a0secret"]);
    await window().runCommand("View: Close Editor");
    await page.locator(".editor-group-container").nth(1).waitFor({ state: "detached" });
  });

  test("it is hidden when its editor goes out of view, and stays so", async () => {
    const { editor } = window();
    await cursorIn(0);
    await reveal();
    await waitForRevealed(window(), ["first\u00a0secret"]);
    await window().openFile("other.txt");
    await window().openFile("secrets.env");
    await editor.waitForText(/^KEY_0/);
    await waitForRevealed(window(), []);
  });

  test("it is hidden when the window loses the focus", async () => {
    const { page } = window();
    await cursorIn(0);
    await reveal();
    await waitForRevealed(window(), ["first\u00a0secret"]);
    await page.evaluate(() => {
      Object.defineProperty(document, "hasFocus", { value: () => false, configurable: true });
      globalThis.dispatchEvent(new Event("blur"));
    });
    await waitForRevealed(window(), []);
    await page.evaluate(() => {
      Reflect.deleteProperty(document, "hasFocus");
      globalThis.dispatchEvent(new Event("focus"));
    });
  });

  test("it is hidden when the identity is switched, and what alice may see is not shown to bob", async () => {
    const { quickInput } = window();
    const switchTo = async (name: string): Promise<void> => {
      await window().statusItem().click();
      await quickInput.choose(name);
      await window().statusItem().waitForText(name);
    };
    await cursorIn(0);
    await reveal();
    await waitForRevealed(window(), ["first\u00a0secret"]);
    await switchTo("bob");
    await waitForRevealed(window(), []);
    await reveal();
    await window().toast("Can't decrypt: not readable as identity bob");
    assert.deepEqual(await revealed(window()), []);
    await switchTo("alice");
  });

  test("where there is no token, the message says so and nothing is asked for", async () => {
    const count = server().requests.length;
    await window().editor.putCursor("KEY_0");
    await reveal();
    await window().toast("there is no token at the cursor");
    assert.equal(server().requests.length, count);
  });

  test("Hide Secrets is offered while something is shown", async () => {
    const offered = async (): Promise<boolean> =>
      (await window().commandsFor("KMS: Hide")).some((row) => row.startsWith("KMS: Hide Secrets"));
    assert.equal(await offered(), false);
    await cursorIn(0);
    await reveal();
    await waitForRevealed(window(), ["first\u00a0secret"]);
    assert.equal(await offered(), true);
  });

  test("a screen reader is told nothing of it", async () => {
    const { page } = window();
    await cursorIn(0);
    await reveal();
    await waitForRevealed(window(), ["first\u00a0secret"]);
    const session = await page.context().newCDPSession(page);
    const { nodes } = await session.send("Accessibility.getFullAXTree");
    await session.detach();
    const spoken = nodes.map(({ name, value }) => `${name?.value} ${value?.value}`).join("\n");
    assert.match(spoken, /alias\/app/);
    assert.doesNotMatch(spoken, /first.secret/);
  });
});

suite("A revealed secret", () => {
  const { window } = useKmsWindow(
    async (encrypt) => ({ "secrets.env": `KEY=${await encrypt("for a second")}\n` }),
    {
      settings: { "kmsSelection.revealSeconds": 1, "files.readonlyInclude": { "**/*.env": true } },
    },
  );

  test("is shown in a read-only editor, and hidden after the time that is set", async () => {
    await window().editor.putCursor("KEY");
    await window().editor.press("End");
    await window().runCommand("KMS: Reveal Secret");
    await waitForRevealed(window(), ["for\u00a0a\u00a0second"]);
    await waitForRevealed(window(), []);
  });
});
