/**
 * Where plaintext goes: after each command all that was written is searched for it, and another extension is asked. All
 * secrets are made anew for each run, of letters alone: nothing cuts them, escapes them or holds them by chance.
 */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach } from "mocha";
import { root } from "../host/paths";
import { filesWith, filesWithSome, holds } from "../support/filesWith";
import { EditPage } from "./editPage";
import { useKmsWindow } from "./kmsWindow";
import { revealed, waitForRevealed } from "./revealed";
import { Spy } from "./spy";
import { until } from "./until";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const newSecret = (): string =>
  Array.from({ length: 20 }, () => LETTERS.charAt(randomInt(LETTERS.length))).join("");

suite("Plaintext", () => {
  const spy = new Spy();
  /** By what is done with it. */
  const secrets = {
    revealed: newSecret(),
    edited: newSecret(),
    typed: newSecret(),
    editedLines: newSecret(),
    typedLines: newSecret(),
    copied: newSecret(),
    decrypted: newSecret(),
    unsaved: newSecret(),
    inserted: newSecret(),
    encrypted: newSecret(),
    generated: newSecret(),
  };
  type Name = keyof typeof secrets;
  /** In the order of the lines. */
  const stored: readonly Name[] = ["revealed", "edited", "editedLines", "copied", "decrypted", "unsaved"];
  const { window, server, work, folder } = useKmsWindow(
    async (encrypt) => {
      const texts = stored.map((name) => (name === "editedLines" ? `${secrets[name]}\n` : secrets[name]));
      const tokens = await Promise.all(texts.map((text) => encrypt(text)));
      return {
        "secrets.env": [...tokens.map((token, n) => `KEY_${n}=ENC[KMS,${token}]`), "NEW="].join("\n"),
        "other.env": "OTHER=",
      };
    },
    async () => ({
      extensionsDir: await spy.install(),
      env: spy.env,
      settings: { "kmsSelection.clipboardSeconds": 5, "kmsSelection.revealSeconds": 600 },
    }),
  );
  after(() => {
    spy.remove();
  });

  /** The places on the disk, as the README calls them, that hold a secret. Any other place by its path. */
  const placesOf = (...names: readonly Name[]): string[] => {
    const wanted = Object.fromEntries(names.map((name) => [name, secrets[name]]));
    const files = [window().code.data, work].flatMap((path) => filesWithSome(path, wanted));
    const places = files.map(([path, found]) => `${placeOf(path) ?? path}: ${found.join(", ")}`);
    return [...new Set(places)].sort();
  };
  const placeOf = (path: string): string | undefined => {
    if (path === join(folder, "secrets.env")) return "the file";
    if (path.includes("/Backups/")) return "the backup of unsaved changes";
    if (path.includes("/User/History/")) return "Local History";
    return /\/IndexedDB\/|\/state\.vscdb/.test(path) ? "the history of the find box" : undefined;
  };
  const waitForPlaces = (name: Name, places: readonly string[]): Promise<string[]> =>
    until(
      () => placesOf(name),
      (found) => JSON.stringify(found) === JSON.stringify(places.map((place) => `${place}: ${name}`)),
      `${name} to be in [${places.join(", ")}]`,
    );
  const isLogged = (name: Name): boolean =>
    [window().code.log(), ...window().code.console].some((text) => holds(text, secrets[name]));
  const isNowhere = async (...names: readonly Name[]): Promise<void> => {
    assert.deepEqual(placesOf(...names), []);
    const seen = await spy.look();
    // The other extension does see documents, hovers and CodeLenses.
    for (const part of [
      /KEY_0=/,
      /HoverProvider: .*\*\*KMS Selection\*\*/s,
      /CodeLensProvider: .*kmsSelection\.revealSecret/s,
    ])
      assert.ok(part.test(seen), String(part));
    for (const name of names) {
      assert.match(secrets[name], /^\S{20}/);
      assert.ok(!isLogged(name), `${name} is in a log`);
      assert.ok(!holds(seen, secrets[name]), `another extension sees ${name}`);
    }
  };
  const cursorIn = async (name: Name): Promise<void> => {
    await window().editor.putCursorAtEnd(stored.indexOf(name) + 1);
    await window().editor.press("ArrowLeft");
  };
  const reveal = async (): Promise<void> => {
    await cursorIn("revealed");
    await window().runCommand("KMS: Reveal Secret");
    await waitForRevealed(window(), [secrets.revealed]);
  };
  const openBox = async (): Promise<void> => {
    const { quickInput, page } = window();
    await cursorIn("edited");
    await window().runCommand("KMS: Edit Secret…");
    await until(
      () => quickInput.value(),
      (value) => value === secrets.edited,
      "the box to hold the secret",
    );
    await page.locator(".quick-input-widget .action-label.codicon-eye").click();
    await until(
      () => quickInput.isMasked(),
      (isMasked) => !isMasked,
      "the text to be shown",
    );
    await quickInput.fill(secrets.typed);
  };
  const openPanel = async (): Promise<EditPage> => {
    await cursorIn("editedLines");
    await window().runCommand("KMS: Edit Secret…");
    const panel = new EditPage(window());
    await panel.shows(`${secrets.editedLines}\n`);
    await panel.text.fill(`${secrets.typedLines}\n`);
    return panel;
  };
  const changed = async (act: () => Promise<void>): Promise<void> => {
    const before = await window().editor.text();
    await act();
    await window().editor.waitForText((text) => text !== before);
  };

  afterEach(async () => {
    if (!window().page.isClosed()) await window().clearToasts();
  });

  test("that is revealed is in no file, log or state, and no other extension is told", async () => {
    await reveal();
    await isNowhere("revealed");
    await window().runCommand("KMS: Hide Secrets");
    await waitForRevealed(window(), []);
    await isNowhere("revealed");
  });

  test("that is edited in a box neither, before and after it is encrypted", async () => {
    await openBox();
    await isNowhere("edited", "typed");
    await changed(() => window().quickInput.accept());
    await isNowhere("edited", "typed");
    await window().editor.undo();
  });

  test("that is edited in a panel neither, before and after it is encrypted", async () => {
    const panel = await openPanel();
    await isNowhere("editedLines", "typedLines");
    await panel.click("Encrypt and Replace");
    await panel.closed();
    await isNowhere("editedLines", "typedLines");
    await window().editor.undo();
  });

  test("that is copied is on the clipboard alone, for its time", async () => {
    await cursorIn("copied");
    await window().runCommand("KMS: Copy Secret");
    await until(
      () => spy.clipboard(),
      (text) => text === secrets.copied,
      "the clipboard to hold the secret",
    );
    await isNowhere("copied");
    await until(
      () => spy.clipboard(),
      (text) => text === "",
      "the clipboard to be cleared",
    );
  });

  test("that is inserted or generated is in no file, log or state, and no other extension is told", async () => {
    const { editor, page, quickInput } = window();
    await editor.putCursorAtEnd(stored.length + 1);
    await window().runCommand("KMS: Insert Secret…");
    await quickInput.fill(secrets.inserted);
    await isNowhere("inserted");
    await page.locator(".quick-input-widget .action-label.codicon-edit").click();
    const panel = new EditPage(window(), "Insert Secret");
    await panel.shows(secrets.inserted);
    await isNowhere("inserted");
    await changed(() => panel.click("Encrypt and Insert"));
    await panel.closed();
    await window().runCommand("KMS: Generate Secret…");
    await quickInput.choose("Letters and digits");
    await quickInput.waitForTitle(/Generate Secret/);
    await changed(() => quickInput.accept());
    const { input } = server().requests.findLast(({ operation }) => operation === "Encrypt") ?? {};
    secrets.generated = Buffer.from(String(input?.Plaintext), "base64").toString();
    await isNowhere("inserted", "generated");
    await editor.undo();
    await editor.undo();
  });

  test("that is encrypted in the editor is in its backup until then, and nowhere after", async () => {
    const { editor } = window();
    await window().openFile("other.env");
    await editor.putCursorAtEnd(1);
    await editor.type(secrets.encrypted);
    await waitForPlaces("encrypted", ["the backup of unsaved changes"]);
    await editor.select(secrets.encrypted);
    await changed(() => window().runCommand("KMS: Encrypt Selection"));
    await waitForPlaces("encrypted", []);
    await editor.save();
    await window().runCommand("View: Close Editor");
    assert.deepEqual(placesOf("encrypted"), []);
  });

  test("that is decrypted in the document is where the README says, and nowhere else", async () => {
    const { editor, page, quickInput } = window();
    const met = new Set<string>();
    const isIn = async (...places: readonly string[]): Promise<void> => {
      await waitForPlaces("decrypted", [...places].sort());
      for (const place of places) met.add(place);
    };
    const decrypt = async (): Promise<void> => {
      await cursorIn("decrypted");
      await window().runCommand("KMS: Decrypt Selection");
      await editor.waitForText((text) => text.includes(secrets.decrypted));
    };
    await decrypt();
    await isIn("the backup of unsaved changes");
    assert.ok(holds(await spy.look(), secrets.decrypted), "the other extension sees text in documents");
    // The save seals it.
    await editor.save();
    await isIn();
    assert.ok(
      filesWith(window().code.data, readFileSync(join(folder, "secrets.env"), "utf8").slice(0, 100)).length >
        0,
      "Local History has what was saved",
    );
    assert.match(spy.saved(), /KEY_0=/);
    assert.ok(!holds(spy.saved(), secrets.decrypted), "a save had it, though not for long");
    await decrypt();
    await isIn("the backup of unsaved changes");
    await page.keyboard.press(`${editor.modifier}+f`);
    await page.locator(".find-widget.visible").waitFor();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    await isIn("the backup of unsaved changes", "the history of the find box");
    await window().runCommand("KMS: Show Unsealed Values…");
    await quickInput.choose("Keep secrets.env Unsealed on Save");
    await editor.save();
    await isIn("Local History", "the file", "the history of the find box");
    assert.ok(holds(spy.saved(), secrets.decrypted));
    assert.ok(!isLogged("decrypted"));
    assert.deepEqual([...met].sort(), documented());
  });

  test("a reload of the window writes nothing of what is open to be edited, or shown", async () => {
    await reveal();
    await openBox();
    await window().reload();
    await window().editor.waitForText(/^KEY_0=/);
    assert.deepEqual(await revealed(window()), []);
    await isNowhere("revealed", "edited", "typed");
  });

  test("a crash leaves nothing on the disk but the backup of what is decrypted and unsaved", async () => {
    const { code, editor, page } = window();
    await cursorIn("unsaved");
    await window().runCommand("KMS: Decrypt Selection");
    await editor.waitForText((text) => text.includes(secrets.unsaved));
    await waitForPlaces("unsaved", ["the backup of unsaved changes"]);
    await reveal();
    await openPanel();
    await page.locator(".tab", { hasText: "Edit Secret" }).waitFor();
    await code.crash();
    const all = Object.keys(secrets) as Name[];
    const others = all.filter((name) => !["decrypted", "unsaved"].includes(name));
    assert.deepEqual(placesOf(...others), []);
    assert.deepEqual(placesOf("unsaved"), ["the backup of unsaved changes: unsaved"]);
  });
});

/** The places that the README names, in its table about decrypted text. */
function documented(): string[] {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [, table = ""] = /^\| where on the disk [^\n]*\n\|[-|]+\n((?:\|[^\n]*\n)+)/m.exec(readme) ?? [];
  return table
    .trim()
    .split("\n")
    .map((row) => row.split("|")[1]?.trim() ?? "")
    .sort();
}
