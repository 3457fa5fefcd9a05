/** Decrypted texts followed through a document's changes: a table of what a person does, and random walks with undo. */
import assert from "node:assert/strict";
import {
  followChanges,
  isUnsealed,
  newSecret,
  placeOf,
  remember,
  tokenOf,
  withOtherLineBreaks,
  type Lost,
  type Place,
  type Secret,
  type TextChange,
} from "../../../src/core/decryptedTexts";
import { fingerprintOf } from "../../../src/core/fingerprint";
import { randomNumbers } from "./randomNumbers";

/** A document with an undo stack, and the texts that are followed in it. */
class Followed {
  text: string;
  places: readonly Place<string>[] = [];
  lost: readonly Lost<string>[] = [];
  readonly secrets: Secret<string>[];
  private readonly undone: TextChange[][] = [];
  private readonly done: TextChange[][] = [];

  constructor(text: string, secrets: Secret<string>[] = []) {
    this.text = text;
    this.secrets = secrets;
  }

  /** Replaces a token by its text. */
  decrypt(token: string, plaintext: string): this {
    const start = this.text.indexOf(token);
    this.apply([{ offset: start, length: token.length, text: plaintext }], false, this.done);
    const secret = newSecret("origin", plaintext, token);
    this.secrets.push(secret);
    const range = { start, end: start + plaintext.length };
    const place = placeOf(range, fingerprintOf(plaintext), { secret, token, isSealed: false });
    // What stood there is what undo brings back.
    const seen = new Map([...place.seen, [fingerprintOf(token).digest, fingerprintOf(token)]]);
    const others = this.places.filter((each) => each.end <= start || each.start >= range.end);
    this.places = [...others, { ...place, seen }].sort((a, b) => a.start - b.start);
    return this;
  }

  /** Replaces a text that stands there once. */
  replace(old: string, text: string): this {
    const offset = this.text.indexOf(old);
    assert.ok(offset >= 0 && !this.text.includes(old, offset + 1), old);
    return this.change({ offset, length: old.length, text });
  }

  insertBefore(mark: string, text: string): this {
    return this.change({ offset: this.text.indexOf(mark), length: 0, text });
  }

  insertBehind(mark: string, text: string): this {
    return this.change({ offset: this.text.indexOf(mark) + mark.length, length: 0, text });
  }

  change(...changes: TextChange[]): this {
    this.undone.length = 0;
    this.apply(changes, false, this.done);
    return this;
  }

  undo(): this {
    this.apply(this.done.pop() ?? [], true, this.undone);
    return this;
  }

  redo(): this {
    this.apply(this.undone.pop() ?? [], true, this.done);
    return this;
  }

  /** What is unsealed, as a save would find it: the text, and the token that is written for it. */
  unsealed(): [text: string, token: string | undefined][] {
    return this.places
      .filter(isUnsealed)
      .map((place) => [this.text.slice(place.start, place.end), tokenOf(place)]);
  }

  private apply(changes: readonly TextChange[], isUndo: boolean, inverse: TextChange[][]): void {
    const back: TextChange[] = [];
    for (const { offset, length, text } of changes) {
      back.unshift({ offset, length: text.length, text: this.text.slice(offset, offset + length) });
      this.text = this.text.slice(0, offset) + text + this.text.slice(offset + length);
    }
    inverse.push(back);
    const { secrets, lost } = this;
    const around = { secrets, lost, eolLength: 1, isUndo, isFromDisk: false };
    const slice = (start: number, end: number): string => this.text.slice(start, end);
    ({ places: this.places, lost: this.lost } = followChanges(this.places, changes, slice, around));
  }
}

const TOKEN = `ENC[KMS,${Buffer.alloc(60, 1).toString("base64")}]`;
const OTHER = `ENC[KMS,${Buffer.alloc(60, 2).toString("base64")}]`;
const TEXT = "hunter2-hunter2";

/** `password: hunter2-hunter2`, decrypted, between two other lines. */
function decrypted(plaintext = TEXT): Followed {
  return new Followed(`first: 1\npassword: ${TOKEN}\nlast: 9\n`).decrypt(TOKEN, plaintext);
}

