/** Texts of ours in what was inserted into a document: copies that were pasted, and what was moved or brought back. */
import type { Lost, Place, placeOf, Slice, Surroundings, TextChange } from "./decryptedTexts";
import { fingerprintOf, headAt, HEAD_LENGTH, lengthIn, type Fingerprint } from "./fingerprint";
import { followEdits, type Edit, type TextRange } from "./trackedRanges";

interface Wanted<Origin> {
  readonly text: Fingerprint;
  readonly place: Parameters<typeof placeOf<Origin>>[2];
  /** Where it was lost. */
  readonly lost?: Lost<Origin>;
  /** Only where it is all that was inserted: it may be any other text as well. */
  readonly isWhole: boolean;
}

export interface Found<Origin> extends TextRange {
  readonly wanted: Wanted<Origin>;
}

/**
 * Texts of ours in what was inserted. Those that hardly anything else looks like are known anywhere; others only in the
 * document that they were lost in, by the same change, by undo, or where they are all that was pasted.
 */
export function findCopies<Origin>(
  places: readonly Place<Origin>[],
  changes: readonly TextChange[],
  edits: readonly Edit[],
  slice: Slice,
  around: Surroundings<Origin> & { readonly justLost: readonly Lost<Origin>[] },
): Found<Origin>[] {
  const inserted = insertions(changes, edits);
  if (inserted.length === 0) return [];
  const wanted = wantedTexts(around);
  if (wanted.size === 0) return [];
  const found: Found<Origin>[] = [];
  const foundAgain = new Set<Lost<Origin>>();
  for (const range of inserted) {
    // With what stands around it.
    const from = Math.max(0, range.start - 1);
    const text = slice(from, range.end + 1);
    const [first, last] = [range.start - from, range.end - from];
    for (let at = first; at + HEAD_LENGTH <= last; at++) {
      if (at > first && !isBoundary(text, at)) continue;
      // Many texts begin alike and are of one length; a digest costs more than all comparisons.
      const digests = new Map<number, string>();
      const digestTo = (end: number): string => {
        const digest = digests.get(end) ?? fingerprintOf(text.slice(at, end)).digest;
        digests.set(end, digest);
        return digest;
      };
      for (const each of wanted.get(headAt(text, at)) ?? []) {
        const end = at + lengthIn(each.text, around.eolLength);
        if (end > last || (end < last && !isBoundary(text, end))) continue;
        if (each.isWhole && (at > first || end < last)) continue;
        if (each.lost && foundAgain.has(each.lost)) continue;
        if (digestTo(end) !== each.text.digest) continue;
        if (each.lost) foundAgain.add(each.lost);
        found.push({ start: from + at, end: from + end, wanted: each });
        at = end - 1;
        break;
      }
    }
  }
  return found.filter(({ start, end }) => !places.some((place) => place.start < end && start < place.end));
}

/** By their heads. Those that were lost come first, for they bring more along. */
function wantedTexts<Origin>({
  secrets,
  lost,
  justLost,
  isUndo,
}: Surroundings<Origin> & { readonly justLost: readonly Lost<Origin>[] }): Map<number, Wanted<Origin>[]> {
  const wanted = new Map<number, Wanted<Origin>[]>();
  const want = (each: Wanted<Origin>): void => {
    if (each.text.length < HEAD_LENGTH) return;
    const others = wanted.get(each.text.head);
    if (others) others.push(each);
    else wanted.set(each.text.head, [each]);
  };
  for (const place of [...justLost, ...[...lost].reverse()]) {
    const isWhole = !place.text.isDistinctive && !isUndo && !justLost.includes(place);
    want({ text: place.text, place, lost: place, isWhole });
  }
  for (const secret of secrets) {
    for (const { text, token } of secret.sealed.values()) {
      if (text.isDistinctive) want({ text, place: { secret, token, isSealed: false }, isWhole: false });
    }
  }
  return wanted;
}

/** Between two characters that are not of one word. */
function isBoundary(text: string, at: number): boolean {
  return !(isWordCharacter(text.charAt(at - 1)) && isWordCharacter(text.charAt(at)));
}

function isWordCharacter(character: string): boolean {
  return /[\p{L}\p{Nd}_]/u.test(character);
}

/** Where the inserted texts are, once all changes are made. */
function insertions(changes: readonly TextChange[], edits: readonly Edit[]): TextRange[] {
  return changes.flatMap(({ offset, text }, index) => {
    if (text.length < HEAD_LENGTH) return [];
    const range = followEdits(
      { start: offset, end: offset + text.length },
      edits.slice(index + 1),
      "exclude",
    );
    return range ? [range] : [];
  });
}
