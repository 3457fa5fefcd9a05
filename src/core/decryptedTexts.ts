/**
 * Texts that were decrypted in place, followed through the changes of their document: edits in and around them, undo,
 * cut, copy and paste. They are known by fingerprints; the texts themselves are in the document alone.
 */
import { findTokens } from "./findInText";
import { findCopies } from "./findCopies";
import { fingerprintOf, lengthIn, type Fingerprint } from "./fingerprint";
import { followEdits, touches, type Edit, type TextRange } from "./trackedRanges";

/** A text that was decrypted, shared by all places where it stands. */
export interface Secret<Origin> {
  /** Whatever is needed to encrypt it anew. */
  readonly origin: Origin;
  /** By digest: the texts whose tokens are known. */
  readonly sealed: Map<string, { readonly text: Fingerprint; readonly token: string }>;
}

/** Where such a text, or its token, stands. An empty place is one whose text was deleted: what is typed there is its text. */
export interface Place<Origin> extends TextRange {
  /** The same for as long as the place is followed. */
  readonly id: symbol;
  readonly secret: Secret<Origin>;
  /** The last one that stood here. */
  readonly token: string;
  /** A token stands here now, even if somebody edited it since. */
  readonly isSealed: boolean;
  /** What stands here now. */
  readonly text: Fingerprint;
  /** By digest: the texts that stood here, which undo brings back. */
  readonly seen: ReadonlyMap<string, Fingerprint>;
}

/** A place that a change took away, until its text turns up again. */
export type Lost<Origin> = Place<Origin>;

