/** The record of what an earlier window had decrypted: when a save reads it, and when an edit is written to it. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach } from "mocha";
import * as vscode from "vscode";
import { recordOf } from "../../src/core/recordedTexts";
import type { App } from "../../src/vscode/app";
import { DecryptedValues, type Origin } from "../../src/vscode/decryptedValues";
import { KeptUnsealed } from "../../src/vscode/keptUnsealed";
import { RestoreUnsealed } from "../../src/vscode/restoreUnsealed";
import { startSealing } from "../../src/vscode/sealing";
import { UnsealedRecord } from "../../src/vscode/unsealedRecord";
import { temporaryFolder } from "../host/paths";
import { until } from "../ui/until";

const SECRET = "hunter2-hunter2";
const TOKEN = `ENC[KMS,${"A".repeat(80)}]`;

suite("What an earlier window had decrypted", () => {
  const work = temporaryFolder();
  const disposables: vscode.Disposable[] = [];
  afterEach(async () => {
    vscode.Disposable.from(...disposables.splice(0)).dispose();
    await vscode.commands.executeCommand("notifications.clearAll");
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });
  after(() => {
    work.remove();
  });

  test("a save before its record is read waits for it, and writes tokens", async () => {
    const { document, file } = await openRestored("first.env");
    const { record, secrets } = await recorded(document);

    // Asked before ours: the secret storage answers once the save has begun.
    let answer = (): void => undefined;
    const asked = new Promise<void>((resolve) => (answer = resolve));
    disposables.push(
      vscode.workspace.onWillSaveTextDocument(() => {
        setTimeout(answer, 100);
      }),
    );
    restore(record, { ...secrets, get: async (name) => asked.then(() => secrets.get(name)) });
    const written = new Set<string>();
    disposables.push(vscode.workspace.onDidSaveTextDocument(() => written.add(readFileSync(file, "utf8"))));
    assert.ok(await document.save());
    assert.deepEqual(
      [...written],
      [
        `KEY=${TOKEN}
`,
      ],
    );
    assert.equal(document.getText(), `KEY=${TOKEN}\n`);
  });

  test("an edit is recorded with the change, not later", async () => {
    const { document } = await openRestored("second.env");
    const { record, secrets } = await recorded(document);
    const restored = restore(record, secrets);
    await restored.expected;
    await settled();
    const before = JSON.stringify(record.get("unsealed"));
    await setLine(document, `KEY=${SECRET}-edited`);
    await settled();
    assert.notEqual(JSON.stringify(record.get("unsealed")), before);
  });

  test("where neither a value nor its token is in the file, the person is told until the message is closed", async () => {
    const { document, file } = await openRestored("third.env");
    const { record, secrets } = await recorded(document);
    writeFileSync(file, "KEY=of another branch\n");
    await vscode.commands.executeCommand("workbench.action.files.revert");
    const { shown, close } = warnings();
    await restore(record, secrets).expected;
    await until(
      () => shown,
      ({ length }) => length > 0,
      "a message",
    );
    assert.match(
      shown.join("\n"),
      /^third\.env had 1 value decrypted in an earlier window, and neither they nor/,
    );
    assert.ok(record.has("unsealed"));
    close();
    await until(
      () => record.get("unsealed"),
      (left) => left === undefined,
      "the record to be forgotten",
    );
  });

  /** Those that are shown, and stay until they are closed. */
  function warnings(): { readonly shown: readonly string[]; readonly close: () => void } {
    const shown: string[] = [];
    let close = (): void => undefined;
    const window = vscode.window as { showWarningMessage: unknown };
    const original = window.showWarningMessage;
    window.showWarningMessage = (message: string) => {
      shown.push(message);
      return new Promise<void>((resolve) => (close = resolve));
    };
    disposables.push(new vscode.Disposable(() => (window.showWarningMessage = original)));
    return {
      shown,
      close: () => {
        close();
      },
    };
  }

  /** What waits for nothing but promises is done. */
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  async function setLine(document: vscode.TextDocument, text: string): Promise<void> {
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, document.lineAt(0).range, text);
    assert.ok(await vscode.workspace.applyEdit(edit));
  }

  /** The token is on the disk, and its text in the editor, unsaved. */
  async function openRestored(name: string): Promise<{ document: vscode.TextDocument; file: string }> {
    const file = join(work.path, name);
    writeFileSync(file, `KEY=${TOKEN}\n`);
    const { document } = await vscode.window.showTextDocument(vscode.Uri.file(file));
    await setLine(document, `KEY=${SECRET}`);
    return { document, file };
  }

  /** What an earlier window has left behind: the document has decrypted text, and the disk its token. */
  async function recorded(
    document: vscode.TextDocument,
  ): Promise<{ record: Map<string, unknown>; secrets: vscode.SecretStorage }> {
    const record = new Map<string, unknown>();
    const stored = new Map<string, string>();
    const secrets: vscode.SecretStorage = {
      get: (name) => Promise.resolve(stored.get(name)),
      store: (name, value) => Promise.resolve(void stored.set(name, value)),
      delete: (name) => Promise.resolve(void stored.delete(name)),
      onDidChange: () => new vscode.Disposable(() => undefined),
    };
    const text = document.getText();
    const start = text.indexOf(SECRET);
    const origin = { keyId: "alias/app", context: {} } as unknown as Origin; // nothing is encrypted anew
    const place = { start, end: start + SECRET.length, token: TOKEN, tokenOfText: TOKEN, origin };
    await new UnsealedRecord(memento(record), secrets).set(document.uri.toString(), (key) => [
      { takenAt: 0, texts: recordOf(key, text, [place]) },
    ]);
    return { record, secrets };
  }

  function memento(values: Map<string, unknown>): vscode.Memento {
    return {
      keys: () => [...values.keys()],
      get: (name: string) => values.get(name),
      update: (name: string, value: unknown) => Promise.resolve(void values.set(name, value)),
    } as vscode.Memento;
  }

  function restore(record: Map<string, unknown>, secrets: vscode.SecretStorage): DecryptedValues {
    const workspaceState = memento(record);
    const decryptedValues: DecryptedValues = new DecryptedValues(() => startSealing(app));
    // What is not there is for text that has to be encrypted.
    const app = {
      decryptedValues,
      keptUnsealed: new KeptUnsealed(),
      unsealedRecord: new UnsealedRecord(workspaceState, secrets),
      workspaceState,
      log: console,
    } as unknown as App;
    const restoring = new RestoreUnsealed(app);
    disposables.push(vscode.Disposable.from(decryptedValues, restoring));
    return decryptedValues;
  }
});
