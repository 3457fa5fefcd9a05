/** The real commands on real documents, with a KMS on loopback that answers when the test lets it. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before } from "mocha";
import * as vscode from "vscode";
import { temporaryFolder } from "../host/paths";
import { writeAwsHome } from "../support/awsHome";
import { startKmsServer, TEST_REGION, type KmsServer } from "../support/kmsServer";
import { watch } from "../support/watched";
import { until } from "../ui/until";

const TOKEN = /^[A-Za-z0-9+/]{60,}={0,2}$/;
const encrypt = (): Thenable<unknown> => vscode.commands.executeCommand("kmsSelection.encryptSelection");
const decrypt = (): Thenable<unknown> => vscode.commands.executeCommand("kmsSelection.decryptSelection");

suite("Selections", () => {
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
    await configure({ keyAlias: undefined, region: undefined, profile: undefined, outputFormat: undefined });
    await server.close();
    work.remove();
  });
  afterEach(async () => {
    server.fail(undefined);
    await vscode.commands.executeCommand("notifications.clearAll");
    await vscode.commands.executeCommand("workbench.action.closeAllGroups");
  });

  async function configure(settings: Record<string, unknown>): Promise<void> {
    const configuration = vscode.workspace.getConfiguration("kmsSelection");
    for (const [name, value] of Object.entries(settings)) {
      await configuration.update(name, value, vscode.ConfigurationTarget.Global);
    }
  }

  let files = 0;
  async function open(text: string, eol = vscode.EndOfLine.LF): Promise<vscode.TextEditor> {
    const file = join(work.path, `document-${++files}.txt`);
    writeFileSync(file, eol === vscode.EndOfLine.CRLF ? text.replaceAll("\n", "\r\n") : text);
    return vscode.window.showTextDocument(vscode.Uri.file(file), { preview: false });
  }

  function select(
    editor: vscode.TextEditor,
    ...ranges: readonly (readonly [start: number, end: number])[]
  ): void {
    const { document } = editor;
    editor.selections = ranges.map(
      ([start, end]) => new vscode.Selection(document.positionAt(start), document.positionAt(end)),
    );
  }

  const selected = (editor: vscode.TextEditor): string[] =>
    editor.selections.map((selection) => editor.document.getText(selection));

  /** KMS answers when the returned function is called. */
  function holdAnswers(): () => void {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    server.fail(() => ({ wait: released }));
    return release;
  }

  /** Starts a command, and holds its answers back until it is let go on. */
  async function startAndHold(command: () => Thenable<unknown>): Promise<{ finish: () => Promise<unknown> }> {
    const count = server.requests.length;
    const release = holdAnswers();
    const done = command();
    await server.received(count + 1);
    return {
      finish: () => {
        release();
        return Promise.resolve(done);
      },
    };
  }

  const texts: Readonly<Record<string, string>> = {
    "one character": "x",
    "an emoji of several parts": "👩‍👩‍👧‍👦",
    "right-to-left text": "سلام דּוּגְמָה",
    "a byte order mark inside": "a\ufeffb",
    "a byte order mark first": "\ufeffb",
    "combining characters, not normalised": "e\u0301 \u00e9",
    "several lines": "one\n\n  two\t",
    "quotes and brackets": `'"\`ENC[KMS,]`,
    "separators of other systems": "a\u2028b\u0085c",
    "4,096 bytes": "ü".repeat(2048),
  };
  for (const eol of [vscode.EndOfLine.LF, vscode.EndOfLine.CRLF]) {
    for (const [name, text] of Object.entries(texts)) {
      test(`${name} comes back, ${eol === vscode.EndOfLine.LF ? "LF" : "CRLF"}`, async () => {
        const editor = await open(`before ${text} after`, eol);
        const whole = editor.document.getText();
        select(editor, [7, whole.length - 6]);
        await encrypt();
        assert.equal(selected(editor).length, 1);
        assert.match(selected(editor)[0] ?? "", TOKEN);
        await decrypt();
        assert.equal(editor.document.getText(), whole);
        assert.deepEqual(selected(editor), [whole.slice(7, -6)]);
      });
    }
  }

  const operationsSince = (count: number): string[] =>
    server.requests.slice(count).map(({ operation }) => operation);

  for (const [size, text] of [
    ["4,097 bytes", "ü".repeat(2048) + "x"],
    ["1 MB", "grüße 😀\n".repeat(75_000)],
  ] as const) {
    test(`${size} come back by way of a message, in one undo each`, async () => {
      // No data key of another test serves a context of its own.
      await configure({ identity: size });
      const editor = await open(text);
      const requests = server.requests.length;
      select(editor, [0, text.length]);
      await encrypt();
      const token = editor.document.getText().trimEnd();
      assert.match(token.slice(0, 100), /^AgR4/);
      assert.ok(!editor.document.getText().includes("ü"));
      await decrypt();
      assert.equal(editor.document.getText(), text);
      assert.deepEqual(operationsSince(requests), ["GenerateDataKey", "Decrypt"]);
      await vscode.commands.executeCommand("undo");
      assert.equal(editor.document.getText().trimEnd(), token);
      await configure({ identity: undefined });
    });
  }

  test("a thousand selections: one GenerateDataKey and one Decrypt, one undo each", async () => {
    const lines = Array.from({ length: 1000 }, (_, n) => `secret ${n}`);
    const text = lines.join("\n");
    await configure({ identity: "a thousand" });
    const editor = await open(text);
    const requests = server.requests.length;
    editor.selections = lines.map((line, n) => new vscode.Selection(n, 0, n, line.length));
    await encrypt();
    await until(
      () => new Set(selected(editor)).size,
      (size) => size === 1000,
      "a thousand tokens to be selected",
    );
    for (const token of selected(editor)) assert.match(token, /^AgR4[A-Za-z0-9+/]+={0,2}$/);
    await decrypt();
    assert.equal(editor.document.getText(), text);
    assert.deepEqual(operationsSince(requests), ["GenerateDataKey", "Decrypt"]);
    await vscode.commands.executeCommand("undo");
    await vscode.commands.executeCommand("undo");
    assert.equal(editor.document.getText(), text);
    await vscode.commands.executeCommand("redo");
    assert.ok(!editor.document.getText().includes("secret"));
    await configure({ identity: undefined });
  });

  test("bob on alice's message: refused with no request", async () => {
    await configure({ envelope: "always", identity: "alice" });
    const editor = await open("secret");
    select(editor, [0, 6]);
    await encrypt();
    const token = editor.document.getText();
    const requests = server.requests.length;
    await configure({ identity: "bob" });
    await decrypt();
    assert.equal(editor.document.getText(), token);
    assert.deepEqual(operationsSince(requests), []);
    await configure({ envelope: undefined, identity: "alice" });
    await decrypt();
    assert.equal(editor.document.getText(), "secret");
    await configure({ identity: undefined });
  });

  test("a message that was altered leaves the document as it is", async () => {
    await configure({ envelope: "always" });
    const editor = await open("secret");
    select(editor, [0, 6]);
    await encrypt();
    await configure({ envelope: undefined });
    const bytes = Buffer.from(editor.document.getText(), "base64");
    bytes[bytes.length - 1]! ^= 1;
    const other = await open(bytes.toString("base64"));
    select(other, [0, other.document.getText().length]);
    await decrypt();
    assert.equal(other.document.getText(), bytes.toString("base64"));
  });

  test("without messages one byte more than 4,096 is refused with no request", async () => {
    await configure({ envelope: "never" });
    const editor = await open("ü".repeat(2048) + "x");
    const requests = server.requests.length;
    select(editor, [0, 2049]);
    await encrypt();
    await configure({ envelope: undefined });
    assert.equal(editor.document.getText(), "ü".repeat(2048) + "x");
    assert.equal(server.requests.length, requests);
  });

  suite("the whole file", () => {
    const run = (name: string): Thenable<unknown> => vscode.commands.executeCommand(`kmsSelection.${name}`);
    const PLAIN = "a: DEC[KMS,first ] one]DEC\nb: plain\nc: DEC[KMS,grüße\n😀]DEC\n";
    const OPEN = "a: first ] one\nb: plain\nc: grüße\n😀\n";

    test("what is marked is encrypted and all tokens are decrypted, in one undo each", async () => {
      const editor = await open(PLAIN);
      await run("encryptAllMarked");
      const sealed = editor.document.getText();
      assert.match(sealed, /^a: [A-Za-z0-9+/=]{60,}\nb: plain\nc: [A-Za-z0-9+/=]{60,}\n$/);
      await run("decryptAllInFile");
      assert.equal(editor.document.getText(), OPEN);
      await vscode.commands.executeCommand("undo");
      assert.equal(editor.document.getText(), sealed);
      await vscode.commands.executeCommand("undo");
      assert.equal(editor.document.getText(), PLAIN);
    });

    test("what is bob's stays as it is, whatever kind it is", async () => {
      const tokenOf = async (identity: string, envelope: string): Promise<string> => {
        await configure({ identity, envelope });
        const editor = await open("DEC[KMS,secret]DEC");
        await run("encryptAllMarked");
        return editor.document.getText();
      };
      const alices = [await tokenOf("alice", "always"), await tokenOf("alice", "never")];
      const bobs = [await tokenOf("bob", "always"), await tokenOf("bob", "never")];
      await configure({ identity: "alice", envelope: undefined });
      const editor = await open([alices[0], bobs[0], "x", bobs[1], alices[1]].join("\n"));
      await run("decryptAllInFile");
      assert.equal(editor.document.getText(), ["secret", bobs[0], "x", bobs[1], "secret"].join("\n"));
      await configure({ identity: undefined });
    });

    test("a failure that is no token's own leaves all as it is", async () => {
      const editor = await open(PLAIN);
      await run("encryptAllMarked");
      const sealed = editor.document.getText();
      server.fail((_, n) =>
        n === 2 ? { answer: { status: 400, body: '{"__type":"DisabledException"}' } } : undefined,
      );
      await run("decryptAllInFile");
      assert.equal(editor.document.getText(), sealed);
    });

    test("the cursor stays where the person left it", async () => {
      const editor = await open(PLAIN);
      await run("encryptAllMarked");
      editor.selection = new vscode.Selection(1, 2, 1, 2);
      const started = await startAndHold(() => run("decryptAllInFile"));
      await started.finish();
      assert.equal(editor.document.getText(), OPEN);
      assert.equal(editor.selections.length, 1);
      assert.ok(editor.selection.isEmpty);
    });

    test("a mark that is not closed stops all, with no request", async () => {
      const text = `${PLAIN}d: DEC[KMS,open`;
      const editor = await open(text);
      const requests = server.requests.length;
      await run("encryptAllMarked");
      assert.equal(editor.document.getText(), text);
      assert.deepEqual(operationsSince(requests), []);
    });

    test("what was decrypted here is encrypted again, edited or not; undo and redo are followed", async () => {
      const tokens: string[] = [];
      for (const secret of ["first", "second"]) {
        const editor = await open(`DEC[KMS,${secret}]DEC`);
        await run("encryptAllMarked");
        tokens.push(editor.document.getText());
      }
      const editor = await open(`a: ${tokens[0]}\nb: ${tokens[1]}\nc: DEC[KMS,third]DEC\n`);
      const sealed = editor.document.getText();
      await run("decryptAllInFile");
      await editor.edit((builder) => {
        builder.insert(new vscode.Position(0, 0), "# added before\n");
        builder.insert(new vscode.Position(0, 3 + "first".length), "-edited");
        builder.insert(new vscode.Position(1, 3 + "second".length), "\n# added behind");
      });
      const edited = "# added before\na: first-edited\nb: second\n# added behind\n";
      assert.equal(editor.document.getText(), `${edited}c: DEC[KMS,third]DEC\n`);
      await run("encryptAllMarked");
      const again = editor.document.getText();
      const TOKEN = "[A-Za-z0-9+/=]{60,}";
      assert.match(
        again,
        new RegExp(`^# added before\na: ${TOKEN}\nb: ${TOKEN}\n# added behind\nc: ${TOKEN}\n$`),
      );
      // Nothing is encrypted twice.
      const requests = server.requests.length;
      await run("encryptAllMarked");
      assert.equal(editor.document.getText(), again);
      assert.deepEqual(operationsSince(requests), []);
      await run("decryptAllInFile");
      assert.equal(editor.document.getText(), `${edited}c: third\n`);
      // Back to the first tokens: they are none of ours to encrypt.
      for (let n = 0; n < 3; n++) await vscode.commands.executeCommand("undo");
      assert.equal(editor.document.getText(), `a: first\nb: second\nc: DEC[KMS,third]DEC\n`);
      await vscode.commands.executeCommand("undo");
      assert.equal(editor.document.getText(), sealed);
      await run("encryptAllMarked");
      const marksOnly = editor.document.getText();
      assert.ok(marksOnly.startsWith(`a: ${tokens[0]}\nb: ${tokens[1]}\nc: `));
      assert.match(marksOnly, new RegExp(`\nc: ${TOKEN}\n$`));
    });

    test("no token, no mark: nothing happens", async () => {
      const editor = await open("plain");
      const requests = server.requests.length;
      await run("encryptAllMarked");
      await run("decryptAllInFile");
      assert.equal(editor.document.getText(), "plain");
      assert.deepEqual(operationsSince(requests), []);
    });
  });

  test("half a character is refused with no request", async () => {
    const editor = await open("");
    await editor.edit((builder) => {
      builder.insert(new vscode.Position(0, 0), "a\ud800b");
    });
    assert.equal(editor.document.getText(), "a\ud800b");
    const requests = server.requests.length;
    select(editor, [0, 3]);
    await encrypt();
    assert.equal(editor.document.getText(), "a\ud800b");
    assert.equal(server.requests.length, requests);
  });

  for (const eol of [vscode.EndOfLine.LF, vscode.EndOfLine.CRLF]) {
    test(`whole lines keep their last line break outside, ${eol === vscode.EndOfLine.LF ? "LF" : "CRLF"}`, async () => {
      const editor = await open("one\ntwo\nthree\n", eol);
      editor.selection = new vscode.Selection(0, 0, 2, 0);
      await encrypt();
      assert.equal(editor.document.lineCount, 3);
      assert.match(editor.document.lineAt(0).text, TOKEN);
      assert.equal(editor.document.lineAt(1).text, "three");
    });
  }

  test("selections made in any order, with empty ones among them, are all replaced in one undo", async () => {
    const editor = await open("aaa bbb ccc");
    select(editor, [8, 11], [3, 3], [0, 3]);
    await encrypt();
    assert.match(editor.document.getText(), /^[A-Za-z0-9+/=]{60,} bbb [A-Za-z0-9+/=]{60,}$/);
    const [first = "", second = ""] = selected(editor);
    assert.ok(editor.document.getText().endsWith(first), "the primary selection stays the primary one");
    assert.ok(editor.document.getText().startsWith(second));
    await vscode.commands.executeCommand("undo");
    assert.equal(editor.document.getText(), "aaa bbb ccc");
  });

  test("if one of several fails, nothing changes", async () => {
    const editor = await open("aaa bbb ccc");
    select(editor, [0, 3], [4, 7], [8, 11]);
    server.fail((_, n) =>
      n === 2 ? { answer: { status: 400, body: '{"__type":"DisabledException"}' } } : undefined,
    );
    await encrypt();
    assert.equal(editor.document.getText(), "aaa bbb ccc");
  });

  test("the marker format is written and read", async () => {
    await configure({ outputFormat: "ENC[KMS]" });
    const editor = await open("secret");
    select(editor, [0, 6]);
    await encrypt();
    assert.match(editor.document.getText(), /^ENC\[KMS,[A-Za-z0-9+/=]{60,}\]$/);
    await configure({ outputFormat: undefined });
    select(editor, [30, 30]);
    await decrypt();
    assert.equal(editor.document.getText(), "secret");
  });

  test("quotes, white space and line wraps around a token stay or go as they should", async () => {
    const editor = await open("secret");
    select(editor, [0, 6]);
    await encrypt();
    const token = editor.document.getText();
    const wrapped = token.replace(/(.{64})/g, "$1\n  ");
    const other = await open(`key: " ${wrapped} ",\n`);
    select(other, [5, other.document.getText().length - 2]);
    await decrypt();
    assert.equal(other.document.getText(), 'key: " secret ",\n');
  });

  test("an edit elsewhere by another extension moves the ranges along", async () => {
    const editor = await open("head\nsecret\ntail\n");
    select(editor, [5, 11]);
    const started = await startAndHold(encrypt);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(editor.document.uri, new vscode.Position(0, 0), "inserted 😀\n");
    edit.delete(editor.document.uri, new vscode.Range(0, 0, 0, 2));
    edit.insert(editor.document.uri, new vscode.Position(2, 4), "!");
    await vscode.workspace.applyEdit(edit);
    await started.finish();
    assert.match(editor.document.getText(), /^inserted 😀\nad\n[A-Za-z0-9+/=]{60,}\ntail!\n$/);
  });

  const disturbances: Readonly<Record<string, (editor: vscode.TextEditor) => Thenable<unknown>>> = {
    "an edit inside": (editor) =>
      editor.edit((builder) => {
        builder.insert(new vscode.Position(1, 3), "x");
      }),
    "a replacement of the whole text": (editor) =>
      editor.edit((builder) => {
        builder.replace(new vscode.Range(0, 0, 9, 0), "head\nsecret\n");
      }),
    "an undo": async (editor) => {
      await vscode.window.showTextDocument(editor.document);
      await vscode.commands.executeCommand("undo");
    },
    "a revert": async (editor) => {
      await vscode.window.showTextDocument(editor.document);
      await vscode.commands.executeCommand("workbench.action.files.revert");
    },
  };
  for (const [name, disturb] of Object.entries(disturbances)) {
    test(`${name} while KMS answers stops the command`, async () => {
      const editor = await open("head\nold\n");
      await editor.edit((builder) => {
        builder.replace(new vscode.Range(1, 0, 1, 3), "secret");
      });
      select(editor, [5, 11]);
      const started = await startAndHold(encrypt);
      await disturb(editor);
      const disturbed = editor.document.getText();
      await started.finish();
      assert.equal(editor.document.getText(), disturbed);
    });
  }

  test("another end of line while KMS answers never puts the token in the wrong place", async () => {
    const editor = await open("head\nsecret\ntail");
    select(editor, [5, 11]);
    const started = await startAndHold(encrypt);
    await editor.edit((builder) => {
      builder.setEndOfLine(vscode.EndOfLine.CRLF);
    });
    await started.finish();
    const text = editor.document.getText();
    assert.ok(text === "head\r\nsecret\r\ntail" || /^head\r\n[A-Za-z0-9+/=]{60,}\r\ntail$/.test(text), text);
  });

  /** Lets the command finish; a question that it asks goes unanswered. */
  async function finishUnanswered({ finish }: Awaited<ReturnType<typeof startAndHold>>): Promise<void> {
    const dismissing = setInterval(() => {
      void vscode.commands.executeCommand("notifications.clearAll");
    }, 50);
    await finish();
    clearInterval(dismissing);
  }

  test("a document that went behind another tab is not written unseen, and nothing else is", async () => {
    const { document } = await openSelected();
    const started = await startAndHold(encrypt);
    const other = await open("other text");
    await finishUnanswered(started);
    assert.equal(document.getText(), "secret");
    assert.equal(other.document.getText(), "other text");
  });

  test("a document that was closed stays as it was on disk", async () => {
    const { document } = await openSelected();
    const started = await startAndHold(encrypt);
    await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
    await finishUnanswered(started);
    assert.equal(readFileSync(document.uri.fsPath, "utf8"), "secret");
  });

  test("of a document that is gone it is told that it was closed", async () => {
    // VS Code keeps that of a file for a while.
    const document = await vscode.workspace.openTextDocument({ content: "secret" });
    select(await vscode.window.showTextDocument(document), [0, 6]);
    const told = await messagesOf(async () => {
      const started = await startAndHold(encrypt);
      await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
      await until(
        () => document.isClosed,
        (isClosed) => isClosed,
        "a closed document",
      );
      await started.finish();
    });
    assert.deepEqual(told, ["Can't encrypt: the document was closed in the meantime. Nothing was written."]);
  });

  /** The errors that are shown meanwhile. */
  async function messagesOf(work: () => PromiseLike<unknown>): Promise<string[]> {
    const watched = watch();
    try {
      await work();
      return watched.messages();
    } finally {
      watched.restore();
    }
  }

  async function openSelected(): Promise<vscode.TextEditor> {
    const editor = await open("secret");
    select(editor, [0, 6]);
    return editor;
  }

  test("an editor that is read-only for the session is left alone", async () => {
    const editor = await open("secret");
    select(editor, [0, 6]);
    await vscode.commands.executeCommand("workbench.action.files.setActiveEditorReadonlyInSession");
    const told = await messagesOf(encrypt);
    assert.equal(editor.document.getText(), "secret");
    assert.deepEqual(told, ["Can't encrypt: the document is read-only. Nothing was written."]);
    await vscode.commands.executeCommand("workbench.action.files.resetActiveEditorReadonlyInSession");
  });

  test("two editors of one document: the active one's selection counts", async () => {
    const editor = await open("aaa bbb");
    select(editor, [0, 3]);
    const beside = await vscode.window.showTextDocument(editor.document, vscode.ViewColumn.Beside);
    select(beside, [4, 7]);
    await encrypt();
    assert.match(editor.document.getText(), /^aaa [A-Za-z0-9+/=]{60,}$/);
  });

  test("of twenty commands at once on one selection exactly one writes", async () => {
    const editor = await open("secret");
    select(editor, [0, 6]);
    const started = await startAndHold(() => Promise.all(Array.from({ length: 20 }, encrypt)));
    await started.finish();
    assert.match(editor.document.getText(), TOKEN);
    await decrypt();
    assert.equal(editor.document.getText(), "secret");
  });

  test("commands at once on several texts of one document all write, with one undo each", async () => {
    const names = Array.from({ length: 12 }, (_, index) => `secret ${index}.`);
    const text = names.map((name) => `${name}\n`).join("");
    const editor = await open(text);
    const release = holdAnswers();
    const before = server.requests.length;
    const commands: Thenable<unknown>[] = [];
    for (const name of names) {
      const start = text.indexOf(name);
      select(editor, [start, start + name.length]);
      commands.push(encrypt());
      await server.received(before + commands.length);
    }
    release();
    await Promise.all(commands);
    assert.match(editor.document.getText(), /^(?:SANDBOX\/KMS\/[A-Za-z0-9+/]{60,}={0,2}\n){12}$/);
    for (const command of names.map(() => "undo")) await vscode.commands.executeCommand(command);
    assert.equal(editor.document.getText(), text);
  });

  test("an untitled document works", async () => {
    const document = await vscode.workspace.openTextDocument({ content: "secret" });
    const editor = await vscode.window.showTextDocument(document);
    select(editor, [0, 6]);
    await encrypt();
    assert.match(document.getText(), TOKEN);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });

  test("plaintext that is no UTF-8 never gets into the document", async () => {
    const { DecryptCommand, EncryptCommand, KMSClient } = await import("@aws-sdk/client-kms");
    const client = new KMSClient({
      region: TEST_REGION,
      endpoint: server.url,
      credentials: { accessKeyId: "AKIAOTHER", secretAccessKey: "other" },
    });
    const input = { KeyId: "alias/app", EncryptionContext: { identity: "dev" } };
    const { CiphertextBlob } = await client.send(
      new EncryptCommand({ ...input, Plaintext: Buffer.from([0xff, 0xfe]) }),
    );
    const token = Buffer.from(CiphertextBlob ?? []).toString("base64");
    await client.send(new DecryptCommand({ ...input, CiphertextBlob }));
    const editor = await open(token);
    select(editor, [0, token.length]);
    await decrypt();
    assert.equal(editor.document.getText(), token);
    client.destroy();
  });

  test("commands take no text from their callers, and give none", async () => {
    const editor = await open("secret");
    select(editor, [0, 6]);
    await encrypt();
    const token = editor.document.getText();
    await open("nothing here");
    assert.equal(await vscode.commands.executeCommand("kmsSelection.decryptSelection", token), undefined);
    assert.equal(vscode.window.activeTextEditor?.document.getText(), "nothing here");
  });
});
