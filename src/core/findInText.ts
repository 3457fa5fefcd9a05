/** All tokens of a text, and all texts that are marked to become tokens. */
import { KmsSelectionError } from "./errors";
import { MAX_WRAPPED_LINE } from "./findTokenAt";
import { beginsToken, isCertain, readToken, type Token } from "./tokens";

export interface FoundTokens {
  /** In document order, with offsets into the text. */
  readonly tokens: readonly Token[];
  /** What is plainly meant as a token but is cut or altered. */
  readonly damaged: number;
}

/** Only tokens that tell by themselves that they are: other base64 may be anything. In time that grows with the text. */
export function findTokens(text: string): FoundTokens {
  const candidate = /ENC\[KMS,|[A-Za-z0-9+/]{24,}={0,2}/g;
  const tokens: Token[] = [];
  let damaged = 0;
  for (let match = candidate.exec(text); match; match = candidate.exec(text)) {
    const [found] = match;
    const isMarker = found.startsWith("ENC[");
    if (!isMarker && !beginsToken(found)) continue;
    const start = match.index;
    const ends = isMarker ? [endOfMarked(text, candidate.lastIndex)] : endsOfWrapped(text, start, found);
    const token = firstToken(text, start, ends);
    if (token === "damaged") {
      damaged++;
      // What is behind a cut marker is part of it.
      if (isMarker) candidate.lastIndex = ends[0] ?? candidate.lastIndex;
    }
    if (typeof token === "string" || !token) continue;
    tokens.push(token);
    candidate.lastIndex = token.end;
  }
  return { tokens, damaged };
}

/** The first of several ends that makes a token. */
function firstToken(text: string, start: number, ends: readonly number[]): Token | "damaged" | undefined {
  let isDamaged = false;
  for (const end of ends) {
    const token = readToken(text.slice(start, end));
    if (token === "damaged") isDamaged = true;
    else if (token && isCertain(token))
      return { ...token, start: start + token.start, end: start + token.end };
  }
  return isDamaged ? "damaged" : undefined;
}

/** Behind the closing bracket; where there is none, behind what may stand before one. */
function endOfMarked(text: string, from: number): number {
  const inside = /[A-Za-z0-9+/=\s]*\]?/y;
  inside.lastIndex = from;
  inside.exec(text);
  return inside.lastIndex;
}

/** Where a bare token that begins here may end: behind the lines that it may be wrapped over, or in its own line. */
function endsOfWrapped(text: string, start: number, first: string): number[] {
  const ends = [start + first.length];
  if (first.length > MAX_WRAPPED_LINE) return ends;
  const line = /\r?\n[ \t]*([A-Za-z0-9+/]+={0,2})(?![A-Za-z0-9+/=])/y;
  line.lastIndex = start + first.length;
  for (let next = line.exec(text); next; next = line.exec(text)) {
    const [, run = ""] = next;
    if (run.length > first.length || beginsToken(run)) break;
    ends.unshift(line.lastIndex);
    if (run.length < first.length) break;
  }
  // Of many lines only the last may be something else.
  return ends.length > 3 ? [...ends.slice(0, 2), ...ends.slice(-1)] : ends;
}

export interface MarkedText {
  readonly content: string;
  /** Of the whole mark, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
}

const OPENING = "DEC[KMS,";
/** Longer than one bracket, which a secret may well hold. */
const CLOSING = "]DEC";

/**
 * `DEC[KMS,text]DEC`, in document order. Throws `mark-not-closed` and `mark-ambiguous`: part of a secret must not stay
 * in clear.
 */
export function findMarked(text: string): MarkedText[] {
  const found: MarkedText[] = [];
  for (let start = text.indexOf(OPENING); start !== -1;) {
    const from = start + OPENING.length;
    const to = text.indexOf(CLOSING, from);
    const next = text.indexOf(OPENING, from);
    if (to === -1 || (next !== -1 && next < to)) {
      throw new KmsSelectionError({ code: "mark-not-closed", line: lineAt(text, start) });
    }
    const end = to + CLOSING.length;
    const another = text.indexOf(CLOSING, end);
    if (another !== -1 && (next === -1 || another < next)) {
      throw new KmsSelectionError({ code: "mark-ambiguous", line: lineAt(text, start) });
    }
    found.push({ content: text.slice(from, to), start, end });
    start = next;
  }
  return found;
}

/** Counted from 1. */
function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
