/** Texts to tokens and back: all of them or none. With the sandbox behind the real client, and with a KMS that watches. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { localClient, localKms } from "../../../src/aws/main";
import type { EncryptionContext } from "../../../src/core/encryptionContext";
import { KmsSelectionError, type FailureCode } from "../../../src/core/errors";
import type { Binding, Kms } from "../../../src/core/kms";
import { isCertain, parseToken, type Token, type TokenFormat } from "../../../src/core/tokens";
import {
  checkTexts,
  checkTokens,
  decryptTokens as decryptWith,
  encryptTexts as encryptWith,
  MAX_CONCURRENT_REQUESTS,
  refuseSandboxTokens,
  type Opened,
  type Part,
} from "../../../src/core/transform";
import { createRequestHandler, createSandboxKms, SANDBOX_REGION } from "../../../src/sandbox/main";
import { BLOBS, direct } from "../../support/direct";
import { kmsBytes, marked, messageBytes, sandboxBytes } from "./ciphertexts";
import { assertCode, rejectedBy, thrownBy } from "./failures";

const encryptTexts = (
  kms: Kms,
  texts: Part<string>[],
  binding: Binding,
  format: TokenFormat,
  signal: AbortSignal,
): Promise<string[]> => encryptWith(direct(kms), texts, binding, { ...BLOBS, format }, signal);
const decryptTokens = (
  kms: Kms,
  ...rest: Parameters<typeof decryptWith> extends [unknown, ...infer Rest] ? Rest : never
): Promise<Opened[]> => decryptWith(direct(kms), ...rest);
const never = new AbortController().signal;
const KEY = "alias/sandbox";

/** One part for each content, on lines 10, 20, 30, … */
function parts<Content>(...contents: Content[]): Part<Content>[] {
  return contents.map((content, n) => ({ content, line: (n + 1) * 10 }));
}

const tokenOf = (text: string): Token => parseToken(text)!;
const tokenFrom = (bytes: Uint8Array): Token => tokenOf(marked(bytes));
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

function sandbox(masterKey: Uint8Array = randomBytes(32)): Kms & { readonly requestIds: string[] } {
  const requestIds: string[] = [];
  const client = localClient(SANDBOX_REGION, createRequestHandler(createSandboxKms(masterKey)));
  return Object.assign(
    localKms(client, (id) => requestIds.push(id)),
    { requestIds },
  );
}

