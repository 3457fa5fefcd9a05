/** What was decrypted in place is followed, marked and sealed again: real documents, a KMS on loopback, real saves. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before } from "mocha";
import * as vscode from "vscode";
import { temporaryFolder } from "../host/paths";
import { SlowFiles } from "./slowFiles";
import { writeAwsHome } from "../support/awsHome";
import { startKmsServer, TEST_REGION, type KmsServer } from "../support/kmsServer";
import { until } from "../ui/until";

const run = (command: string): Thenable<unknown> => vscode.commands.executeCommand(`kmsSelection.${command}`);
const workbench = (command: string): Thenable<unknown> =>
  vscode.commands.executeCommand(`workbench.action.${command}`);

suite("Sealing", () => {
  const work = temporaryFolder();
  let server: KmsServer;

  before(async () => {
    server = await startKmsServer();
    writeAwsHome(homedir(), {
      config: `[profile dev]\nendpoint_url = ${server.url}\n`,
      credentials: "[dev]\naws_access_key_id = AKIADEV\naws_secret_access_key = dev\n",
    });
    await configure({ keyAlias: "alias/app", region: TEST_REGION, profile: "dev" });
  });
  after(async () => {
    await configure({ keyAlias: undefined, region: undefined, profile: undefined });
    await server.close();
    work.remove();
  });
  afterEach(async () => {
    server.fail(undefined);
    await vscode.commands.executeCommand("notifications.clearAll");
    await workbench("revertAndCloseActiveEditor");
    await workbench("closeAllGroups");
  });

  async function configure(settings: Record<string, unknown>): Promise<void> {
    const configuration = vscode.workspace.getConfiguration("kmsSelection");
    for (const [name, value] of Object.entries(settings)) {
      await configuration.update(name, value, vscode.ConfigurationTarget.Global);
    }
  }

  let files = 0;
  async function open(text: string): Promise<vscode.TextEditor> {
    const file = join(work.path, `sealing-${++files}.txt`);
    writeFileSync(file, text);
    return vscode.window.showTextDocument(vscode.Uri.file(file), { preview: false });
  }

  /** A file with a token for each secret, saved; then all of it decrypted. */
  async function openDecrypted(
    secrets: readonly string[],
    eol: "\n" | "\r\n" = "\n",
    openText = open,
  ): Promise<{ editor: vscode.TextEditor; document: vscode.TextDocument; sealed: string; plain: string }> {
    const text = secrets.map((secret, n) => `key${n}: DEC[KMS,${secret}]DEC${eol}`).join("");
    const editor = await openText(text);
    const { document } = editor;
    await run("encryptAllMarked");
    await document.save();
    const sealed = document.getText();
    const plain = text.replaceAll("DEC[KMS,", "").replaceAll("]DEC", "");
    await run("decryptAllInFile");
    assert.equal(document.getText(), plain);
    return { editor, document, sealed, plain };
  }

  const requestsSince = (count: number): string[] =>
    server.requests.slice(count).map(({ operation }) => operation);
  const fifty = Array.from({ length: 50 }, (_, n) => `secret number ${n}`);

  suite("Seal All", () => {
    test("gives unchanged texts their tokens back, byte for byte and with no request; one undo", async () => {
      const { editor, document, sealed, plain } = await openDecrypted(fifty);
      await editor.edit((builder) => {
        builder.insert(new vscode.Position(0, 0), "# before\n");
      });
      const requests = server.requests.length;
      await run("sealAll");
      assert.equal(document.getText(), `# before\n${sealed}`);
      assert.deepEqual(requestsSince(requests), []);
      await vscode.commands.executeCommand("undo");
      assert.equal(document.getText(), `# before\n${plain}`);
      await run("sealAll");
      assert.equal(document.getText(), `# before\n${sealed}`);
    });

    test("encrypts texts that were edited, as who they were decrypted", async () => {
      await configure({ identity: "alice" });
      const { document, sealed } = await openDecrypted(["first", "second"]);
      await insert(document, "second", "-edited");
      await configure({ identity: "bob" });
      await run("sealAll");
      const [first, second] = document.getText().split("\n");
      assert.equal(first, sealed.split("\n")[0]);
      assert.match(second ?? "", /^key1: [A-Za-z0-9+/=]{60,}$/);
      assert.notEqual(second, sealed.split("\n")[1]);
      await configure({ identity: "alice" });
      await run("decryptAllInFile");
      assert.equal(document.getText(), "key0: first\nkey1: second-edited\n");
      await configure({ identity: undefined });
    });

    test("seals copies that were pasted, also into another file", async () => {
      const secret = "hunter2-hunter2";
      const { document, sealed } = await openDecrypted([secret]);
      const token = sealed.slice(6, -1);
      await insert(document, secret, `\ncopy: ${secret}`);
      const other = await open("other: \n");
      await insert(other.document, "other: ", secret);
      await run("sealAll");
      assert.equal(other.document.getText(), `other: ${token}\n`);
      await vscode.window.showTextDocument(document);
      await run("sealAll");
      assert.equal(document.getText(), `key0: ${token}\ncopy: ${token}\n`);
    });

    test("leaves alone what comes from the disk in place of a decrypted text", async () => {
      const editor = await open("of the disk\n");
      const { document } = editor;
      const replaceAll = (text: string): Thenable<boolean> =>
        editor.edit((builder) => {
          builder.replace(new vscode.Range(document.positionAt(0), document.positionAt(Infinity)), text);
        });
      await replaceAll("typed");
      await vscode.commands.executeCommand("editor.action.selectAll");
      await run("encryptSelection");
      await vscode.commands.executeCommand("editor.action.selectAll");
      await run("decryptSelection");
      assert.equal(document.getText(), "typed");
      await workbench("files.revert");
      assert.equal(document.getText(), "of the disk\n");
      await run("sealAll");
      assert.equal(document.getText(), "of the disk\n");
    });

    test("if KMS refuses one, nothing changes", async () => {
      const { document } = await openDecrypted(["first", "second"]);
      await insert(document, "first", "-edited");
      const text = document.getText();
      server.fail(() => ({ answer: { status: 400, body: '{"__type":"DisabledException"}' } }));
      await run("sealAll");
      assert.equal(document.getText(), text);
    });

    test("another kind of line break changes nothing: the token is that of the text", async () => {
      const { editor, document, sealed } = await openDecrypted(["first\nwith two lines", "second"]);
      await editor.edit((builder) => {
        builder.setEndOfLine(vscode.EndOfLine.CRLF);
      });
      await run("sealAll");
      assert.equal(document.getText(), sealed.replaceAll("\n", "\r\n"));
    });

    test("an edited text keeps the line breaks that it had, whatever its document has", async () => {
      const { editor, document } = await openDecrypted(["one\ntwo", "other"]);
      await editor.edit((builder) => {
        builder.setEndOfLine(vscode.EndOfLine.CRLF);
      });
      await insert(document, "two", "!");
      const requests = server.requests.length;
      await run("sealAll");
      const [request] = server.requests.slice(requests);
      assert.equal(Buffer.from(String(request?.input?.Plaintext), "base64").toString(), "one\ntwo!");
    });
  });

  suite("Saving", () => {
    const onDisk = ({ uri }: vscode.TextDocument): string => readFileSync(uri.fsPath, "utf8");
    /** Nothing answers any more; the SDK tries again, and longer than a save waits. */
    const stopKms = (): void => {
      server.fail(() => ({ destroy: "before" }));
    };

    /** What each save of it writes from now on: a later one overwrites what an earlier one has written. */
    const writtenTo = (document: vscode.TextDocument): (() => string[]) => {
      const written: string[] = [];
      saves.push(
        vscode.workspace.onDidSaveTextDocument((saved) => {
          if (saved === document) written.push(onDisk(saved));
        }),
      );
      return () => written;
    };
    const saves: vscode.Disposable[] = [];
    /** VS Code gives up asking after 1.75 seconds, and writes the document as it is. */
    const saveHeldUp = async (document: vscode.TextDocument): Promise<void> => {
      isHeldUp = true;
      await document.save();
    };
    let isHeldUp = false;
    // Asked before the extension, which listens from the first decrypted text on.
    const holdingUp = vscode.workspace.onWillSaveTextDocument(() => {
      const end = isHeldUp ? performance.now() + 2500 : 0;
      isHeldUp = false;
      while (performance.now() < end);
    });
    after(() => {
      holdingUp.dispose();
    });
    afterEach(() => {
      vscode.Disposable.from(...saves.splice(0)).dispose();
    });

    for (const eol of ["\n", "\r\n"] as const) {
      const name = eol === "\n" ? "LF" : "CRLF";
      test(`fifty decrypted values with KMS stopped writes the file byte for byte, ${name}`, async () => {
        const { document, plain } = await openDecrypted(fifty, eol);
        const original = onDisk(document);
        stopKms();
        const requests = server.requests.length;
        assert.ok(await document.save());
        assert.equal(onDisk(document), original);
        assert.equal(document.getText(), original);
        assert.equal(document.isDirty, false);
        assert.equal(server.requests.length, requests);
        await vscode.commands.executeCommand("undo");
        assert.equal(document.getText(), plain);
        assert.ok(await document.save());
        assert.equal(onDisk(document), original);
      });
    }

    test("ten of fifty edited with KMS stopped: old tokens in the file, the edits in the window, and saved later", async () => {
      const { document, editor } = await openDecrypted(fifty);
      const original = onDisk(document);
      stopKms();
      await editor.edit((builder) => {
        for (let n = 0; n < 10; n++) builder.insert(document.lineAt(n * 5).range.end, "-edited");
      });
      const edited = document.getText();
      await document.save();
      assert.equal(onDisk(document), original);
      const shown = await until(
        () => document.getText(),
        (text) => text.includes("-edited"),
        "the edits to come back",
      );
      const lines = original.split("\n");
      const expected = edited.split("\n").map((line, n) => (line.includes("-edited") ? line : lines[n]));
      assert.equal(shown, expected.join("\n"));
      assert.ok(document.isDirty);
      server.fail(undefined);
      await until(
        async () => {
          await document.save();
          return onDisk(document);
        },
        (text) => text !== original && !text.includes("-edited"),
        "the edits to be sealed",
      );
      const saved = onDisk(document).split("\n");
      assert.equal(saved.filter((line, n) => line === lines[n]).length, 41);
      await run("decryptAllInFile");
      assert.equal(document.getText(), edited);
    });

    test("an edited text has its new token at once where KMS answers, and it is used again", async () => {
      const { document } = await openDecrypted(["first", "second"]);
      await insert(document, "second", "-edited");
      const text = document.getText();
      await document.save();
      const saved = onDisk(document);
      assert.match(saved, /^key0: [A-Za-z0-9+/=]{60,}\nkey1: [A-Za-z0-9+/=]{60,}\n$/);
      assert.equal(document.getText(), saved);
      const requests = server.requests.length;
      await vscode.commands.executeCommand("undo");
      assert.equal(document.getText(), text);
      await document.save();
      assert.equal(onDisk(document), saved);
      assert.deepEqual(requestsSince(requests), []);
    });

    test("a text is encrypted in the background while it is edited", async () => {
      const { document } = await openDecrypted(["first"]);
      const requests = server.requests.length;
      await insert(document, "first", "-edited");
      await until(
        () => requestsSince(requests),
        (operations) => operations.length === 1,
        "a request in the background",
      );
      assert.deepEqual(requestsSince(requests), ["Encrypt"]);
    });

    test("all files at once, two editors of one among them", async () => {
      const one = await openDecrypted(["first"]);
      await vscode.window.showTextDocument(one.document, vscode.ViewColumn.Beside);
      const two = await openDecrypted(["second"]);
      await vscode.workspace.saveAll();
      assert.equal(onDisk(one.document), one.sealed);
      assert.equal(onDisk(two.document), two.sealed);
    });

    test("after VS Code has trimmed, formatted and ended the file: the original tokens, and the rest as it made it", async () => {
      const editor = await open("key0: DEC[KMS,first]DEC\nkey1: DEC[KMS,second]DEC");
      const { document } = editor;
      await run("encryptAllMarked");
      const [first, second] = document.getText().split("\n");
      await run("decryptAllInFile");
      await insert(document, "key0: first", "   \nnote  ");
      // As most formatters do, it answers with the whole text.
      const formatter = vscode.languages.registerDocumentFormattingEditProvider("plaintext", {
        provideDocumentFormattingEdits: (given) => [
          vscode.TextEdit.replace(
            new vscode.Range(given.positionAt(0), given.positionAt(Infinity)),
            `# formatted\n${given.getText().replace("note", "  note")}`,
          ),
        ],
      });
      const requests = server.requests.length;
      try {
        await withSettings(
          {
            "editor.formatOnSave": true,
            "files.trimTrailingWhitespace": true,
            "files.insertFinalNewline": true,
          },
          () => document.save(),
        );
      } finally {
        formatter.dispose();
      }
      assert.equal(onDisk(document), `# formatted\n${first}\n  note\n${second}\n`);
      assert.equal(document.getText(), onDisk(document));
      assert.deepEqual(requestsSince(requests), []);
    });

    test("a file that was renamed with decrypted values writes the original tokens under its new name", async () => {
      const { document, sealed } = await openDecrypted(["first", "second"]);
      const uri = document.uri.with({ path: `${document.uri.path}.renamed` });
      const edit = new vscode.WorkspaceEdit();
      edit.renameFile(document.uri, uri);
      assert.ok(await vscode.workspace.applyEdit(edit));
      const renamed = await vscode.workspace.openTextDocument(uri);
      assert.equal(renamed.getText(), "key0: first\nkey1: second\n");
      assert.equal(onDisk(renamed), sealed);
      await insert(renamed, "key0", "-changed");
      const requests = server.requests.length;
      assert.ok(await renamed.save());
      assert.equal(onDisk(renamed), sealed.replace("key0", "key0-changed"));
      assert.deepEqual(requestsSince(requests), []);
    });

    test("an auto save when the editor is left writes the original tokens", async () => {
      const { document, sealed } = await openDecrypted(["first"]);
      await insert(document, "key0", "-renamed");
      const written = writtenTo(document);
      await withSettings({ "files.autoSave": "onFocusChange" }, async () => {
        await vscode.window.showTextDocument(document);
        await open("another file");
        await until(written, ({ length }) => length > 0, "the auto save");
      });
      assert.deepEqual([...new Set(written())], [sealed.replace("key0", "key0-renamed")]);
    });

    test("a save that another extension held up is made up for: the file has tokens", async () => {
      const { document, plain, sealed } = await openDecrypted(["first", "second"]);
      const written = writtenTo(document);
      await saveHeldUp(document);
      await until(
        () => onDisk(document),
        (text) => text === sealed,
        "the tokens to be written",
      );
      assert.equal(written()[0], plain, "VS Code has waited");
      assert.equal(document.getText(), sealed);
    });

    test("also where the text was sealed between the writing of the file and its end", async () => {
      const slow = new SlowFiles();
      try {
        const { document, plain, sealed } = await openDecrypted(["first", "second"], "\n", (text) =>
          slow.open(text),
        );
        slow.waitFor(() => document.getText() === sealed);
        await saveHeldUp(document);
        await until(
          () => slow.written(),
          (texts) => texts.at(-1) === sealed,
          "the tokens to be written",
        );
        assert.deepEqual(slow.written().slice(-2), [plain, sealed]);
      } finally {
        slow.dispose();
      }
    });

    test("also where the document was closed with the save", async () => {
      const { document, plain, sealed } = await openDecrypted(["first", "second"]);
      const written = writtenTo(document);
      const closed = new Promise((resolve) => {
        saves.push(
          vscode.workspace.onDidSaveTextDocument(() => {
            resolve(workbench("closeActiveEditor"));
          }),
        );
      });
      await saveHeldUp(document);
      await closed;
      await until(
        () => onDisk(document),
        (text) => text === sealed,
        "the tokens to be written",
      );
      assert.equal(written()[0], plain, "VS Code has waited");
    });

    test("late for many saves, it is asked at the next one all the same", async () => {
      const { document, sealed } = await openDecrypted(["first", "second"]);
      server.fail(() => ({ wait: new Promise(() => undefined) }));
      await insert(document, "first", "-edited");
      // What a save waits for KMS, on a machine that is slower than VS Code has patience.
      await withTimers(
        (ms) => (ms === 900 ? 1700 : ms),
        async () => {
          // Two more than VS Code puts up with.
          for (let save = 1; save <= 5; save++) {
            await document.save();
            await until(
              () => document.getText().includes("first-edited"),
              (isBack) => isBack,
              "the edit to come back",
            );
          }
        },
      );
      const written = writtenTo(document);
      await document.save();
      assert.deepEqual(written(), [sealed]);
    });

    test("with off or warn what is decrypted is written as it is", async () => {
      for (const sealOnSave of ["off", "warn"]) {
        await configure({ sealOnSave });
        const { document, plain } = await openDecrypted(["first"]);
        await document.save();
        assert.equal(onDisk(document), plain);
        assert.equal(document.getText(), plain);
      }
      await configure({ sealOnSave: undefined });
    });

    test("an auto save seals as well", async () => {
      const configuration = vscode.workspace.getConfiguration("files");
      const { document, sealed } = await openDecrypted(["first"]);
      await insert(document, "key0", "-renamed");
      await configuration.update("autoSave", "afterDelay", vscode.ConfigurationTarget.Global);
      try {
        await until(
          () => onDisk(document),
          (text) => text === sealed.replace("key0", "key0-renamed"),
          "the auto save",
        );
      } finally {
        await configuration.update("autoSave", "off", vscode.ConfigurationTarget.Global);
      }
    });
  });

  async function withSettings(
    settings: Record<string, unknown>,
    act: () => Thenable<unknown>,
  ): Promise<void> {
    const update = async (valueOf: (name: string) => unknown): Promise<void> => {
      for (const name of Object.keys(settings)) {
        const configuration = vscode.workspace.getConfiguration();
        await configuration.update(name, valueOf(name), vscode.ConfigurationTarget.Global);
      }
    };
    const before = Object.keys(settings).map((name): [string, unknown] => [
      name,
      vscode.workspace.getConfiguration().inspect(name)?.globalValue,
    ]);
    await update((name) => settings[name]);
    try {
      await act();
    } finally {
      await update((name) => new Map(before).get(name));
    }
  }

  /** Timers take what `change` makes of their milliseconds. */
  async function withTimers(change: (ms: number) => number, act: () => Promise<void>): Promise<void> {
    const { setTimeout: real } = globalThis;
    const changed = (run: () => void, ms = 0): NodeJS.Timeout => real(run, change(ms));
    globalThis.setTimeout = Object.assign(changed, real);
    try {
      await act();
    } finally {
      globalThis.setTimeout = real;
    }
  }

  async function insert(document: vscode.TextDocument, behind: string, text: string): Promise<void> {
    const edit = new vscode.WorkspaceEdit();
    const at = document.positionAt(document.getText().indexOf(behind) + behind.length);
    edit.insert(document.uri, at, text);
    assert.ok(await vscode.workspace.applyEdit(edit));
  }
});
