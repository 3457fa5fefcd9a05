/**
 * What is kept of decrypted texts so that they are known again once their window was loaded anew: where they stood, and
 * digests. A digest is of use to nobody without its key, not even to find a weak secret by trying; how long a text is,
 * its token tells as well.
 */
import { createHmac } from "node:crypto";
import type { TextRange } from "./trackedRanges";

export interface RecordedText<Origin> {
  /** The lines that it stands in, as a whole, in UTF-16 code units. */
  readonly lines: TextRange;
  /** Of these lines. Each token has digests of its own, so that they do not tell which texts are alike. */
  readonly digest: string;
  /** Where the text is. */
  readonly text: TextRange;
  /** The last token that stood here. */
  readonly token: string;
  /** The token of the very text; absent: it was edited and not encrypted yet. */
  readonly tokenOfText?: string;
  readonly origin: Origin;
}

/** A place to be recorded. */
export interface Recordable<Origin> extends TextRange {
  readonly token: string;
  readonly tokenOfText: string | undefined;
  readonly origin: Origin;
}

/** `text` is the document's. */
export function recordOf<Origin>(
  key: Uint8Array,
  text: string,
  places: readonly Recordable<Origin>[],
): RecordedText<Origin>[] {
  return places.map(({ start, end, token, tokenOfText, origin }) => {
    const lines = linesAround(text, start, end);
    return {
      lines,
      digest: digestOf(key, token, text.slice(lines.start, lines.end)),
      text: { start, end },
      token,
      ...(tokenOfText !== undefined && { tokenOfText }),
      origin,
    };
  });
}

/** More are not tried: a document with so many lines of one length is searched no further. */
const MAX_DIGESTS = 200_000;

/** Where the recorded texts stand now, each by its whole lines; `undefined`: nowhere. */
export function findRecorded(
  key: Uint8Array,
  text: string,
  recorded: readonly RecordedText<unknown>[],
): (TextRange | undefined)[] {
  const starts = lineStarts(text);
  const byLength = new Map<number, number[]>();
  const ofLength = (length: number): number[] => {
    const known = byLength.get(length) ?? starts.filter((start) => isLineEnd(text, start + length));
    byLength.set(length, known);
    return known;
  };
  const taken = new Set<number>();
  let shift = 0;
  let tried = 0;
  return recorded.map(({ lines, digest, text: { start, end }, token }) => {
    const length = lines.end - lines.start;
    // Mostly all have moved alike, or not at all.
    const candidates = [lines.start + shift, lines.start, ...ofLength(length)];
    for (const candidate of candidates) {
      const moved = candidate - lines.start;
      if (taken.has(start + moved) || !areLines(text, candidate, candidate + length)) continue;
      if (++tried > MAX_DIGESTS) return undefined;
      if (digestOf(key, token, text.slice(candidate, candidate + length)) !== digest) continue;
      shift = moved;
      taken.add(start + moved);
      return { start: start + moved, end: end + moved };
    }
    return undefined;
  });
}

function digestOf(key: Uint8Array, token: string, text: string): string {
  return createHmac("sha256", key).update(`${token}\n`).update(text, "utf16le").digest("base64");
}

function linesAround(text: string, start: number, end: number): TextRange {
  const before = text.lastIndexOf("\n", start - 1);
  const behind = text.indexOf("\n", end);
  return { start: start === 0 ? 0 : before + 1, end: behind === -1 ? text.length : behind };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function areLines(text: string, start: number, end: number): boolean {
  return (start === 0 || text.charAt(start - 1) === "\n") && isLineEnd(text, end);
}

function isLineEnd(text: string, at: number): boolean {
  return at === text.length || text.charAt(at) === "\n";
}
