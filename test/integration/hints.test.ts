/** Hovers and CodeLenses as any other extension can ask for them. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before } from "mocha";
import * as vscode from "vscode";

const SECRET = "canary-hint-41c9";
const RUN = "kmsSelection.runOnToken";

suite("Hints on tokens", () => {
  before(() => configure({ sandbox: true, envelope: "always" }));
  after(async () => {
    await configure({ sandbox: undefined, envelope: undefined, hover: undefined, codeLens: undefined });
    await vscode.commands.executeCommand("workbench.action.closeAllGroups");
  });

  async function configure(settings: Record<string, unknown>): Promise<void> {
    for (const [name, value] of Object.entries(settings)) {
      await vscode.workspace
        .getConfiguration("kmsSelection")
        .update(name, value, vscode.ConfigurationTarget.Global);
    }
  }

  async function open(content: string): Promise<vscode.TextEditor> {
    return vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content }));
  }

  /** `before <token> after`, with the token made by the command. */
  async function withToken(): Promise<vscode.TextEditor> {
    const editor = await open(`before ${SECRET} after\nplain\n`);
    editor.selection = new vscode.Selection(0, 7, 0, 7 + SECRET.length);
    await vscode.commands.executeCommand("kmsSelection.encryptSelection");
    assert.doesNotMatch(editor.document.getText(), new RegExp(SECRET));
    return editor;
  }

  async function hover({ document }: vscode.TextEditor, line: number, character: number): Promise<string> {
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      "vscode.executeHoverProvider",
      document.uri,
      new vscode.Position(line, character),
    );
    return hovers
      .flatMap(({ contents }) => contents)
      .map((content) => (content instanceof vscode.MarkdownString ? content.value : JSON.stringify(content)))
      .join("\n");
  }

  async function lenses({ document }: vscode.TextEditor): Promise<vscode.Command[]> {
    const found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      "vscode.executeCodeLensProvider",
      document.uri,
      1000,
    );
    return found.flatMap(({ command }) => command ?? []);
  }

  const execute = ({ command, arguments: values }: vscode.Command): Thenable<unknown> =>
    vscode.commands.executeCommand(command, ...((values as unknown[] | undefined) ?? []));

  const titles = (commands: readonly vscode.Command[]): string[] => commands.map(({ title }) => title);

  test("a hover tells whose a token is, and its links hold neither text nor ciphertext", async () => {
    const editor = await withToken();
    const text = await hover(editor, 0, 20);
    assert.match(text, /Identity: yours \\\(alice\\\)/);
    assert.match(text, /command:kmsSelection\.runOnToken\?/);
    assert.ok(!text.includes(SECRET));
    const [, token = ""] = editor.document.lineAt(0).text.split(" ");
    assert.ok(!decodeURIComponent(text).includes(token.slice(0, 30)));
  });

  test("a hover over anything else is empty", async () => {
    const editor = await withToken();
    assert.equal(await hover(editor, 0, 3), "");
    assert.equal(await hover(editor, 1, 2), "");
    const other = await open(randomBytes(60).toString("hex"));
    assert.equal(await hover(other, 0, 10), "");
  });

  test("CodeLenses stand above each line with a token, and none elsewhere", async () => {
    const editor = await withToken();
    const [first, ...actions] = await lenses(editor);
    assert.equal(first?.title, "Your secret");
    assert.equal(first.command, "");
    assert.deepEqual(titles(actions), ["Reveal", "Copy", "Edit", "Decrypt", "Re-encrypt"]);
    assert.ok(actions.every(({ command }) => command === RUN));
    assert.deepEqual(await lenses(await open("nothing here\n")), []);
  });

  test("several tokens in one line share a lens", async () => {
    const editor = await withToken();
    const [, token = ""] = editor.document.lineAt(0).text.split(" ");
    assert.deepEqual(titles(await lenses(await open(`${token} ${token}`))), ["2 secrets"]);
  });

  test("a link runs its command on its token, and the selection goes there", async () => {
    const editor = await withToken();
    const decrypt = (await lenses(editor)).find(({ title }) => title === "Decrypt");
    assert.ok(decrypt);
    editor.selection = new vscode.Selection(1, 0, 1, 0);
    await execute(decrypt);
    assert.equal(editor.document.getText(), `before ${SECRET} after\nplain\n`);
  });

  test("a link to a token that has changed does nothing", async () => {
    const editor = await withToken();
    const decrypt = (await lenses(editor)).find(({ title }) => title === "Decrypt");
    await editor.edit((builder) => {
      builder.insert(new vscode.Position(0, 0), "x");
    });
    const text = editor.document.getText();
    assert.ok(decrypt);
    await execute(decrypt);
    assert.equal(editor.document.getText(), text);
  });

  test("a link runs nothing but what hints offer", async () => {
    const editor = await withToken();
    const [id] = ((await lenses(editor)).find(({ title }) => title === "Decrypt")?.arguments ??
      []) as string[];
    const text = editor.document.getText();
    await vscode.commands.executeCommand(RUN, id, "editor.action.deleteLines");
    await vscode.commands.executeCommand(RUN, "no such id", "kmsSelection.decryptSelection");
    assert.equal(editor.document.getText(), text);
  });

  test("names from a header are plain text in a hover", async () => {
    await vscode.workspace
      .getConfiguration("kmsSelection")
      .update("encryptionContext", { identity: "[x](command:y) $(key)" }, vscode.ConfigurationTarget.Global);
    try {
      const text = await hover(await withToken(), 0, 20);
      assert.ok(text.includes("\\[x\\]\\(command\\:y\\)"), text);
    } finally {
      await configure({ encryptionContext: undefined });
    }
  });

  test("both can be switched off", async () => {
    const editor = await withToken();
    await configure({ hover: false, codeLens: false });
    assert.equal(await hover(editor, 0, 20), "");
    assert.deepEqual(await lenses(editor), []);
  });
});
