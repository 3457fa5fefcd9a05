/** Answers that arrive spoiled, byte for byte: cut anywhere, reset, of a wrong length, twice. Nothing of them is used. */
import assert from "node:assert/strict";
import type { AwsKms } from "../../../src/aws/awsKms";
import { type Connection, resolveConnection } from "../../../src/aws/connection";
import { Aws } from "../../../src/aws/main";
import { REQUEST_LIMITS } from "../../../src/aws/requestHandler";
import { mapConcurrently } from "../../../src/core/mapConcurrently";
import { KmsException } from "../../../src/sandbox/kmsException";
import { failWith, startKmsServer, TEST_REGION, type KmsServer } from "../../support/kmsServer";
import {
  chunked,
  cutAt,
  inPlace,
  passOn,
  resetAt,
  startWire,
  type Spoil,
  type Wire,
} from "../../support/wire";
import { assertCode, rejectedBy } from "../core/failures";
import { until } from "../../ui/until";
import { useHome } from "./home";

const never = new AbortController().signal;
const CONTEXT = { user_id: "1" };
const SECRET = "hunter2";

type Request = (kms: AwsKms, text?: string, signal?: AbortSignal) => Promise<unknown>;

suite("Answers that arrive spoiled", function () {
  this.timeout(120_000);
  const home = useHome();
  let server: KmsServer;
  let aws: Aws;
  let connection: Connection;
  let blob: Uint8Array;
  let wires: Wire[];

  setup(async () => {
    server = await startKmsServer();
    wires = [];
    aws = new Aws(() => assert.fail("a code was asked for"));
    home.config(
      `[profile work]\nendpoint_url = ${server.url}\naws_access_key_id = AKIAALICE\naws_secret_access_key = secret\n`,
    );
    connection = await resolveConnection({ keyId: "alias/app", profile: "work", region: TEST_REGION });
    const { kms } = await wireTo(passOn);
    blob = (await encrypt(kms)).ciphertext;
  });
  teardown(async () => {
    aws.dispose();
    await Promise.all(wires.map((wire) => wire.close()));
    await server.close();
  });

  async function wireTo(spoil: Spoil): Promise<{ wire: Wire; kms: AwsKms }> {
    const wire = await startWire(server.url);
    wire.spoil(spoil);
    wires.push(wire);
    const endpoint = { ...connection.endpoint!, url: wire.url };
    return { wire, kms: aws.kms({ ...connection, endpoint }, () => undefined) };
  }

  const encrypt = (kms: AwsKms, text = SECRET, signal = never) =>
    kms.encrypt("alias/app", Buffer.from(text), CONTEXT, signal);
  const decrypt = (kms: AwsKms, _?: string, signal = never) =>
    kms.decrypt("alias/app", blob, CONTEXT, signal);

  async function failureOf(spoil: Spoil, request: Request): Promise<string> {
    const { kms, wire } = await wireTo(spoil);
    const { signal } = new AbortController();
    const error = await rejectedBy(request(kms, SECRET, signal));
    assert.ok(!JSON.stringify([error.message, error.failure]).includes(SECRET));
    await until(
      () => Promise.resolve(wire.open),
      (open) => open === 0,
      "no open connections",
    );
    const { failure } = error;
    return "reason" in failure ? `${failure.code} ${String(failure.reason)}` : failure.code;
  }

  /** How long the answer is when it comes unspoiled. */
  async function lengthOfAnswer(request: Request): Promise<number> {
    let length = 0;
    const { kms } = await wireTo((answer, client) => {
      length = answer.length;
      client.write(answer);
    });
    await request(kms);
    return length;
  }

  for (const [name, request, how, at] of [
    ["encrypt", encrypt, "cut off", cutAt],
    ["decrypt", decrypt, "reset", resetAt],
  ] as const)
    test(`${name}: ${how} after each byte of the answer, it fails, and no connection stays open`, async () => {
      const length = await lengthOfAnswer(request);
      assert.ok(length > 400);
      const lengths = Array.from({ length }, (_, n) => n);
      const found = await mapConcurrently(lengths, 48, never, (n) => failureOf(at(n), request));
      assert.deepEqual([...new Set(found)], ["network ECONNRESET"]);
    });

  const lengthen = (answer: Buffer, by: number): string =>
    answer
      .toString("latin1")
      .replace(/content-length: (\d+)/i, (_, length) => `content-length: ${Number(length) + by}`);
  const spoiled: [title: string, spoil: Spoil, failure: string][] = [
    ["shorter than it says", inPlace((answer) => lengthen(answer, 1)), "network ECONNRESET"],
    ["longer than it says", inPlace((answer) => lengthen(answer, -1)), "response-invalid"],
    ["of less than no length", inPlace((answer) => lengthen(answer, -9999)), "response-invalid"],
    [
      "of two lengths",
      inPlace((answer) => lengthen(answer, 0).replace("\r\n\r\n", "\r\ncontent-length: 1\r\n\r\n")),
      "response-invalid",
    ],
    ["in chunks of no size", inPlace(() => chunked("zz\r\nabc")), "network ECONNRESET"],
    ["in chunks, the last one cut", inPlace(() => chunked('5\r\n{"a"')), "network ECONNRESET"],
    [
      "with a header that never ends",
      inPlace(() => `HTTP/1.1 200 OK\r\nx: ${"a".repeat(99_999)}`),
      "response-invalid",
    ],
    ["as TLS", inPlace(() => Buffer.from([22, 3, 1, 0, 5, 1, 0, 0, 1, 0])), "response-invalid"],
    ["as another protocol", inPlace(() => "SSH-2.0-OpenSSH_9.2\r\n"), "response-invalid"],
    ["as the one of another request", inPlace((answer) => other(answer)), "response-invalid"],
  ];
  for (const [title, spoil, failure] of spoiled)
    test(`an answer ${title}: ${failure}`, async () => {
      assert.equal(await failureOf(spoil, encrypt), failure);
    });

  test("an answer that comes twice is never taken for that of the next request", async () => {
    const { kms, wire } = await wireTo((answer, client) => {
      client.write(answer);
      setTimeout(() => client.write(answer), 20);
    });
    const texts = ["first", "second", "third"];
    for (const text of texts) {
      const { ciphertext } = await encrypt(kms, text);
      // The second copy is on its way, or there.
      await new Promise((resolve) => setTimeout(resolve, text === "first" ? 60 : 20));
      const { plaintext } = await (await wireTo(passOn)).kms.decrypt("alias/app", ciphertext, CONTEXT, never);
      assert.equal(Buffer.from(plaintext).toString(), text);
    }
    assert.ok(wire.requests >= texts.length);
  });

  suite("that stop in the middle", () => {
    const { socketTimeout } = REQUEST_LIMITS;
    teardown(() => {
      REQUEST_LIMITS.socketTimeout = socketTimeout;
    });
    const halt: Spoil = (answer, client) => client.write(answer.subarray(0, -20));

    test("end by themselves", async () => {
      assert.equal(socketTimeout, 60_000);
      REQUEST_LIMITS.socketTimeout = 200;
      assert.equal(await failureOf(halt, encrypt), "timeout");
    });

    test("end at once when the person cancels", async () => {
      const cancel = new AbortController();
      const { kms, wire } = await wireTo((answer, client) => {
        halt(answer, client);
        cancel.abort();
      });
      assertCode(await rejectedBy(encrypt(kms, SECRET, cancel.signal)), "cancelled");
      await until(
        () => Promise.resolve(wire.open),
        (open) => open === 0,
        "no open connections",
      );
    });
  });

  test("a server whose clock is an hour ahead: the client follows its date", async () => {
    const ahead = 3_600_000;
    const signatures: number[] = [];
    server.fail(({ headers }) => {
      const now = Date.now() + ahead;
      signatures.push(now - Date.parse(toIso(String(headers["x-amz-date"]))));
      if (signatures.at(-1)! < 300_000) return undefined;
      const { answer } = failWith(
        new KmsException("InvalidSignatureException", "Signature expired: 1 is now earlier than 2"),
      );
      return { answer: { ...answer!, headers: { ...answer!.headers, date: new Date(now).toUTCString() } } };
    });
    const { kms } = await wireTo(passOn);
    await encrypt(kms);
    assert.equal(signatures.length, 2);
    assert.ok(signatures[0]! > 3_500_000 && signatures[1]! < 10_000, signatures.join());
  });
});

/** 20260101T120000Z → 2026-01-01T12:00:00Z */
const toIso = (date: string): string =>
  date.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, "$1-$2-$3:$4:$5");

/** An answer of Decrypt, where one of Encrypt is waited for. */
function other(answer: Buffer): string {
  const body = JSON.stringify({ KeyId: "arn", Plaintext: "AAAA", EncryptionAlgorithm: "SYMMETRIC_DEFAULT" });
  const head = answer.toString("latin1", 0, answer.indexOf("\r\n\r\n"));
  return `${head.replace(/content-length: \d+/i, `content-length: ${body.length}`)}\r\n\r\n${body}`;
}
