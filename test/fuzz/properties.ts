/** What holds for every input. Each is checked with as many cases as are asked for. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { localClient, localKms } from "../../src/aws/main";
import { EncryptionSdkMessages } from "../../src/aws/messages";
import { contextDifference, resolveContext, type EncryptionContext } from "../../src/core/encryptionContext";
import { isKmsSelectionError } from "../../src/core/errors";
import { findTokens } from "../../src/core/findInText";
import { SANDBOX_ALIAS } from "../../src/core/sandbox";
import { decodeText, encodeText, lengthWithoutTrailingLineBreak } from "../../src/core/text";
import { findTokenAt } from "../../src/core/findTokenAt";
import { formatToken, isCertain, parseToken } from "../../src/core/tokens";
import { applyChanges, type TrackedRange } from "../../src/core/trackedRanges";
import { decryptTokens, encryptTexts } from "../../src/core/transform";
import { createRequestHandler } from "../../src/sandbox/requestHandler";
import { createSandboxKms, SANDBOX_REGION } from "../../src/sandbox/sandboxKeys";
import { bytes, ciphertext, edits, text, token, wellFormedText } from "./arbitraries";
import { allowing, targets } from "./targets";

/** Throws with the smallest input that breaks it, and the seed to run it again. */
export type Property = (cases: number) => void | Promise<void>;

const never = new AbortController().signal;
const kms = localKms(
  localClient(SANDBOX_REGION, createRequestHandler(createSandboxKms(new Uint8Array(32).fill(3)))),
  () => undefined,
);
const messages = new EncryptionSdkMessages({ kms, isAws: false, allowUncommitted: false });
const ciphers = { kms, messages: () => Promise.resolve(messages) };

const context = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 10 }).filter((name) => name !== "__proto__" && name.isWellFormed()),
  fc.string({ minLength: 1, maxLength: 10 }).filter((value) => value.isWellFormed()),
  { minKeys: 1, maxKeys: 3, noNullPrototype: true },
);

const check = <Values extends [unknown, ...unknown[]]>(
  cases: number,
  ...of: [
    ...arbitraries: { [Index in keyof Values]: fc.Arbitrary<Values[Index]> },
    holds: (...values: Values) => void,
  ]
): void => {
  const parts = of as unknown as Parameters<typeof fc.property>;
  fc.assert(fc.property(...parts), { numRuns: cases });
};

/** Rejected with an error of ours. */
async function refused(promise: Promise<unknown>): Promise<boolean> {
  try {
    await promise;
    return false;
  } catch (error) {
    if (isKmsSelectionError(error)) return true;
    throw error;
  }
}

async function roundTrip(
  texts: readonly string[],
  bound: EncryptionContext,
  output: Parameters<typeof encryptTexts>[3],
) {
  const parts = texts.map((content, line) => ({ content, line }));
  const made = await encryptTexts(ciphers, parts, { keyId: SANDBOX_ALIAS, context: bound }, output, never);
  return made.map((each, line) => {
    const content = parseToken(each);
    assert.ok(content, "what was written is read");
    return { content, line };
  });
}