suite("Decrypted texts", () => {
  const cases: [title: string, act: (document: Followed) => unknown, expected: [string, string?][]][] = [
    ["are unsealed, and unchanged", () => undefined, [[TEXT, TOKEN]]],
    ["edits before and behind", (doc) => doc.replace("first: 1", "x").replace("last", "end"), [[TEXT, TOKEN]]],
    ["an edit inside", (doc) => doc.replace("er2-h", "X"), [["huntXunter2"]]],
    ["an edit that is taken back by hand", (doc) => doc.replace("-", "+").replace("+", "-"), [[TEXT, TOKEN]]],
    ["typed at the end", (doc) => doc.insertBehind(TEXT, "!"), [[`${TEXT}!`]]],
    ["typed at the start", (doc) => doc.insertBefore(TEXT, "!"), [[`!${TEXT}`]]],
    ["a comment behind", (doc) => doc.insertBehind(TEXT, " # note"), [[TEXT, TOKEN]]],
    ["quotes around", (doc) => doc.insertBefore(TEXT, '"').insertBehind(TEXT, '"'), [[TEXT, TOKEN]]],
    ["replaced by another text", (doc) => doc.replace(TEXT, "new"), [["new"]]],
    ["deleted", (doc) => doc.replace(TEXT, ""), []],
    ["deleted, and another one typed", (doc) => doc.replace(TEXT, "").insertBehind("password: ", "new one"), [["new one"]]],
    ["deleted, and a line below it", (doc) => doc.replace(TEXT, "").insertBehind("password: ", "\nnew: 1"), []],
    ["the line deleted", (doc) => doc.replace(`password: ${TEXT}\n`, ""), []],
    ["the end of it and more deleted", (doc) => doc.replace("er2\nlast: 9", ""), [["hunter2-hunt"]]],
    ["undone: the token is back", (doc) => doc.undo(), []],
    ["undone and redone", (doc) => doc.undo().redo(), [[TEXT, TOKEN]]],
    ["undone, and the token edited", (doc) => doc.undo().replace("ENC[KMS,", "ENC[KMS,x"), []],
    ["undone, and the token replaced by hand", (doc) => doc.undo().replace(TOKEN, "something"), []],
    ["another token pasted over it", (doc) => doc.replace(TEXT, OTHER), []],
    ["a first character deleted, undone", (doc) => doc.replace("hunter2-h", "unter2-h").undo(), [[TEXT, TOKEN]]],
    ["typed characters, each undone", (doc) => doc.insertBehind(TEXT, "a").insertBehind(`${TEXT}a`, "b").undo(), [[`${TEXT}a`]]],
    ["deleted with text behind it, undone", (doc) => doc.replace("er2\nlast: 9", "").undo(), [[TEXT, TOKEN]]],
    ["deleted with text before it, undone", (doc) => doc.replace("1\npassword: hun", "").undo(), [[TEXT, TOKEN]]],
    ["what stands before it deleted, undone", (doc) => doc.replace("word: ", "").undo(), [[TEXT, TOKEN]]],
    ["the line deleted, undone", (doc) => doc.replace(`password: ${TEXT}\n`, "").undo(), [[TEXT, TOKEN]]],
    ["cut and pasted", (doc) => doc.replace(TEXT, "").insertBehind("last: ", TEXT), [[TEXT, TOKEN]]],
    ["cut and pasted, and another text typed where it was", (doc) => doc.replace(TEXT, "").insertBehind("last: ", TEXT).insertBehind("password: ", "none"), [[TEXT, TOKEN]]],
    ["its line cut and pasted", (doc) => doc.replace(`password: ${TEXT}\n`, "").insertBefore("last", `password: ${TEXT}\n`), [[TEXT, TOKEN]]],
    ["copied", (doc) => doc.insertBehind("last: ", TEXT), [[TEXT, TOKEN], [TEXT, TOKEN]]],
    ["its line copied", (doc) => doc.insertBefore("last", `password: ${TEXT}\n`), [[TEXT, TOKEN], [TEXT, TOKEN]]],
    ["copied into a longer word", (doc) => doc.insertBefore("last", `${TEXT}0 `), [[TEXT, TOKEN]]],
    ["all replaced, as a formatter does", (doc) => doc.replace(doc.text, `{ "password": "${TEXT}" }`), [[TEXT, TOKEN]]],
    ["all replaced by a file with its token", (doc) => doc.replace(doc.text, `password: ${TOKEN}`), []],
  ]; // prettier-ignore
  for (const [title, act, expected] of cases) {
    test(title, () => {
      const document = decrypted();
      act(document);
      assert.deepEqual(
        document.unsealed(),
        expected.map(([text, token]) => [text, token]),
      );
    });
  }

  suite("that look like any other text", () => {
    for (const weak of ["prod", "password", "1"]) {
      test(`"${weak}" is not taken for a copy where it is typed or pasted`, () => {
        const document = decrypted(weak)
          .insertBefore("last", `${weak}: ${weak}\n`)
          .insertBefore("last", weak);
        assert.deepEqual(document.unsealed(), [[weak, TOKEN]]);
      });
    }

    test("are followed when they are cut and pasted, or their line is moved", () => {
      const cut = decrypted("letmein").replace("letmein", "").insertBehind("last: ", "letmein");
      assert.deepEqual(cut.unsealed(), [["letmein", TOKEN]]);
      const line = "password: letmein\n";
      const document = decrypted("letmein");
      const offset = document.text.indexOf(line);
      document.change(
        { offset: document.text.length, length: 0, text: line },
        { offset, length: line.length, text: "" },
      );
      assert.equal(document.text, `first: 1\nlast: 9\n${line}`);
      assert.deepEqual(document.unsealed(), [["letmein", TOKEN]]);
    });
  });

  test("a copy in another document is known", () => {
    const { secrets } = decrypted();
    const other = new Followed("x: \n", secrets).insertBehind("x: ", TEXT);
    assert.deepEqual(other.unsealed(), [[TEXT, TOKEN]]);
    assert.deepEqual(other.undo().unsealed(), []);
  });

  test("sealed, undone, edited: each text has its own token, and the last one on the disk is the one to fall back to", () => {
    const document = decrypted().replace(TEXT, "new-text-1");
    const [place] = document.places;
    assert.ok(place);
    remember(place.secret, fingerprintOf("new-text-1"), OTHER);
    assert.deepEqual(document.unsealed(), [["new-text-1", OTHER]]);
    document.replace("new-text-1", OTHER);
    assert.deepEqual(document.unsealed(), []);
    document.undo();
    assert.deepEqual(document.unsealed(), [["new-text-1", OTHER]]);
    document.replace("text-1", "text-2");
    assert.deepEqual(document.unsealed(), [["new-text-2", undefined]]);
    assert.equal(document.places[0]?.token, OTHER);
    document.undo().undo();
    assert.deepEqual(document.unsealed(), [[TEXT, TOKEN]]);
  });

  test("two texts side by side never share what is typed between them", () => {
    const document = new Followed(`${TOKEN}${OTHER}`).decrypt(OTHER, "second").decrypt(TOKEN, "first");
    document.insertBehind("first", "!");
    assert.deepEqual(document.unsealed(), [
      ["first!", undefined],
      ["second", OTHER],
    ]);
  });

  test("another kind of line break moves the places, and changes no text", () => {
    const text = "one\ntwo: a\nb\nthree: c\n";
    const secret = newSecret("origin", "a\nb", TOKEN);
    const place = { start: 9, end: 12 };
    const places = [placeOf(place, fingerprintOf("a\nb"), { secret, token: TOKEN, isSealed: false })];
    const windows = text.replaceAll("\n", "\r\n");
    const moved = withOtherLineBreaks(places, windows, "\r\n");
    assert.deepEqual(
      moved.map(({ start, end }) => windows.slice(start, end)),
      ["a\r\nb"],
    );
    assert.deepEqual(withOtherLineBreaks(moved, text, "\n"), places);
    assert.equal(fingerprintOf("a\r\nb").digest, fingerprintOf("a\nb").digest);
  });

  test("on random walks no character of a text is ever outside its place, and undo brings back what stood there", () => {
    const random = randomNumbers(7);
    let edited = 0;
    for (let round = 0; round < 400; round++) {
      const document = new Followed(`a=${TOKEN} b=${OTHER} c=0`);
      // Each has letters of its own, so that a character tells whose it is.
      document.decrypt(TOKEN, "ABCDEFGHabcdefgh").decrypt(OTHER, "STUVWXYZstuvwxyz");
      const states = [document.unsealed()];
      for (let step = 0; step < 8; step++) {
        const { length } = document.text;
        const offset = random(length + 1);
        const removed = random(3) === 0 ? 0 : random(Math.min(8, length - offset + 1));
        const text = "0123456789 -".slice(random(6), 6 + random(6));
        document.change({ offset, length: removed, text });
        states.push(document.unsealed());
        const inPlaces = document.unsealed().map(([each]) => each);
        const outside = inPlaces.reduce((rest, each) => rest.replace(each, ""), document.text);
        assert.doesNotMatch(outside, /[A-HS-Zd-hs-z]/, JSON.stringify({ round, step, text: document.text }));
        const { places } = document;
        assert.ok(places.every(({ start }, n) => start >= (places[n - 1]?.end ?? 0)));
        if (inPlaces.some((each) => /[0-9]/.test(each))) edited++;
      }
      for (const state of states.reverse().slice(1)) {
        document.undo();
        assert.deepEqual(document.unsealed(), state, JSON.stringify({ round, text: document.text }));
      }
      document.undo().undo();
      assert.deepEqual(document.unsealed(), []);
      document.redo().redo();
      assert.deepEqual(document.unsealed(), states.at(-1));
    }
    assert.ok(edited > 400, `only ${edited} states with edited texts`);
  });
});
