/** The record of what is unsealed: what of it is stored where, and when it goes. */
import assert from "node:assert/strict";
import type * as vscode from "vscode";
import { hasUnsealedRecord, UnsealedRecord, type Snapshot } from "../../../src/vscode/unsealedRecord";

/** A workspace's state and secret storage, which outlive a window. */
function storage() {
  const values = new Map<string, unknown>();
  const secrets = new Map<string, string>();
  const state = {
    get: (name: string) => values.get(name),
    update: (name: string, value: unknown) => {
      if (value === undefined) values.delete(name);
      // What is stored is JSON.
      else values.set(name, JSON.parse(JSON.stringify(value)));
      return Promise.resolve();
    },
  } as unknown as vscode.Memento; // the rest of it is not used
  const secretStorage = {
    get: (name: string) => Promise.resolve(secrets.get(name)),
    store: (name: string, value: string) => Promise.resolve(void secrets.set(name, value)),
    delete: (name: string) => Promise.resolve(void secrets.delete(name)),
  } as unknown as vscode.SecretStorage; // the rest of it is not used
  const open = (): UnsealedRecord => new UnsealedRecord(state, secretStorage);
  return { values, secrets, state, open };
}

const text = (token: string): Snapshot["texts"][number] => ({
  lines: { start: 0, end: 9 },
  digest: "digest",
  text: { start: 3, end: 9 },
  token,
  origin: {
    keyId: "alias/app",
    context: { identity: "alice" },
  } as unknown as Snapshot["texts"][number]["origin"], // as far as it matters here
});

suite("The record of what is unsealed", () => {
  test("comes back in another window as it was; a text that was edited has no token of its own", async () => {
    const { open, state } = storage();
    assert.equal(hasUnsealedRecord(state), false);
    const snapshots = [{ takenAt: 1, texts: [text("one"), { ...text("two"), tokenOfText: "two" }] }];
    await open().set("file:///a", () => snapshots);
    assert.equal(hasUnsealedRecord(state), true);
    assert.deepEqual(open().get("file:///a"), snapshots);
    assert.deepEqual([...open().all().keys()], ["file:///a"]);
  });

  test("the key of its digests is in the secret storage alone, and the same in each window", async () => {
    const { open, secrets, values } = storage();
    let first: Uint8Array | undefined;
    await open().set("file:///a", (key) => {
      first = key;
      return [{ takenAt: 1, texts: [text("one")] }];
    });
    const again = await open().key();
    assert.deepEqual(again, first);
    assert.deepEqual([...secrets.values()], [Buffer.from(again).toString("base64")]);
    assert.ok(![...values].some((each) => JSON.stringify(each).includes([...secrets.values()][0] ?? "")));
  });

  test("when nothing is unsealed any more nothing is left of it, and the next key is another one", async () => {
    const { open, secrets, values, state } = storage();
    const record = open();
    const taken = [{ takenAt: 1, texts: [text("one")] }];
    await Promise.all([record.set("file:///a", () => taken), record.set("file:///b", () => taken)]);
    const [key] = secrets.values();
    await record.set("file:///a", () => []);
    assert.deepEqual(record.get("file:///a"), []);
    assert.equal(hasUnsealedRecord(state), true);
    await record.set("file:///b", () => []);
    assert.deepEqual([...values, ...secrets], []);
    await record.set("file:///a", () => taken);
    assert.equal(secrets.size, 1);
    assert.notEqual([...secrets.values()][0], key);
  });

  test("a window that fails to store it once stores it the next time", async () => {
    const { open, state } = storage();
    const record = open();
    await assert.rejects(
      record.set("file:///a", () => {
        throw new Error("no");
      }),
    );
    await record.set("file:///a", () => [{ takenAt: 1, texts: [text("one")] }]);
    assert.equal(hasUnsealedRecord(state), true);
  });

  test("is of a hundred documents at most, those recorded last", async () => {
    const { open } = storage();
    const record = open();
    for (let n = 0; n < 102; n++)
      await record.set(`file:///${n}`, () => [{ takenAt: n, texts: [text("one")] }]);
    assert.equal(record.all().size, 100);
    assert.ok(record.all().has("file:///101") && !record.all().has("file:///1"));
  });
});
