/** Copy Secret: the clipboard holds the text for a while, and nothing else of it stays. */
import assert from "node:assert/strict";
import { useKmsWindow } from "./kmsWindow";
import { until } from "./until";

const SECRET = "copied secret\nof two lines";

suite("Copying a secret", () => {
  const { window } = useKmsWindow(
    async (encrypt) => ({
      "secrets.env": `ONE=${await encrypt(SECRET)}\nTWO=${await encrypt("another")}\n`,
    }),
    { settings: { "kmsSelection.clipboardSeconds": 5 } },
  );
  const clipboard = (): Promise<string> => window().page.evaluate(() => navigator.clipboard.readText());
  const write = (text: string): Promise<void> =>
    window().page.evaluate((wanted) => navigator.clipboard.writeText(wanted), text);
  const waitForClipboard = (text: string): Promise<string> =>
    until(clipboard, (found) => found === text, `the clipboard to hold "${text}"`);
  const copyFirst = async (): Promise<void> => {
    await window().editor.putCursorAtEnd(1);
    await window().runCommand("KMS: Copy Secret");
    await waitForClipboard(SECRET);
  };

  test("it is on the clipboard for the time that is set, and the message says so", async () => {
    const text = await window().editor.text();
    await copyFirst();
    await window().toast("Copied. It is taken from the clipboard in 5 seconds, if it is still there.");
    await waitForClipboard("");
    assert.equal(await window().editor.text(), text);
    await window().clearToasts();
  });

  test("what was copied in between stays", async () => {
    const { page, editor } = window();
    await copyFirst();
    await write("something else");
    const calls = await page.evaluateHandle(() => {
      const made: string[] = [];
      const { clipboard: real } = navigator;
      const readText = real.readText.bind(real);
      const writeText = real.writeText.bind(real);
      real.readText = () => (made.push("read"), readText());
      real.writeText = (text) => (made.push(`write "${text}"`), writeText(text));
      return made;
    });
    const made = (): Promise<string[]> => calls.jsonValue();
    await until(made, (found) => found.includes("read"), "the extension to look at the clipboard");
    // What comes next proves that nothing came of it.
    await editor.putCursorAtEnd(2);
    await window().runCommand("KMS: Copy Secret");
    await until(made, (found) => found.includes('write "another"'), "the next secret to be copied");
    assert.deepEqual(await made(), ["read", 'write "another"']);
    await waitForClipboard("");
    await window().clearToasts();
  });

  test("a second copy starts the time anew", async () => {
    await copyFirst();
    await window().editor.putCursorAtEnd(2);
    await window().runCommand("KMS: Copy Secret");
    await waitForClipboard("another");
    await waitForClipboard("");
    await window().clearToasts();
  });

  test("several secrets are copied one below the other", async () => {
    await window().editor.putCursorAtEnd(1);
    await window().editor.addCursorsBelow(1);
    await window().runCommand("KMS: Copy Secret");
    await waitForClipboard(`${SECRET}\nanother`);
    await waitForClipboard("");
  });
});