export const properties: Readonly<Record<string, Property>> = {
  ...Object.fromEntries(
    Object.entries(targets).map(([name, target]): [string, Property] => [
      `${name} takes any bytes`,
      (cases) => {
        check<[Uint8Array]>(cases, bytes, target);
      },
    ]),
  ),

  "a token is read as it was written, whatever stands around it and however it is wrapped": (cases) => {
    const around = fc.constantFrom("", " ", "\n", "\t\r\n", "  \n");
    const quote = fc.constantFrom("", '"', "'", "`");
    const width = fc.option(fc.integer({ min: 24, max: 76 }), { nil: undefined });
    check<[Uint8Array, "base64" | "ENC[KMS]", string, string, string, number | undefined]>(
      cases,
      ciphertext,
      fc.constantFrom("base64", "ENC[KMS]"),
      around,
      quote,
      around,
      width,
      (whole, format, before, mark, after, wrap) => {
        const written = formatToken(whole, format);
        const lines = wrap === undefined ? [written] : (written.match(new RegExp(`.{1,${wrap}}`, "g")) ?? []);
        // A later line that begins like a token is one of its own.
        fc.pre(wrap === undefined || lines.slice(1).every((line) => !/^(?:AQ|Ag|AY|SANDBOX)/.test(line)));
        const read = parseToken(`${before}${mark}${lines.join("\n")}${mark}${after}`);
        assert.deepEqual(Buffer.from(read?.bytes ?? []), Buffer.from(whole));
        assert.equal(read?.format, format);
      },
    );
  },

  "what is read as a token is what its bytes are written as, also where letters were lost, added or changed":
    (cases) => {
      const change = fc.tuple(
        fc.oneof(fc.nat(), fc.integer({ min: -4, max: -1 })),
        fc.nat({ max: 2 }),
        fc.constantFrom("", "A", "/", "-", "_", "=", "\0", "\u00e9", "\ud800"),
      );
      check<[Uint8Array, (readonly [number, number, string])[]]>(
        cases,
        ciphertext,
        fc.array(change, { minLength: 1, maxLength: 3 }),
        (whole, changes) => {
          let changed = formatToken(whole, "ENC[KMS]").slice("ENC[KMS,".length, -1);
          for (const [place, lost, added] of changes) {
            // Those below 0 are counted from the end, where the padding is.
            const at = place < 0 ? Math.max(0, changed.length + place) : place % (changed.length + 1);
            changed = changed.slice(0, at) + added + changed.slice(at + lost);
          }
          const read = allowing(["token-damaged"], () => parseToken(`ENC[KMS,${changed}]`));
          if (read) assert.equal(formatToken(read.bytes, "ENC[KMS]"), `ENC[KMS,${changed}]`);
        },
      );
    },

  "nothing but white space and quotes is left out behind a token": (cases) => {
    const behind = fc.string({ unit: fc.constantFrom(" ", "\n", '"', "]", "A", "=", "x,"), maxLength: 5 });
    check<[Uint8Array, string]>(cases, ciphertext, behind, (whole, more) => {
      const read = allowing(["token-damaged"], () => parseToken(`${formatToken(whole, "ENC[KMS]")}${more}`));
      if (read) assert.match(more, /^[\s"]*$/);
    });
  },

  "every whole token in a text is found, and by a cursor in it as well": (cases) => {
    check<[string[]]>(cases, fc.array(token, { minLength: 1, maxLength: 6 }), (all) => {
      const certain = all.filter((each) => {
        const read = parseToken(each);
        return read && isCertain(read);
      });
      const document = certain.map((each, n) => `name${n}: "${each}",`).join("\n");
      const { tokens, damaged } = findTokens(document);
      assert.deepEqual(
        tokens.map(({ start, end }) => document.slice(start, end)),
        certain,
      );
      assert.equal(damaged, 0);
      for (const { start, end } of tokens) {
        const middle = findTokenAt(document, Math.floor((start + end) / 2));
        assert.deepEqual([middle?.start, middle?.end], [start, end]);
      }
    });
  },

  "texts go to bytes and come back, and half a character is refused": (cases) => {
    check<[string]>(cases, fc.oneof(text, fc.string({ unit: "binary" })), (each) => {
      if (each.isWellFormed()) assert.equal(decodeText(encodeText(each)), each);
      else assert.throws(() => encodeText(each), isKmsSelectionError);
    });
  },

  "at most one line break at the end stays outside": (cases) => {
    check<[string]>(cases, text, (each) => {
      const rest = each.slice(lengthWithoutTrailingLineBreak(each));
      assert.ok(["", "\n", "\r", "\r\n"].includes(rest));
      if (/[\r\n]$/.test(each)) assert.notEqual(rest, "");
    });
  },

  "contexts are the same only when all pairs are": (cases) => {
    check<[EncryptionContext, EncryptionContext]>(cases, context, context, (one, other) => {
      const same = (a: EncryptionContext, b: EncryptionContext): boolean =>
        JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
      assert.equal(contextDifference(one, other) === undefined, same(one, other));
      assert.equal(contextDifference(one, Object.fromEntries(Object.entries(one).reverse())), undefined);
      // No name has as many letters.
      const more = { ...one, "one pair more": "" };
      assert.ok(contextDifference(one, more) && contextDifference(more, one));
    });
  },

  "of a context's template nothing is changed but its variables": (cases) => {
    const variables = {
      identity: "alice",
      profile: undefined,
      workspaceFolderBasename: undefined,
      relativeFile: undefined,
    };
    const around = fc
      .string({ unit: fc.constantFrom("{", "}", "$", "a", "\\", " ", "é"), maxLength: 6 })
      .filter((each) => !each.includes("${"));
    check<[string, string]>(cases, around, around, (before, after) => {
      fc.pre(!before.endsWith("$"));
      const resolved = resolveContext({ name: `${before}\${identity}${after}` }, variables);
      assert.equal(resolved.name, `${before}alice${after}`);
    });
  },

  "a range that no edit has touched holds its text, wherever it went": (cases) => {
    check<[string, [number, number][], { place: number; length: number; text: string }[]]>(
      cases,
      fc.string({ minLength: 1, maxLength: 60 }),
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 10 })), { minLength: 1, maxLength: 5 }),
      edits,
      (document, places, made) => {
        const ranges = places.map(([place, length]): TrackedRange & { was: string } => {
          const start = place % document.length;
          const end = Math.min(document.length, start + length);
          return { start, end, touched: false, was: document.slice(start, end) };
        });
        let now = document;
        for (const edit of made) {
          const offset = now.length === 0 ? 0 : edit.place % (now.length + 1);
          const length = Math.min(edit.length, now.length - offset);
          now = now.slice(0, offset) + edit.text + now.slice(offset + length);
          applyChanges(ranges, [{ offset, length, newLength: edit.text.length }]);
        }
        for (const { start, end, touched, was } of ranges) {
          // Where a touched one is means nothing any more.
          if (touched) continue;
          assert.ok(0 <= start && start <= end && end <= now.length);
          assert.equal(now.slice(start, end), was);
        }
      },
    );
  },

  "texts are encrypted and come back, by KMS and as messages": (cases) =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          wellFormedText.filter((each) => each !== ""),
          { minLength: 1, maxLength: 4 },
        ),
        context,
        fc.constantFrom("never" as const, "always" as const, "auto" as const),
        fc.constantFrom("base64" as const, "ENC[KMS]" as const),
        async (texts, bound, envelope, format) => {
          const parts = await roundTrip(texts, bound, { envelope, format, dataKeyCaching: false });
          const opened = await decryptTokens(ciphers, parts, { keyId: SANDBOX_ALIAS, context: bound }, never);
          assert.deepEqual(
            opened.map((each) => each.text),
            texts,
          );
        },
      ),
      { numRuns: Math.ceil(cases / 20) },
    ),

  "what was encrypted in one context opens in no other, and not when a bit of it is changed": (cases) =>
    fc.assert(
      fc.asyncProperty(
        wellFormedText.filter((each) => each !== ""),
        context,
        context,
        fc.constantFrom("never" as const, "always" as const),
        fc.nat(),
        async (secret, bound, other, envelope, place) => {
          fc.pre(contextDifference(bound, other) !== undefined);
          const parts = await roundTrip([secret], bound, {
            envelope,
            format: "base64",
            dataKeyCaching: false,
          });
          const [part] = parts;
          assert.ok(part);
          const open = (of: typeof parts, as: EncryptionContext): Promise<unknown> =>
            decryptTokens(ciphers, of, { keyId: SANDBOX_ALIAS, context: as }, never);
          assert.ok(await refused(open(parts, other)));
          const changed = Uint8Array.from(part.content.bytes);
          changed[Math.floor(place / 8) % changed.length]! ^= 1 << (place % 8);
          assert.ok(await refused(open([{ ...part, content: { ...part.content, bytes: changed } }], bound)));
        },
      ),
      { numRuns: Math.ceil(cases / 20) },
    ),
};
