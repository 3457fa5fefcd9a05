/**
 * What goes wrong between the editor and KMS, in the real editor: the document stays as it is, the person is told why,
 * nothing hangs, and nothing is left: no connection, no listener, no progress.
 */
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before } from "mocha";
import * as vscode from "vscode";
import { temporaryFolder } from "../host/paths";
import { writeAwsHome } from "../support/awsHome";
import { faultTable } from "../support/faultTable";
import { startKmsServer, TEST_REGION, type KmsServer } from "../support/kmsServer";
import { passOn, startWire, type Spoil, type Wire } from "../support/wire";
import { until } from "../ui/until";

const TOKEN = /^[A-Za-z0-9+/]{60,}={0,2}$/;
const BOUND_MS = 10_000;
const SETTINGS = { keyAlias: "alias/app", region: TEST_REGION, profile: "dev", identity: "alice" };

suite("Faults", () => {
  const work = temporaryFolder();
  let server: KmsServer;
  let wire: Wire;
  let watched: Watched;

  before(async () => {
    server = await startKmsServer();
    wire = await startWire(server.url);
    writeAwsHome(homedir(), {
      config: `[profile dev]\nendpoint_url = ${wire.url}\n`,
      credentials: "[dev]\naws_access_key_id = AKIADEV\naws_secret_access_key = dev\n",
    });
    await configure(SETTINGS);
    watched = watch();
  });
  after(async () => {
    watched.restore();
    await configure(Object.fromEntries(Object.keys(SETTINGS).map((name) => [name, undefined])));
    await wire.close();
    await server.close();
    work.remove();
  });
  afterEach(async () => {
    wire.spoil(undefined);
    await vscode.commands.executeCommand("workbench.action.closeAllGroups");
  });

  async function configure(settings: Record<string, unknown>): Promise<void> {
    const configuration = vscode.workspace.getConfiguration("kmsSelection");
    for (const [name, value] of Object.entries(settings))
      await configuration.update(name, value, vscode.ConfigurationTarget.Global);
  }

  let files = 0;
  async function open(text: string): Promise<vscode.TextEditor> {
    const file = join(work.path, `fault-${++files}.txt`);
    writeFileSync(file, text);
    const editor = await vscode.window.showTextDocument(vscode.Uri.file(file), { preview: false });
    editor.selection = new vscode.Selection(0, 0, 0, text.length);
    return editor;
  }

  /** The command ends within the bound, and afterwards nothing of it is left. */
  async function run(command: string): Promise<void> {
    const before = watched.listeners();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => (timer = setTimeout(resolve, BOUND_MS, "late")));
    const ended = vscode.commands.executeCommand(`kmsSelection.${command}`);
    assert.notEqual(await Promise.race([ended, late]), "late", `${command} hangs`);
    clearTimeout(timer);
    assert.deepEqual(watched.listeners(), before, "listeners");
    assert.equal(watched.progress(), 0, "progress");
  }
  const noConnections = () =>
    until(
      () => wire.open,
      (count) => count === 0,
      "no open connection",
    );

  for (const { title, spoil, words } of faultTable)
    test(`${title}: nothing is written, and it is told`, async () => {
      const { document } = await open("secret");
      await run("encryptSelection");
      const token = document.getText();
      assert.match(token, TOKEN);
      const version = document.version;
      wire.spoil(spoil);
      await run("decryptSelection");
      assert.equal(document.getText(), token);
      assert.equal(document.version, version);
      // Some answers brought the id of the request, which follows the words.
      const told = watched.messages().map((message) => message.replace(/ \[request [0-9a-f-]{36}\]$/, ""));
      assert.deepEqual(told, [`Can't decrypt: ${words}`]);
      await noConnections();
    });

  test("throttled for a while: it is written in the end, and nobody is told", async () => {
    const { document } = await open("secret");
    const throttled = faultTable.find(({ title }) => title === "ThrottlingException")!.spoil;
    let asked = 0;
    wire.spoil((answer, client) => {
      (++asked <= 2 ? throttled : passOn)(answer, client);
    });
    await run("encryptSelection");
    assert.match(document.getText(), TOKEN);
    assert.equal(asked, 3);
    assert.deepEqual(watched.messages(), []);
  });

  test("an answer that is cut once: the next try is written", async () => {
    const { document } = await open("secret");
    let asked = 0;
    wire.spoil((answer, client) => {
      if (++asked === 1) client.destroy();
      else passOn(answer, client);
    });
    await run("encryptSelection");
    assert.match(document.getText(), TOKEN);
    assert.deepEqual(watched.messages(), []);
  });

  test("the file is deleted while KMS answers: the text is whole", async () => {
    const { document } = await open("secret");
    const deleting: Spoil = (answer, client) => {
      rmSync(document.uri.fsPath, { force: true });
      passOn(answer, client);
    };
    wire.spoil(deleting);
    await run("encryptSelection");
    const text = document.getText();
    assert.ok(text === "secret" || TOKEN.test(text), text);
  });

  test("twenty operations that all fail leave the text and nothing else", async () => {
    const { document } = await open("secret");
    wire.spoil(faultTable[0]!.spoil);
    const listeners = watched.listeners();
    await Promise.all(
      Array.from({ length: 20 }, () => vscode.commands.executeCommand("kmsSelection.encryptSelection")),
    );
    assert.equal(document.getText(), "secret");
    assert.deepEqual(watched.listeners(), listeners);
    assert.equal(watched.progress(), 0);
    assert.ok(watched.messages().every((message) => message.includes("could not reach KMS")));
    await noConnections();
  });
});

