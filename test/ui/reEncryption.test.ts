/** Changing keys in a real window: a selection, a file, a moved alias. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DecryptCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { after, afterEach, before } from "mocha";
import { localKms } from "../../src/aws/main";
import { EncryptionSdkMessages } from "../../src/aws/messages";
import { formatToken } from "../../src/core/tokens";
import { temporaryFolder } from "../host/paths";
import { writeAwsHome } from "../support/awsHome";
import {
  APP_KEY_ID,
  awsErrors,
  OTHER_KEY_ID,
  startKmsServer,
  TEST_KEYS,
  TEST_REGION,
  type KmsServer,
} from "../support/kmsServer";
import { useWorkbench } from "./window";

const SECRET = "correct-horse-battery";
const ALICE = { identity: "alice" };
const BOB = { identity: "bob" };

const SETTINGS = {
  "kmsSelection.keyAlias": "alias/app",
  "kmsSelection.identity": "alice",
  "kmsSelection.region": TEST_REGION,
  // A line above a token that comes late would move what is clicked.
  "kmsSelection.codeLens": false,
  "kmsSelection.dataKeyCaching": false,
  "kmsSelection.identities": { alice: { profile: "mover" }, bob: { profile: "mover" } },
};

suite("Re-encryption in a window", () => {
  const work = temporaryFolder();
  const home = join(work.path, "home");
  const folder = join(work.path, "workspace");
  let server: KmsServer;
  let client: KMSClient;

  before(async () => {
    server = await startKmsServer();
    client = new KMSClient({
      region: TEST_REGION,
      endpoint: server.url,
      credentials: { accessKeyId: "AKIAOTHERCLIENT", secretAccessKey: "other" },
    });
    writeAwsHome(home, {
      config: `[profile mover]\nendpoint_url = ${server.url}`,
      credentials: "[mover]\naws_access_key_id = AKIAMOVER\naws_secret_access_key = mov",
    });
    mkdirSync(folder);
    const blob = await encrypt(ALICE);
    writeFileSync(join(folder, "selection.yaml"), `password: ENC[KMS,${blob}]\n`);
    writeFileSync(join(folder, "moved.yaml"), `password: ${blob}\n`);
    writeFileSync(
      join(folder, "file.txt"),
      [
        `first: ENC[KMS,${await encrypt(ALICE)}]`,
        `bob: ENC[KMS,${await encrypt(BOB)}]`,
        `there: ENC[KMS,${await encrypt(ALICE, "alias/other")}]`,
        `message: ${await message()}`,
        "",
      ].join("\n"),
    );
  });
  after(async () => {
    client.destroy();
    await server.close();
    work.remove();
  });
  afterEach(async () => {
    server.restrict(undefined);
    server.setKeys(TEST_KEYS);
    await window().clearToasts();
  });
  const window = useWorkbench(() => ({
    folder,
    file: join(folder, "selection.yaml"),
    home,
    settings: SETTINGS,
  }));

  async function encrypt(context: Record<string, string>, key = "alias/app"): Promise<string> {
    const { CiphertextBlob } = await client.send(
      new EncryptCommand({ KeyId: key, Plaintext: Buffer.from(SECRET), EncryptionContext: context }),
    );
    return Buffer.from(CiphertextBlob!).toString("base64");
  }

  async function message(): Promise<string> {
    const kms = localKms(client, () => undefined);
    const messages = new EncryptionSdkMessages({ kms, isAws: false, allowUncommitted: false });
    const { signal } = new AbortController();
    return formatToken(await messages.seal("alias/app", Buffer.from(SECRET), ALICE, signal), "ENC[KMS]");
  }

  /** What any KMS client makes of a token that is a blob. */
  async function open(token: string, key: string, context: Record<string, string>): Promise<string> {
    const { Plaintext } = await client.send(
      new DecryptCommand({
        KeyId: key,
        CiphertextBlob: Buffer.from(token.replace(/^ENC\[KMS,|\]$/g, ""), "base64"),
        EncryptionContext: context,
      }),
    );
    return Buffer.from(Plaintext!).toString();
  }

  const operationsSince = (start: number): string[] =>
    server.requests
      .slice(start)
      .filter(({ accessKeyId }) => accessKeyId === "AKIAMOVER")
      .map(({ operation }) => operation);

  /** In the form: takes a row, and what is then asked for. */
  async function change(row: string, ...answers: string[]): Promise<void> {
    const { quickInput } = window();
    for (const label of [row, ...answers]) {
      await quickInput.choose(label);
    }
    await quickInput.waitForRows((rows) => rows.some((each) => each.startsWith("Re-encrypt,")));
  }

  test("a selection goes to another key, identity and format; the form says from where to where", async () => {
    const { editor, quickInput } = window();
    const before = await editor.text();
    await editor.putCursor("ENC");
    await window().runCommand("KMS: Re-encrypt Selection…");
    await quickInput.waitForRows((rows) =>
      rows.some((row) => row.includes("alice, alias/app → alice, alias/app")),
    );
    await change("To key", "alias/other");
    await change("To identity", "bob");
    await change("Written as", "base64");
    const [first] = await quickInput.waitForRows();
    assert.match(first ?? "", /alice, alias\/app → bob, alias\/other; written as base64/);
    const start = server.requests.length;
    await quickInput.choose("Re-encrypt");
    const text = await editor.waitForText(/^password: [A-Za-z0-9+/]{60,}={0,2}\n$/);
    assert.deepEqual(operationsSince(start), ["ReEncrypt"]);
    const token = text.slice("password: ".length).trimEnd();
    assert.equal(await open(token, server.arn(OTHER_KEY_ID), BOB), SECRET);
    assert.doesNotMatch(text, new RegExp(SECRET));
    await editor.undo();
    await editor.waitForText(before);
  });

  test("a form that is left changes nothing and asks nobody", async () => {
    const { editor, quickInput } = window();
    const before = await editor.text();
    const start = server.requests.length;
    await window().runCommand("KMS: Re-encrypt Selection…");
    await quickInput.waitForRows();
    await quickInput.escape();
    assert.equal(await editor.text(), before);
    assert.equal(server.requests.length, start);
    assert.deepEqual(await window().toasts(), []);
  });

  test("each row of the form changes what it says, and a row that is left changes nothing", async () => {
    const { editor, quickInput } = window();
    const before = await editor.text();
    const start = server.requests.length;
    await editor.putCursor("ENC");
    await window().runCommand("KMS: Re-encrypt Selection…");
    const says = (words: string): Promise<string[]> =>
      quickInput.waitForRows((rows) => rows[0] === `Re-encrypt, ${words}`);
    await says("alice, alias/app → alice, alias/app");
    await change("From identity", "One identity…", "bob");
    await says("bob, alias/app → bob, alias/app");
    await change("From identity", "Each that is set up on this machine");
    await says("each identity, alias/app → the same identity, alias/app");
    await change("From key", "Whichever key it is under (KMS finds it)");
    await says("each identity, whichever key → the same identity, alias/app");
    await change("From key", "Another key…", "alias/other");
    await says("each identity, alias/other → the same identity, alias/app");
    await change("From key", "alias/app");
    await change("To identity", "bob");
    await says("each identity, alias/app → bob, alias/app");
    await change("To identity");
    await says("each identity, alias/app → the same identity, alias/app");
    await change("Messages", "Become KMS ciphertexts where they fit, opened in memory");
    await says(
      "each identity, alias/app → the same identity, alias/app; messages become KMS ciphertexts where they fit",
    );
    await change("Messages", "Stay messages, opened and sealed in memory");
    await change("Written as", "base64");
    await says("each identity, alias/app → the same identity, alias/app; written as base64");
    await change("Written as", "As before");
    await says("each identity, alias/app → the same identity, alias/app");
    await change("Profile", "mover");
    for (const row of [
      "From key",
      "From identity",
      "To key",
      "To identity",
      "Written as",
      "Messages",
      "Profile",
    ]) {
      await quickInput.choose(row);
      await quickInput.waitForTitle(/Re-encrypt (?:from|to|with)|Written As|Messages/);
      await quickInput.escape();
      await says("each identity, alias/app → the same identity, alias/app");
    }
    await quickInput.escape();
    assert.equal(await editor.text(), before);
    assert.deepEqual(
      operationsSince(start).filter((each) => !each.startsWith("List") && each !== "DescribeKey"),
      [],
    );
  });

  test("what is there already keeps its bytes, and that is said", async () => {
    const { editor, quickInput } = window();
    const before = await editor.text();
    await editor.putCursor("ENC");
    await window().runCommand("KMS: Re-encrypt Selection…");
    await quickInput.choose("Re-encrypt");
    await window().toast("The token was under alias/app already");
    assert.equal(await editor.text(), before);
  });

  test("a file: what is alice's goes to the other key, messages too; the others stay; one undo", async () => {
    await window().openFile("file.txt");
    const { editor, quickInput } = window();
    const before = await editor.text();
    const lines = before.split("\n");
    await window().runCommand("KMS: Re-encrypt File…");
    await change("To key", "alias/other");
    const start = server.requests.length;
    await quickInput.choose("Re-encrypt");
    await window().toast("2 re-encrypted, 1 done already, 1 not readable from there.");
    const text = await editor.waitForText((found) => found !== before);
    const now = text.split("\n");
    assert.deepEqual([now[1], now[2]], [lines[1], lines[2]]);
    assert.equal(await open(now[0]!.slice("first: ".length), server.arn(OTHER_KEY_ID), ALICE), SECRET);
    assert.notEqual(now[3], lines[3]);
    // One Decrypt, for the data key of the message.
    assert.equal(operationsSince(start).filter((each) => each === "Decrypt").length, 1);
    await editor.undo();
    await editor.waitForText(before);
    await window().runCommand("View: Close Editor");
  });

  test("the alias is moved: the old token explains itself, its key is named, and one button re-encrypts", async () => {
    await window().openFile("moved.yaml");
    const { editor } = window();
    const before = await editor.text();
    server.setKeys([
      { keyId: APP_KEY_ID, aliases: ["alias/retired"] },
      { keyId: OTHER_KEY_ID, aliases: ["alias/app", "alias/other"] },
    ]);
    // By keys: the start of the line may be out of sight.
    await editor.press("Control+Home");
    await editor.press("End");
    await window().runCommand("KMS: Decrypt Selection");
    const toast = await window().toast(
      "Can't decrypt: this was encrypted under another key than alias/app points to now (maybe the alias was moved)",
    );
    await toast.click("Let KMS Find the Key…");
    assert.match(await window().dialog.text(), new RegExp(server.arn(APP_KEY_ID)));
    // Not permitted at first: it fails in its own words, and nothing is written.
    server.restrict((_, operation) =>
      operation === "ReEncrypt"
        ? awsErrors.accessDenied("mover", "ReEncryptFrom", server.arn(APP_KEY_ID))
        : undefined,
    );
    await window().dialog.click("Re-encrypt under alias/app");
    const refused = await window().toast(/Can't re-encrypt: .*user\/mover is not allowed kms:ReEncryptFrom/);
    await refused.dismiss();
    assert.equal(await editor.text(), before);

    server.restrict(undefined);
    await window().runCommand("KMS: Decrypt Selection");
    await (await window().toast("Can't decrypt")).click("Let KMS Find the Key…");
    await window().dialog.text();
    const start = server.requests.length;
    await window().dialog.click("Re-encrypt under alias/app");
    const text = await editor.waitForText((found) => found !== before);
    assert.deepEqual(operationsSince(start), ["ReEncrypt"]);
    assert.equal(await open(text.slice("password: ".length).trimEnd(), "alias/app", ALICE), SECRET);
    await window().runCommand("File: Revert File");
    await editor.waitForText(before);
  });

  test("re-encrypting what is under another key than the one named says so, and finds the key by a button", async () => {
    server.setKeys([
      { keyId: APP_KEY_ID, aliases: ["alias/retired"] },
      { keyId: OTHER_KEY_ID, aliases: ["alias/app", "alias/other"] },
    ]);
    const { editor, quickInput } = window();
    const before = await editor.text();
    // By keys: the start of the line may be out of sight.
    await editor.press("Control+Home");
    await editor.press("End");
    await window().runCommand("KMS: Re-encrypt Selection…");
    await quickInput.choose("Re-encrypt");
    const toast = await window().toast(
      "Can't re-encrypt: this was encrypted under another key than alias/app",
    );
    await toast.click("Let KMS Find the Key…");
    const text = await editor.waitForText((found) => found !== before);
    assert.equal(await open(text.slice("password: ".length).trimEnd(), "alias/app", ALICE), SECRET);
  });
});