suite("Texts to tokens and back, in the sandbox", () => {
  const context: EncryptionContext = { user_id: "1", path: "app/ü 😀" };
  const binding = { keyId: KEY, context };

  const texts = [
    "x",
    "hunter2",
    "grüße 😀 👩‍💻",
    "\ufeffwith a byte order mark",
    "שלום עולם",
    "a\r\nb\nc\rd",
    "\0\u0001\u007f",
    " ",
    "a".repeat(4095),
    "a".repeat(4096),
    "ü".repeat(2048),
    "😀".repeat(1024),
    "$& $1 $` ${identity}",
    "ENC[KMS,not a token]",
  ];
  for (const format of ["base64", "ENC[KMS]"] as const) {
    test(`every text comes back, by way of ${format}`, async () => {
      const kms = sandbox();
      const tokens = await encryptTexts(kms, parts(...texts), binding, format, never);
      const read = tokens.map(tokenOf);
      assert.ok(
        read.every((token) => token.format === format && token.kind === "sandbox" && isCertain(token)),
      );
      assert.equal(new Set(tokens).size, texts.length);
      const opened = await decryptTokens(kms, parts(...read), binding, never);
      assert.deepEqual(
        opened.map(({ text }) => text),
        texts,
      );
      assert.ok(opened.every(({ keyArn }) => keyArn.startsWith("arn:aws:kms:local:000000000000:key/")));
      assert.equal(kms.requestIds.length, 2 * texts.length);
    });
  }

  test("the same text twice gives two tokens", async () => {
    const tokens = await encryptTexts(sandbox(), parts("same", "same"), binding, "base64", never);
    assert.notEqual(tokens[0], tokens[1]);
  });

  test("no parts", async () => {
    assert.deepEqual(await encryptTexts(sandbox(), [], binding, "base64", never), []);
    assert.deepEqual(await decryptTokens(sandbox(), [], binding, never), []);
  });

  const strange: [title: string, context: EncryptionContext][] = [
    ["no context", {}],
    ["a pair called __proto__", JSON.parse('{ "__proto__": "1" }') as EncryptionContext],
    ["a pair called constructor", { constructor: "1" }],
    ["special replacement patterns", { a: "$&", $1: "$$" }],
  ];
  for (const [title, odd] of strange) {
    test(`what is bound to the text is needed to open it: ${title}`, async () => {
      const kms = sandbox();
      const [token] = await encryptTexts(kms, parts("x"), { keyId: KEY, context: odd }, "base64", never);
      const sealed = parts(tokenOf(token!));
      const opened = await decryptTokens(kms, sealed, { keyId: KEY, context: odd }, never);
      assert.equal(opened[0]?.text, "x");
      const others = [{ ...odd, more: "1" }, ...(Object.keys(odd).length > 0 ? [{}] : [])];
      for (const other of others) {
        const error = await rejectedBy(decryptTokens(kms, sealed, { keyId: KEY, context: other }, never));
        assertCode(error, "invalid-ciphertext");
      }
    });
  }

  test("what alice encrypted does not open as bob", async () => {
    const kms = sandbox();
    const [token] = await encryptTexts(
      kms,
      parts("x"),
      { keyId: KEY, context: { user_id: "1" } },
      "base64",
      never,
    );
    const asBob = { keyId: KEY, context: { user_id: "2" } };
    assertCode(
      await rejectedBy(decryptTokens(kms, parts(tokenOf(token!)), asBob, never)),
      "invalid-ciphertext",
    );
  });

  test("what one sandbox made does not open in another, and does after a restart of the same", async () => {
    const masterKey = randomBytes(32);
    const [token] = await encryptTexts(sandbox(masterKey), parts("x"), binding, "base64", never);
    const sealed = parts(tokenOf(token!));
    assertCode(await rejectedBy(decryptTokens(sandbox(), sealed, binding, never)), "incorrect-key");
    assert.equal((await decryptTokens(sandbox(masterKey), sealed, binding, never))[0]?.text, "x");
  });

  test("without a key id KMS finds the key, and names it", async () => {
    const kms = sandbox();
    const [token] = await encryptTexts(kms, parts("x"), binding, "base64", never);
    const [opened] = await decryptTokens(kms, parts(tokenOf(token!)), { keyId: undefined, context }, never);
    assert.equal(opened?.text, "x");
    assert.match(opened.keyArn, /^arn:aws:kms:local:000000000000:key\/[0-9a-f-]{36}$/);
  });

  test("one token that was changed stops all, and is named", async () => {
    const kms = sandbox();
    const tokens = (await encryptTexts(kms, parts("a", "b", "c"), binding, "base64", never)).map(tokenOf);
    const bytes = Buffer.from(tokens[1]!.bytes);
    bytes[bytes.length - 1]! ^= 1;
    const error = await rejectedBy(
      decryptTokens(kms, parts(tokens[0]!, { ...tokens[1]!, bytes }, tokens[2]!), binding, never),
    );
    assertCode(error, "invalid-ciphertext");
    assert.deepEqual(error.selection, { number: 2, count: 3, line: 20 });
    assert.equal(error.source?.name, "InvalidCiphertextException");
    assert.match(error.source.requestId ?? "", /^[0-9a-f-]{36}$/);
    assert.equal(error.source.httpStatus, 400);
  });

  test("a key that is not there", async () => {
    const error = await rejectedBy(
      encryptTexts(sandbox(), parts("x"), { keyId: "alias/no", context }, "base64", never),
    );
    assertCode(error, "key-not-found");
    assert.deepEqual(error.selection, { number: 1, count: 1, line: 10 });
  });

  test("cancelled before it began", async () => {
    const kms = sandbox();
    const error = await rejectedBy(encryptTexts(kms, parts("x"), binding, "base64", AbortSignal.abort()));
    assertCode(error, "cancelled");
    assert.deepEqual(kms.requestIds, []);
  });
});