interface Watched {
  /** Live listeners of the extension by event. */
  listeners(): Readonly<Record<string, number>>;
  /** Progress notifications of the extension that are not at their end. */
  progress(): number;
  /** The errors that it showed since the last call. */
  messages(): string[];
  restore(): void;
}

type Api = Record<string, unknown>;
type Event = (listener: unknown, self?: unknown, disposables?: vscode.Disposable[]) => vscode.Disposable;

const isEvent = (of: Api, name: string): boolean =>
  /^on(?:Did|Will)/.test(name) && Object.getOwnPropertyDescriptor(of, name)?.writable === true;

/** Counts what the extension asks of VS Code, by its own object of the API; errors are answered by nobody. */
function watch(): Watched {
  const { extensionPath } = vscode.extensions.getExtension("kms-selection.kms-selection")!;
  // VS Code gives each extension an object of its own, by the place of the file that asks for it.
  const api = createRequire(join(extensionPath, "dist/extension.js"))("vscode") as typeof vscode;
  const counts: Record<string, number> = {};
  const restores: (() => void)[] = [];
  let open = 0;
  let shown: string[] = [];

  function replace(of: Api, name: string, by: unknown): void {
    const original = of[name];
    of[name] = by;
    restores.push(() => (of[name] = original));
  }
  for (const of of [api.workspace, api.window] as unknown as Api[])
    for (const name of Object.keys(of).filter((each) => isEvent(of, each))) {
      const event = of[name] as Event;
      replace(of, name, (...given: Parameters<Event>) => {
        const listening = event(...given);
        counts[name] = (counts[name] ?? 0) + 1;
        let live = true;
        return {
          dispose() {
            if (live) counts[name]!--;
            live = false;
            listening.dispose();
          },
        };
      });
    }
  const { withProgress } = api.window;
  const window = api.window as unknown as Api;
  replace(window, "withProgress", (...given: Parameters<typeof withProgress>) => {
    open++;
    const ended = withProgress(...given);
    const closed = () => {
      open--;
    };
    ended.then(closed, closed);
    return ended;
  });
  replace(window, "showErrorMessage", (message: string) => {
    shown.push(message);
    return Promise.resolve(undefined);
  });
  return {
    listeners: () => Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    progress: () => open,
    messages: () => {
      const messages = shown;
      shown = [];
      return messages;
    },
    restore: () => {
      for (const restore of restores) restore();
    },
  };
}
