/**
 * Everything that parses what others wrote, as functions of bytes: for fuzzers, and for the inputs that they found. Each
 * throws for a wrong result and for an error that is none of ours.
 */
import assert from "node:assert/strict";
import { describeMessage } from "../../src/aws/messageHeader";
import { findMalformedLine } from "../../src/aws/sharedConfig";
import { isKmsSelectionError, type FailureCode } from "../../src/core/errors";
import { resolveContext } from "../../src/core/encryptionContext";
import { findMarked, findTokens } from "../../src/core/findInText";
import { parseKeyId } from "../../src/core/keyId";
import { parseSettings, settingNames, type Scoped, type SettingName } from "../../src/core/settings";
import { decodeText, encodeText } from "../../src/core/text";
import { findTokenAt } from "../../src/core/findTokenAt";
import { formatToken, parseToken, type Token } from "../../src/core/tokens";
import { answer } from "../../src/sandbox/requestHandler";
import { createSandboxKms } from "../../src/sandbox/sandboxKeys";
import { readManifest } from "../host/paths";

export type FuzzTarget = (data: Uint8Array) => void;

/** Runs, and lets only these failures pass. */
export function allowing<Result>(codes: readonly FailureCode[], run: () => Result): Result | undefined {
  try {
    return run();
  } catch (error) {
    if (isKmsSelectionError(error) && codes.includes(error.failure.code)) return undefined;
    throw error;
  }
}

const latin = (data: Uint8Array): string => Buffer.from(data).toString("latin1");

function assertToken(text: string, token: Token): void {
  assert.ok(0 <= token.start && token.start < token.end && token.end <= text.length);
  const again = parseToken(text.slice(token.start, token.end));
  assert.ok(again, "what was found is a token by itself");
  assert.deepEqual([again.kind, again.format, again.bytes], [token.kind, token.format, token.bytes]);
  const canonical = parseToken(formatToken(token.bytes, token.format));
  assert.deepEqual(canonical?.bytes, token.bytes);
}

const sandbox = createSandboxKms(new Uint8Array(32).fill(3));
const operations = [
  "Encrypt",
  "Decrypt",
  "ReEncrypt",
  "GenerateDataKey",
  "DescribeKey",
  "ListAliases",
  "ListKeys",
];

const { properties } = readManifest().contributes.configuration;
const DEFAULTS = Object.fromEntries(
  settingNames.map((name): [SettingName, Scoped<unknown>] => [
    name,
    { value: (properties[`kmsSelection.${name}`] as { default?: unknown }).default, scope: "default" },
  ]),
) as Record<SettingName, Scoped<unknown>>;

export const targets: Readonly<Record<string, FuzzTarget>> = {
  /** A selection. */
  parseToken(data) {
    const text = latin(data);
    const token = allowing(["token-damaged"], () => parseToken(text));
    if (token) assertToken(text, token);
  },

  /** A document with a cursor in it. */
  findTokenAt(data) {
    const text = latin(data.subarray(1));
    const offset = Math.min(data[0] ?? 0, text.length);
    const token = allowing(["token-damaged"], () => findTokenAt(text, offset));
    if (!token) return;
    assertToken(text, token);
  },

  /** A document. */
  findTokens(data) {
    const text = latin(data);
    const { tokens, damaged } = findTokens(text);
    assert.ok(Number.isSafeInteger(damaged) && damaged >= 0);
    let end = 0;
    for (const token of tokens) {
      assert.ok(token.start >= end, "tokens neither overlap nor go back");
      end = token.end;
      assertToken(text, token);
    }
  },

  findMarked(data) {
    const text = latin(data);
    const marked = allowing(["mark-not-closed", "mark-ambiguous"], () => findMarked(text)) ?? [];
    let end = 0;
    for (const mark of marked) {
      assert.ok(mark.start >= end);
      end = mark.end;
      assert.equal(text.slice(mark.start, mark.end), `DEC[KMS,${mark.content}]DEC`);
    }
  },

  /** The header of a message of the AWS Encryption SDK. */
  messageHeader(data) {
    const facts = allowing(["token-damaged"], () => describeMessage(data));
    if (facts) assert.ok(facts.keyArns.length + facts.otherKeys.length >= 0);
  },

  /** Plaintext as KMS answers it. */
  text(data) {
    const text = allowing(["plaintext-not-text"], () => decodeText(data));
    if (text !== undefined) assert.deepEqual(Buffer.from(encodeText(text)), Buffer.from(data));
  },

  /** `name\0template` of an encryption context. */
  context(data) {
    const [name = "", template = ""] = latin(data).split("\0");
    const variables = {
      identity: "alice",
      profile: undefined,
      workspaceFolderBasename: "app",
      relativeFile: "a/b",
    };
    const context = allowing(["context-invalid"], () => resolveContext({ [name]: template }, variables));
    if (!context || name === "__proto__") return;
    assert.notEqual(context[name]?.trim(), "");
    assert.doesNotMatch(context[name] ?? "", /\$\{/);
  },

  /** `name\0JSON` of a setting. */
  setting(data) {
    const [name = "", json = ""] = latin(data).split("\0");
    const setting =
      settingNames.find((each) => each === name) ?? settingNames[name.length % settingNames.length];
    if (!setting) return;
    let value: unknown;
    try {
      value = JSON.parse(json);
    } catch {
      value = json;
    }
    const parsed = allowing(["setting-invalid"], () =>
      parseSettings({ ...DEFAULTS, [setting]: { value, scope: "user" } }),
    );
    if (parsed) parseSettings(parsed);
  },

  keyId(data) {
    const id = parseKeyId(latin(data));
    if (id?.kind.endsWith("arn")) assert.match(`${id.region} ${id.account}`, /^[a-z0-9-]+ \d{12}$/);
  },

  /** A shared AWS config file. */
  configFile(data) {
    const text = latin(data);
    const line = findMalformedLine(text);
    if (line !== undefined) assert.ok(line >= 1 && line <= text.split("\n").length);
  },

  /** A request to the sandbox; its first byte chooses the operation. */
  sandbox(data) {
    const operation = operations[(data[0] ?? 0) % operations.length] ?? "Encrypt";
    const { statusCode, body } = answer(sandbox, operation, latin(data.subarray(1)));
    const answered = JSON.parse(Buffer.from(body).toString("utf8")) as Record<string, unknown>;
    assert.equal("__type" in answered, statusCode !== 200);
  },
};