/** A KMS that keeps the very buffers that it is given and gives, to see what becomes of them. */
class WatchedKms implements Kms {
  readonly plaintexts: Uint8Array[] = [];
  readonly asked: { keyId: string | undefined; context: EncryptionContext }[] = [];
  inFlight = 0;
  most = 0;
  /** What Decrypt answers. */
  answer: (n: number) => Uint8Array = () => Buffer.from("text");
  /** Throws to refuse. */
  refuse: (n: number) => void = () => undefined;

  async encrypt(keyId: string, plaintext: Uint8Array, context: EncryptionContext) {
    this.plaintexts.push(plaintext);
    await this.work(keyId, context);
    return { ciphertext: kmsBytes(168), keyArn: "arn" };
  }

  async decrypt(keyId: string | undefined, _: Uint8Array, context: EncryptionContext) {
    const n = await this.work(keyId, context);
    const plaintext = this.answer(n);
    this.plaintexts.push(plaintext);
    return { plaintext, keyArn: "arn" };
  }

  reEncrypt(): Promise<never> {
    return Promise.reject(new Error("no re-encryption"));
  }

  generateDataKey(): Promise<never> {
    return Promise.reject(new Error("no data keys"));
  }

  private async work(keyId: string | undefined, context: EncryptionContext): Promise<number> {
    const n = this.asked.push({ keyId, context });
    this.most = Math.max(this.most, ++this.inFlight);
    await new Promise((resolve) => setImmediate(resolve));
    this.inFlight--;
    this.refuse(n);
    return n;
  }
}

