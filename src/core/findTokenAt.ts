/** The token around a place in a text: marked, bare, or wrapped over several lines. */
import { KmsSelectionError } from "./errors";
import { beginsToken, MARKER, readToken, type Token } from "./tokens";

export const MAX_WRAPPED_LINE = 76;
/** Nobody wraps more tightly, and a column of words is no token. */
const MIN_WRAPPED_LINE = 24;

type TextRange = readonly [start: number, end: number];

/** With offsets into the text. Throws `token-damaged` for what is plainly meant as a token, but cut or altered. */
export function findTokenAt(text: string, offset: number): Token | undefined {
  let isDamaged = false;
  for (const range of [markedRangeAt(text, offset), ...wrappedRangesAt(text, offset), runAt(text, offset)]) {
    if (!range) continue;
    const token = isCutMarker(text, range) ? "damaged" : readToken(text.slice(...range));
    if (token === "damaged") isDamaged = true;
    else if (token) return { ...token, start: range[0] + token.start, end: range[0] + token.end };
  }
  if (isDamaged) throw new KmsSelectionError({ code: "token-damaged" });
  return undefined;
}

/** Without its closing bracket; what is behind the marker must not be taken for a bare token. */
function isCutMarker(text: string, [start]: TextRange): boolean {
  return text.slice(0, start).trimEnd().endsWith(MARKER);
}

function markedRangeAt(text: string, offset: number): TextRange | undefined {
  const start = text.lastIndexOf(MARKER, offset);
  if (start === -1) return undefined;
  const end = text.indexOf("]", start) + 1;
  if (end === 0 || offset > end || !/^[A-Za-z0-9+/=\s]*$/.test(text.slice(start + MARKER.length, end - 1))) {
    return undefined;
  }
  return [start, end];
}

function isBase64Digit(text: string, offset: number): boolean {
  return /^[A-Za-z0-9+/]$/.test(text.charAt(offset));
}

/** The base64 characters around a place, within one line. */
function runAt(text: string, offset: number): TextRange | undefined {
  let start = offset;
  // From within or behind the padding, go back to the digits; before a digit, `=` belongs to what `KEY=` sets.
  if (!isBase64Digit(text, offset)) while (start > 0 && text.charAt(start - 1) === "=") start--;
  while (start > 0 && isBase64Digit(text, start - 1)) start--;
  let end = start;
  while (isBase64Digit(text, end)) end++;
  while (text.charAt(end) === "=") end++;
  return end > start && offset <= end ? [start, end] : undefined;
}

interface Line {
  /** The base64 run at the end of the line, without white space and a closing quote behind it. */
  readonly run: TextRange;
  /** Nothing but white space (or an opening quote) stands before the run. */
  readonly whole: boolean;
  readonly lineStart: number;
  readonly lineEnd: number;
}

/** By hand: a regular expression that is tried at each place of a long line takes quadratic time. */
function lineAt(text: string, offset: number): Line | undefined {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const newline = text.indexOf("\n", offset);
  const lineEnd = newline === -1 ? text.length : newline;
  const back = (from: number, characters: string): number => {
    while (from > lineStart && characters.includes(text.charAt(from - 1))) from--;
    return from;
  };
  const end = back(back(lineEnd, " \t\r"), "\"'`,");
  let start = end;
  while (start > lineStart && end - start < 2 && text.charAt(start - 1) === "=") start--;
  const digitsEnd = start;
  while (start > lineStart && isBase64Digit(text, start - 1)) start--;
  if (start === digitsEnd) return undefined;
  const whole = /^[ \t]*["'`]?$/.test(text.slice(lineStart, start));
  return { run: [start, end], whole, lineStart, lineEnd };
}

const width = (line: Line): number => line.run[1] - line.run[0];

/**
 * A token wrapped over several lines, as `base64` and mail programs do: at most 76 characters wide (the limit of MIME,
 * RFC 2045, section 6.8), every line but the last equally wide, and no line but the first begins a token of its own.
 * The last line may be a word that does not belong to it, so there is a second range without it.
 */
function wrappedRangesAt(text: string, offset: number): TextRange[] {
  const begins = (line: Line): boolean => beginsToken(text.slice(line.run[0], line.run[1]));
  const isPadded = (line: Line): boolean => text.charAt(line.run[1] - 1) === "=";
  const here = lineAt(text, offset);
  if (!here || offset < here.run[0] || offset > here.run[1]) return [];
  let first = here;
  for (;;) {
    if (!first.whole || first.lineStart === 0 || begins(first)) break;
    const above = lineAt(text, first.lineStart - 1);
    if (!above || isPadded(above) || width(above) < width(first)) break;
    if (first !== here && width(above) !== width(first)) break;
    first = above;
  }
  let last = here;
  let beforeLast = here;
  for (;;) {
    if (last.lineEnd === text.length || isPadded(last) || width(last) < width(first)) break;
    const below = lineAt(text, last.lineEnd + 1);
    if (!below?.whole || begins(below) || width(below) > width(first)) break;
    beforeLast = last;
    last = below;
  }
  if (first === last || width(first) > MAX_WRAPPED_LINE || width(first) < MIN_WRAPPED_LINE) return [];
  const ends =
    beforeLast !== first && width(last) < width(first) && last !== here ? [last, beforeLast] : [last];
  return ends.map((end) => [first.run[0], end.run[1]]);
}
