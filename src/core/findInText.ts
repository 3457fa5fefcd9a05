/** All tokens of a text, and all texts that are marked to become tokens. */
import { isKmsSelectionError, KmsSelectionError } from "./errors";
import { findTokenAt, isCertain, type Token } from "./tokens";

export interface FoundTokens {
  /** In document order, with offsets into the text. */
  readonly tokens: readonly Token[];
  /** What is plainly meant as a token but is cut or altered. */
  readonly damaged: number;
}

/** Only tokens that tell by themselves that they are: other base64 may be anything. */
export function findTokens(text: string): FoundTokens {
  const candidate = /ENC\[KMS,|[A-Za-z0-9+/]{24,}={0,2}/g;
  const tokens: Token[] = [];
  let damaged = 0;
  for (let match = candidate.exec(text); match; match = candidate.exec(text)) {
    try {
      const token = findTokenAt(text, match.index);
      if (!token || !isCertain(token) || token.start < (tokens.at(-1)?.end ?? 0)) continue;
      tokens.push(token);
      candidate.lastIndex = token.end;
    } catch (error) {
      if (!isKmsSelectionError(error)) throw error;
      damaged++;
      // What is behind a cut marker is part of it.
      if (match[0].startsWith("ENC")) candidate.lastIndex = endOfRun(text, candidate.lastIndex);
    }
  }
  return { tokens, damaged };
}

function endOfRun(text: string, start: number): number {
  const end = text.slice(start).search(/[^A-Za-z0-9+/=]/);
  return end === -1 ? text.length : start + end;
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

/** `DEC[KMS,text]DEC`, in document order. Throws `mark-not-closed`: part of a secret must not stay in clear. */
export function findMarked(text: string): MarkedText[] {
  const found: MarkedText[] = [];
  for (let start = text.indexOf(OPENING); start !== -1;) {
    const from = start + OPENING.length;
    const to = text.indexOf(CLOSING, from);
    const next = text.indexOf(OPENING, from);
    if (to === -1 || (next !== -1 && next < to)) {
      throw new KmsSelectionError({
        code: "mark-not-closed",
        line: text.slice(0, start).split("\n").length,
      });
    }
    const end = to + CLOSING.length;
    found.push({ content: text.slice(from, to), start, end });
    start = next;
  }
  return found;
}