suite("Texts to tokens and back, what KMS sees", () => {
  const binding = { keyId: "alias/app", context: { user_id: "1" } };
  const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

  for (const count of [0, 1, MAX_CONCURRENT_REQUESTS, MAX_CONCURRENT_REQUESTS + 1, 50]) {
    test(`${count} parts: at most ${MAX_CONCURRENT_REQUESTS} requests under way`, async () => {
      const encrypting = new WatchedKms();
      await encryptTexts(encrypting, parts(...numbers(count).map(String)), binding, "base64", never);
      const decrypting = new WatchedKms();
      const tokens = parts(...numbers(count).map(() => tokenFrom(kmsBytes(100))));
      await decryptTokens(decrypting, tokens, binding, never);
      for (const kms of [encrypting, decrypting]) {
        assert.equal(kms.asked.length, count);
        assert.equal(kms.most, Math.min(count, MAX_CONCURRENT_REQUESTS));
      }
    });
  }

  test("key and context are sent as given", async () => {
    const kms = new WatchedKms();
    await encryptTexts(kms, parts("a"), binding, "base64", never);
    await decryptTokens(kms, parts(tokenFrom(kmsBytes(100))), { ...binding, keyId: undefined }, never);
    assert.deepEqual(kms.asked, [binding, { ...binding, keyId: undefined }]);
  });

  test("plaintext buffers are zeroed after encrypting", async () => {
    const kms = new WatchedKms();
    await encryptTexts(kms, parts("first", "second"), binding, "base64", never);
    assert.deepEqual(
      kms.plaintexts.map((bytes) => bytes.length),
      [5, 6],
    );
    assert.ok(kms.plaintexts.every(isZero));
  });

  test("plaintext buffers are zeroed when encrypting fails, and when it is cancelled", async () => {
    const failing = new WatchedKms();
    failing.refuse = (n) => {
      if (n === 2) throw new KmsSelectionError({ code: "throttled" });
    };
    assertCode(
      await rejectedBy(encryptTexts(failing, parts("a", "b", "c"), binding, "base64", never)),
      "throttled",
    );
    const controller = new AbortController();
    const cancelled = new WatchedKms();
    cancelled.refuse = () => {
      controller.abort();
    };
    assertCode(
      await rejectedBy(encryptTexts(cancelled, parts("a", "b"), binding, "base64", controller.signal)),
      "cancelled",
    );
    for (const kms of [failing, cancelled]) {
      assert.ok(kms.plaintexts.length > 0);
      assert.ok(kms.plaintexts.every(isZero));
    }
  });

  test("plaintext buffers are zeroed after decrypting, also those that are not text", async () => {
    const kms = new WatchedKms();
    kms.answer = (n) => Buffer.from(n === 2 ? [0x61, 0xff] : "text");
    const tokens = parts(...numbers(3).map(() => tokenFrom(kmsBytes(100))));
    const error = await rejectedBy(decryptTokens(kms, tokens, binding, never));
    assert.deepEqual(error.failure, { code: "plaintext-not-text", bytes: 2 });
    assert.deepEqual(error.selection, { number: 2, count: 3, line: 20 });
    assert.ok(kms.plaintexts.length > 0);
    assert.ok(kms.plaintexts.every(isZero));
  });

  const refusedTexts: [title: string, texts: string[], code: FailureCode, number: number][] = [
    ["4097 bytes", ["a".repeat(4097)], "plaintext-too-large", 1],
    ["4097 bytes in fewer characters", ["a", `${"ü".repeat(2048)}a`], "plaintext-too-large", 2],
    ["4097 bytes of emoji", ["a", "b", `${"😀".repeat(1024)}a`], "plaintext-too-large", 3],
    ["nothing at all", ["a", ""], "plaintext-empty", 2],
    ["half a character", ["a", "\ud83d", "a".repeat(5000)], "lone-surrogate", 2],
  ];
  for (const [title, texts, code, number] of refusedTexts) {
    test(`refused before the first request: ${title}`, async () => {
      const kms = new WatchedKms();
      const encrypting = rejectedBy(encryptTexts(kms, parts(...texts), binding, "base64", never));
      for (const error of [
        await encrypting,
        thrownBy(() => {
          checkTexts(parts(...texts), "never");
        }),
      ]) {
        assertCode(error, code);
        assert.deepEqual(error.selection, { number, count: texts.length, line: number * 10 });
        if (error.failure.code === "plaintext-too-large") assert.equal(error.failure.bytes, 4097);
      }
      assert.deepEqual(kms.asked, []);
    });
  }

  test("4096 bytes, and nothing at all in a message, are not refused", () => {
    checkTexts(parts("a".repeat(4096), "ü".repeat(2048), "😀".repeat(1024)), "never");
    checkTexts(parts(""), "auto");
    checkTexts([], "never");
  });

  const refusedTokens: [title: string, bytes: Uint8Array, code: FailureCode][] = [
    ["6145 bytes", kmsBytes(6145), "token-too-long"],
  ];
  for (const [title, bytes, code] of refusedTokens) {
    test(`a token that no KMS opens is refused, and named: ${title}`, () => {
      const error = thrownBy(() => {
        checkTokens(parts(tokenFrom(kmsBytes(100)), tokenFrom(bytes)));
      });
      assertCode(error, code);
      assert.deepEqual(error.selection, { number: 2, count: 2, line: 20 });
      if (error.failure.code === "token-too-long") assert.equal(error.failure.bytes, 6145);
    });
  }

  test("a message may be longer", () => {
    checkTokens(parts(tokenFrom(messageBytes("020478", 7000))));
  });

  test("6144 bytes, and tokens of the sandbox, may be opened by some KMS", () => {
    checkTokens(parts(tokenFrom(kmsBytes(6144)), tokenFrom(kmsBytes(45)), tokenFrom(sandboxBytes(60))));
    checkTokens([]);
  });

  test("a sandbox token is refused where AWS is asked", () => {
    const error = thrownBy(() => {
      refuseSandboxTokens(
        parts(tokenFrom(kmsBytes(100)), tokenFrom(kmsBytes(100)), tokenFrom(sandboxBytes(60))),
      );
    });
    assertCode(error, "sandbox-token");
    assert.deepEqual(error.selection, { number: 3, count: 3, line: 30 });
    refuseSandboxTokens(parts(tokenFrom(kmsBytes(100))));
  });

  test("what nobody foresaw is named, and says nothing of the text", async () => {
    const kms = new WatchedKms();
    kms.refuse = () => {
      throw new RangeError("canary");
    };
    const error = await rejectedBy(encryptTexts(kms, parts("canary"), binding, "base64", never));
    assert.deepEqual(error.failure, { code: "unexpected" });
    assert.deepEqual(error.source, { name: "RangeError" });
    assert.ok(!JSON.stringify(error).includes("canary"));
    assert.ok(!error.message.includes("canary"));
  });
});
