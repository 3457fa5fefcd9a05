/**
 * What goes wrong between the editor and KMS, in the real editor: the document stays as it is, the person is told why,
 * nothing hangs, and nothing is left: no connection, no listener, no timer, no progress.
 */
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before } from "mocha";
import * as vscode from "vscode";
import { temporaryFolder } from "../host/paths";
import { writeAwsHome } from "../support/awsHome";
import { exception, faultTable } from "../support/faultTable";
import { startKmsServer, TEST_REGION, type KmsServer } from "../support/kmsServer";
import { watch, type Watched } from "../support/watched";
import { passOn, startWire, type Spoil, type Wire } from "../support/wire";
import { startSecureServer } from "../unit/aws/secureServer";
import { until } from "../ui/until";

const TOKEN = /^[A-Za-z0-9+/]{60,}={0,2}$/;
const BOUND_MS = 10_000;
const NOWHERE = "http://kms.invalid";
const SETTINGS = { keyAlias: "alias/app", region: TEST_REGION, profile: "dev", identity: "alice" };

suite("Faults", () => {
  const work = temporaryFolder();
  let server: KmsServer;
  let wire: Wire;
  let watched: Watched;

  before(async () => {
    server = await startKmsServer();
    wire = await startWire(server.url);
    writeAws({ dev: wire.url, nowhere: NOWHERE });
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

  /** Profiles by their endpoints. */
  function writeAws(endpoints: Readonly<Record<string, string>>): void {
    const profiles = Object.entries(endpoints);
    writeAwsHome(homedir(), {
      config: profiles.map(([name, url]) => `[profile ${name}]\nendpoint_url = ${url}\n`).join(""),
      credentials: profiles
        .map(([name]) => `[${name}]\naws_access_key_id = AKIADEV\naws_secret_access_key = dev\n`)
        .join(""),
    });
  }

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
    const resources = activeResources();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => (timer = setTimeout(resolve, BOUND_MS, "late")));
    const ended = vscode.commands.executeCommand(`kmsSelection.${command}`);
    assert.notEqual(await Promise.race([ended, late]), "late", `${command} hangs`);
    clearTimeout(timer);
    assert.deepEqual(watched.listeners(), before, "listeners");
    const progress = watched.progress();
    assert.equal(progress.open, 0, "progress");
    // A request of the status bar's, about the key, may still go on.
    await until(watched.timers, (count) => count === 0, "no timer");
    assert.equal(watched.progress().shown, progress.shown, "progress of what is over");
    await until(activeResources, (now) => Object.keys(now).every(isAsBefore(resources, now)), "no resource");
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
      assert.deepEqual(told(), [`Can't decrypt: ${words}`]);
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
    assert.equal(watched.progress().open, 0);
    assert.ok(watched.messages().every((message) => message.includes("could not reach KMS")));
    await noConnections();
  });

  /** Each of the other commands that ask KMS, at a token and a marked text. */
  const commands: [command: string, verb: "encrypt" | "decrypt" | "re-encrypt"][] = [
    ["encryptAllMarked", "encrypt"],
    ["insertSecret", "encrypt"],
    ["generateSecret", "encrypt"],
    ["reEncryptSelection", "re-encrypt"],
    ["reEncryptFile", "re-encrypt"],
    ["decryptAllInFile", "decrypt"],
    ["revealSecret", "decrypt"],
    ["revealVisibleSecrets", "decrypt"],
    ["copySecret", "decrypt"],
    ["editSecret", "decrypt"],
  ];
  for (const [command, verb] of commands)
    for (const title of [
      "the connection is reset before the answer",
      "JSON of another shape",
      "ThrottlingException",
    ])
      test(`${command}, ${title}: nothing is written, and it is told`, async () => {
        const { spoil, words } = faultTable.find((fault) => fault.title === title)!;
        const { editor, text } = await openMixed();
        const { version } = editor.document;
        watched.answer("12");
        wire.spoil(spoil);
        await run(command);
        assert.equal(editor.document.getText(), text);
        assert.equal(editor.document.version, version);
        assert.deepEqual(told(), [`Can't ${verb}: ${words}`]);
        await noConnections();
      });

  test("reEncryptFile, refused only when it re-encrypts: nothing is written, and it is told", async () => {
    const { editor, text } = await openMixed();
    const { spoil, words } = faultTable.find(({ title }) => title === "HTTP 404 and a page")!;
    watched.answer("12");
    wire.spoil((answer, client) => {
      (answer.includes("KeyMetadata") ? passOn : spoil)(answer, client);
    });
    await run("reEncryptFile");
    assert.equal(editor.document.getText(), text);
    assert.deepEqual(told(), [`Can't re-encrypt: ${words}`]);
  });

  test("credentials that end among several selections: nothing is written, and it is told", async () => {
    const { document } = await open("one\ntwo\nthree");
    vscode.window.activeTextEditor!.selections = [0, 1, 2].map((n) => new vscode.Selection(n, 0, n, 9));
    let asked = 0;
    const expired = exception("ExpiredTokenException", 400);
    wire.spoil((answer, client) => {
      (++asked === 1 ? passOn : expired)(answer, client);
    });
    await run("encryptSelection");
    assert.equal(document.getText(), "one\ntwo\nthree");
    assert.match(told().join(), /^Can't encrypt \(selection \d of 3, line \d\): .*expired/);
  });

  test("a host that has no address: nothing is written, and it is told", async () => {
    await configure({ profile: "nowhere" });
    try {
      const { document } = await open("secret");
      await run("encryptSelection");
      assert.equal(document.getText(), "secret");
      assert.match(told().join(), /^Can't encrypt: could not reach kms.invalid \((ENOTFOUND|EAI_AGAIN)\)/);
    } finally {
      await configure({ profile: SETTINGS.profile });
    }
  });

  test("a certificate that nobody vouches for: nothing is written, and it is told", async () => {
    const secure = await startSecureServer(work.path);
    writeAws({ dev: secure.url });
    try {
      const { document } = await open("secret");
      await run("encryptSelection");
      assert.equal(document.getText(), "secret");
      assert.match(told().join(), /^Can't encrypt: .*DEPTH_ZERO_SELF_SIGNED_CERT/);
      assert.equal(secure.requests, 0);
    } finally {
      writeAws({ dev: wire.url, nowhere: NOWHERE });
      await secure.close();
    }
  });

  /** A token with the cursor in it, and a marked text. */
  async function openMixed(): Promise<{ editor: vscode.TextEditor; text: string }> {
    const { document } = await open("secret");
    await run("encryptSelection");
    const editor = vscode.window.activeTextEditor!;
    await editor.edit((builder) => {
      builder.insert(new vscode.Position(1, 0), "\nDEC[KMS,other]DEC\n");
    });
    editor.selection = new vscode.Selection(0, 5, 0, 5);
    watched.messages();
    return { editor, text: document.getText() };
  }

  /** Some answers brought the id of the request, which follows the words. */
  function told(): string[] {
    return watched.messages().map((message) => message.replace(/ \[request [0-9a-f-]{36}\]$/, ""));
  }
});

/** What keeps the process besides timers, by kind: sockets, files that are read, child processes. */
function activeResources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo())
    if (kind !== "Timeout" && kind !== "Immediate") counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

const isAsBefore =
  (before: Readonly<Record<string, number>>, now: Readonly<Record<string, number>>) =>
  (kind: string): boolean =>
    (now[kind] ?? 0) <= (before[kind] ?? 0);
