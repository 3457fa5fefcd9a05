/** Insert Secret and Generate Secret in a window: at bare cursors, at several, in place of a selection. */
import assert from "node:assert/strict";
import { afterEach } from "mocha";
import { useKmsWindow } from "./kmsWindow";
import { until } from "./until";

const FILE = "ONE=\nTWO=\nTHREE=old\n";
const TOKEN = "[A-Za-z0-9+/=]{60,}";

suite("Secrets that are made here", () => {
  const { window, server } = useKmsWindow(() => Promise.resolve({ "secrets.env": FILE }));
  const encrypted = (): string[] =>
    server()
      .requests.filter(({ operation }) => operation === "Encrypt")
      .map(({ input }) => Buffer.from(String(input?.Plaintext), "base64").toString());
  const insert = async (text: string): Promise<void> => {
    await window().runCommand("KMS: Insert Secret…");
    await window().quickInput.fill(text);
    await window().quickInput.accept();
  };
  const generate = async (alphabet: string, length: string): Promise<void> => {
    await window().runCommand("KMS: Generate Secret…");
    await window().quickInput.choose(alphabet);
    await until(
      () => window().quickInput.value(),
      (value) => value === "32",
      "the box for the length",
    );
    await window().quickInput.fill(length);
    await window().quickInput.accept();
  };

  afterEach(async () => {
    await window().quickInput.escape();
    await window().clearToasts();
    // One undo brings everything back.
    if ((await window().editor.text()) !== FILE) await window().editor.undo();
    await window().editor.waitForText(FILE);
  });

  test("a secret is inserted at a bare cursor", async () => {
    await window().editor.putCursorAtEnd(1);
    await insert("inserted");
    await window().editor.waitForText(new RegExp(`^ONE=${TOKEN}\nTWO=\nTHREE=old\n$`));
    assert.deepEqual(encrypted().slice(-1), ["inserted"]);
  });

  test("a secret is inserted at several cursors, by one request", async () => {
    const count = encrypted().length;
    await window().editor.putCursorAtEnd(1);
    await window().editor.addCursorsBelow(1);
    await insert("for both");
    await window().editor.waitForText(new RegExp(`^ONE=(${TOKEN})\nTWO=\\1\nTHREE=old\n$`));
    assert.deepEqual(encrypted().slice(count), ["for both"]);
  });

  test("Enter on an empty box inserts nothing, and Escape does neither", async () => {
    const count = server().requests.length;
    await window().editor.putCursorAtEnd(1);
    await insert("");
    await window().quickInput.hidden();
    await window().runCommand("KMS: Insert Secret…");
    await window().quickInput.fill("never sent");
    await window().quickInput.escape();
    assert.equal(await window().editor.text(), FILE);
    assert.equal(server().requests.length, count);
  });

  test("a secret is generated in place of a selection, and can be copied once", async () => {
    await window().editor.select("old");
    await generate("Letters and digits", "40");
    await window().editor.waitForText(new RegExp(`^ONE=\nTWO=\nTHREE=${TOKEN}\n$`));
    const [secret] = encrypted().slice(-1);
    assert.match(secret ?? "", /^[A-Za-z0-9]{40}$/);
    await (await window().toast("A secret was generated")).click("Copy");
    await until(
      () => window().page.evaluate(() => navigator.clipboard.readText()),
      (text) => text === secret,
      "the clipboard to hold what was generated",
    );
  });
});