export interface TextChange {
  /** Where the replaced text began and how long it was, in UTF-16 code units. */
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

export interface Changed<Origin> {
  readonly places: readonly Place<Origin>[];
  readonly lost: readonly Lost<Origin>[];
}

/** Texts that stood in one place, and places that are lost in one document: more are not remembered. */
const MAX_SEEN = 200;
const MAX_LOST = 5000;

/** `token`: of this very text; `undefined` where it was edited since it was decrypted. */
export function newSecret<Origin>(origin: Origin, text: string, token: string | undefined): Secret<Origin> {
  const secret: Secret<Origin> = { origin, sealed: new Map() };
  if (token !== undefined) remember(secret, fingerprintOf(text), token);
  return secret;
}

/** From now on this text of the secret needs no request: its token is known. */
export function remember(secret: Secret<unknown>, text: Fingerprint, token: string): void {
  secret.sealed.set(text.digest, { text, token });
}

/** A place where the text of the secret stands, as it was decrypted or as it was found again. */
export function placeOf<Origin>(
  { start, end }: TextRange,
  text: Fingerprint,
  from: Pick<Place<Origin>, "secret" | "token" | "isSealed"> & Partial<Pick<Place<Origin>, "id" | "seen">>,
): Place<Origin> {
  const { id = Symbol("place"), secret, token, isSealed, seen = new Map<string, Fingerprint>() } = from;
  return { id, start, end, secret, token, isSealed, text, seen: withSeen(seen, text) };
}

/** Readable text stands there. */
export function isUnsealed({ isSealed, text }: Place<unknown>): boolean {
  return !isSealed && text.length > 0;
}

/** The token of the very text that stands there; `undefined`: it has to be encrypted. */
export function tokenOf({ secret, text }: Place<unknown>): string | undefined {
  return secret.sealed.get(text.digest)?.token;
}

/** Reads a part of a document. */
export type Slice = (start: number, end: number) => string;

/** What is known besides the places of a document. */
export interface Surroundings<Origin> {
  /** Of all documents. */
  readonly secrets: readonly Secret<Origin>[];
  /** Of this document. */
  readonly lost: readonly Lost<Origin>[];
  readonly eolLength: number;
  /** The change was an undo or a redo. */
  readonly isUndo: boolean;
  /** The change is what the disk has: a file was reverted, or something else has written it. */
  readonly isFromDisk: boolean;
}

/** Where the texts are after changes, which come as an editor applies them: one after the other. `slice` reads the text after them. */
export function followChanges<Origin>(
  before: readonly Place<Origin>[],
  changes: readonly TextChange[],
  slice: Slice,
  around: Surroundings<Origin>,
): Changed<Origin> {
  const edits = changes.map(asEdit);
  const lost = [...around.lost];
  const justLost: Lost<Origin>[] = [];
  const followed: Place<Origin>[] = [];
  for (const place of before) {
    const moved = followPlace(place, edits, slice, around);
    if (moved) followed.push(moved);
    if (place.text.length > 0 && (!moved || moved.text.length === 0)) justLost.push(place);
  }
  const places = withoutOverlaps(followed, slice);
  const found = findCopies(places, changes, edits, slice, { ...around, lost, justLost });
  const copies = found.map((range) => placeOf(range, range.wanted.text, range.wanted.place));
  // What was found elsewhere was moved: where it stood, nothing is left of it.
  const moved = new Set(found.flatMap(({ wanted }) => wanted.lost ?? []));
  const isLeft = (place: Place<Origin>): boolean =>
    place.text.length === 0 && [...moved].some(({ secret }) => secret === place.secret);
  return {
    places: [...places.filter((place) => !isLeft(place)), ...copies].sort((a, b) => a.start - b.start),
    lost: [...lost, ...justLost].filter((each) => !moved.has(each)).slice(-MAX_LOST),
  };
}

/** White space and quotes typed around a text are not of it. */
function asEdit({ offset, length, text }: TextChange): Edit {
  return { offset, length, newLength: text.length, joins: !/[\s"'`]/.test(text) };
}

function followPlace<Origin>(
  place: Place<Origin>,
  edits: readonly Edit[],
  slice: Slice,
  { eolLength, isUndo, isFromDisk }: Surroundings<Origin>,
): Place<Origin> | undefined {
  const narrow = followEdits(place, edits, "exclude");
  if (!touches(place, edits)) return narrow && { ...place, ...narrow };
  const wide = followEdits(place, edits, "include");
  const joined = followEdits(place, edits, place.isSealed ? "exclude" : "join");
  if (!narrow || !wide || !joined) return undefined;
  const seen = isUndo ? findSeen([narrow, joined, wide], wide, place, slice, eolLength) : undefined;
  // An empty place takes in what is typed, but no other line.
  const isTypedInto = place.text.length === 0 && !/[\r\n]/.test(slice(wide.start, wide.end));
  return settle(place, seen ?? (isTypedInto ? wide : joined), edits, slice, isFromDisk);
}

/** What stood here before and does so again: the longest, where one is the beginning of another. */
function findSeen(
  ranges: readonly TextRange[],
  within: TextRange,
  { seen }: Place<unknown>,
  slice: Slice,
  eolLength: number,
): TextRange | undefined {
  const known = [...seen.values()].filter((each) => each.length > 0).sort((a, b) => b.length - a.length);
  for (const fingerprint of known) {
    const length = lengthIn(fingerprint, eolLength);
    const candidates = ranges.flatMap(({ start, end }) => [start, end - length]);
    for (const start of new Set(candidates)) {
      const end = start + length;
      if (start < within.start || end > within.end) continue;
      if (fingerprintOf(slice(start, end)).digest === fingerprint.digest) return { start, end };
    }
  }
  return undefined;
}

/** What the text that stands there now is. `undefined`: none of ours. */
function settle<Origin>(
  place: Place<Origin>,
  range: TextRange,
  edits: readonly Edit[],
  slice: Slice,
  isFromDisk: boolean,
): Place<Origin> | undefined {
  const { start, end } = range;
  const content = slice(start, end);
  const fingerprint = fingerprintOf(content);
  const known = { ...place, ...range, text: fingerprint };
  if (fingerprint.digest === place.text.digest) return known;
  const isOwnToken = [...place.secret.sealed.values()].some(({ token }) => token === content);
  if (isOwnToken || isToken(content)) {
    return { ...known, isSealed: true, token: content, seen: withSeen(place.seen, fingerprint) };
  }
  if (place.seen.has(fingerprint.digest) || place.secret.sealed.has(fingerprint.digest)) {
    return { ...known, isSealed: false, seen: withSeen(place.seen, fingerprint) };
  }
  // Nobody edited the secret into what a file holds.
  if (isFromDisk) return undefined;
  if (!place.isSealed) return { ...known, seen: withSeen(place.seen, fingerprint) };
  // Whoever replaces a token by a text of theirs has not decrypted it; whoever edits one has broken it.
  const isReplaced = edits.some(
    ({ offset, length }) => length > 0 && offset <= place.start && offset + length >= place.end,
  );
  return isReplaced ? undefined : known;
}

/** A token and nothing else. */
function isToken(text: string): boolean {
  const [token] = findTokens(text).tokens;
  return token?.start === 0 && token.end === text.length;
}

function withSeen(seen: ReadonlyMap<string, Fingerprint>, text: Fingerprint): Map<string, Fingerprint> {
  const others = [...seen].filter(([digest]) => digest !== text.digest);
  return new Map([...others.slice(-MAX_SEEN + 1), [text.digest, text]]);
}

/** An insertion where two places meet belongs to one of them. */
function withoutOverlaps<Origin>(places: readonly Place<Origin>[], slice: Slice): Place<Origin>[] {
  const ordered = [...places].sort((a, b) => a.start - b.start || a.end - b.end);
  let free = 0;
  return ordered.flatMap((place) => {
    const start = Math.max(place.start, free);
    if (start > place.end || (start === place.end && place.text.length > 0)) return [];
    free = place.end;
    if (start === place.start) return [place];
    const fingerprint = fingerprintOf(slice(start, place.end));
    return [{ ...place, start, text: fingerprint, seen: withSeen(place.seen, fingerprint) }];
  });
}

/** The places after the document got another kind of line break; `text` has the new one. */
export function withOtherLineBreaks<Origin>(
  places: readonly Place<Origin>[],
  text: string,
  eol: "\n" | "\r\n",
): Place<Origin>[] {
  const oldLength = eol === "\n" ? 2 : 1;
  const breaks: number[] = [];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
    // Where the line break began in the text as it was.
    breaks.push(at + 1 - eol.length + breaks.length * (oldLength - eol.length));
  }
  const shifted = (offset: number): number =>
    offset - breaks.filter((at) => at < offset).length * (oldLength - eol.length);
  return places.map((place) => ({ ...place, start: shifted(place.start), end: shifted(place.end) }));
}
