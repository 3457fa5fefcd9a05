/** The sandbox's key in a secret storage that several windows share. */
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import type * as vscode from "vscode";
import { SANDBOX_ALIAS } from "../../../src/core/sandbox";
import { Sandbox } from "../../../src/vscode/sandbox";

/** As slow as one in another process; `delays`: how long each next `store` takes. */
function sharedStorage(delays: number[]): { readonly secrets: vscode.SecretStorage; stores: number } {
  const stored = new Map<string, string>();
  const storage = {
    stores: 0,
    secrets: {
      async get(key: string) {
        await setTimeout(10);
        return stored.get(key);
      },
      async store(key: string, value: string) {
        storage.stores++;
        await setTimeout(delays.shift() ?? 10);
        stored.set(key, value);
      },
    } as unknown as vscode.SecretStorage, // the rest is not used
  };
  return storage;
}

const context = { identity: "alice" };
const signal = new AbortController().signal;

async function seal(sandbox: Sandbox, text: string): Promise<Uint8Array> {
  const kms = await sandbox.kms(() => undefined);
  return (await kms.encrypt(SANDBOX_ALIAS, Buffer.from(text), context, signal)).ciphertext;
}

async function open(sandbox: Sandbox, ciphertext: Uint8Array): Promise<string> {
  const kms = await sandbox.kms(() => undefined);
  const { plaintext } = await kms.decrypt(SANDBOX_ALIAS, ciphertext, context, signal);
  return Buffer.from(plaintext).toString();
}

suite("The sandbox's key", () => {
  for (const delays of [
    [10, 10],
    [10, 150],
    [150, 10],
  ]) {
    test(`two windows that make the first one at the same moment have one; storing takes ${delays.join(" and ")} ms`, async () => {
      const { secrets } = sharedStorage([...delays]);
      const windows = [new Sandbox(secrets), new Sandbox(secrets)];
      const tokens = await Promise.all(windows.map((window, n) => seal(window, `text ${n}`)));
      const later = new Sandbox(secrets);
      for (const [n, token] of tokens.entries()) {
        for (const window of [...windows, later]) assert.equal(await open(window, token), `text ${n}`);
      }
    });
  }

  test("one window makes one, however many operations begin at once", async () => {
    const storage = sharedStorage([]);
    const sandbox = new Sandbox(storage.secrets);
    const tokens = await Promise.all([1, 2, 3].map((n) => seal(sandbox, `text ${n}`)));
    assert.equal(storage.stores, 1);
    assert.deepEqual(await Promise.all(tokens.map((token) => open(sandbox, token))), [
      "text 1",
      "text 2",
      "text 3",
    ]);
  });
});
