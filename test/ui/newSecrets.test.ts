/** Insert Secret and Generate Secret in a window: at bare cursors, at several, in place of a selection. */
import assert from "node:assert/strict";
import { afterEach } from "mocha";
import { awsErrors, failWith } from "../support/kmsServer";
import { EditPage } from "./editPage";
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
    server().fail(undefined);
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

  const severalLines = async (): Promise<EditPage> => {
    await window().page.locator(".quick-input-widget .action-label.codicon-edit").click();
    return new EditPage(window(), "Insert Secret");
  };

  test("a secret of several lines is typed in a panel, and keeps its line breaks", async () => {
    await window().editor.putCursorAtEnd(2);
    await window().runCommand("KMS: Insert Secret…");
    await window().quickInput.fill("begun");
    const page = await severalLines();
    await page.shows("begun");
    await page.text.fill("-----BEGIN\nkey\n-----END\n");
    await page.click("Encrypt and Insert");
    await page.closed();
    await window().editor.waitForText(new RegExp(`^ONE=\nTWO=${TOKEN}\nTHREE=old\n$`));
    assert.deepEqual(encrypted().slice(-1), ["-----BEGIN\nkey\n-----END\n"]);
  });

  test("several lines that are pasted into the box are not made one: Enter is refused, and the panel has them all", async () => {
    const count = server().requests.length;
    await window().editor.putCursorAtEnd(2);
    await window().runCommand("KMS: Insert Secret…");
    await window().quickInput.fill("key: ");
    await window().page.evaluate(() => navigator.clipboard.writeText("-----BEGIN\nkey\n-----END\n"));
    await window().page.keyboard.press("Control+v");
    const told = (): Promise<string> =>
      until(
        () => window().quickInput.message(),
        (message) => message.includes("several lines"),
        "the box to tell of the lines",
      );
    await told();
    await window().page.keyboard.press("End");
    await window().quickInput.type("!");
    await told();
    await window().quickInput.accept();
    await told();
    assert.equal(server().requests.length, count);
    const page = await severalLines();
    await page.shows("key: -----BEGIN\nkey\n-----END!");
    await page.click("Encrypt and Insert");
    await page.closed();
    assert.deepEqual(encrypted().slice(-1), ["key: -----BEGIN\nkey\n-----END!"]);
  });

  test("one line that is pasted with its end is the line", async () => {
    await window().editor.putCursorAtEnd(2);
    await window().runCommand("KMS: Insert Secret…");
    await window().quickInput.waitForTitle(/Insert Secret/);
    await window().page.evaluate(() => navigator.clipboard.writeText("one line\n"));
    await window().page.keyboard.press("Control+v");
    await until(
      () => window().quickInput.value(),
      (value) => value === "one line",
      "the line to be pasted",
    );
    await window().quickInput.accept();
    await window().editor.waitForText((text) => text !== FILE);
    assert.deepEqual(encrypted().slice(-1), ["one line"]);
  });

  test("a refusal keeps what was typed, and Enter tries again", async () => {
    await window().editor.putCursorAtEnd(2);
    server().fail(() => failWith(awsErrors.accessDenied("alice", "kms:Encrypt", server().arn("alias/app"))));
    await insert("typed once");
    await until(
      () => window().quickInput.message(),
      (message) => message.includes("Can't encrypt"),
      "the reason in the box",
    );
    assert.equal(await window().quickInput.value(), "typed once");
    server().fail(undefined);
    await window().quickInput.accept();
    await window().editor.waitForText((text) => text !== FILE);
    assert.deepEqual(encrypted().slice(-1), ["typed once"]);
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
