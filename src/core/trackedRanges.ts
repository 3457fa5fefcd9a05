/** Ranges of a document that move along with edits elsewhere, so that nothing read before an `await` is trusted after it. */

export interface Change {
  /** Where the replaced text began and how long it was, in UTF-16 code units. */
  readonly offset: number;
  readonly length: number;
  /** Length of the text that stands there now. */
  readonly newLength: number;
}

export interface TextRange {
  start: number;
  end: number;
}

export interface TrackedRange extends TextRange {
  /** An edit went into the range: what stands there is no longer what was read. */
  touched: boolean;
}

/** Moves the ranges. The changes come as an editor applies them: one after the other, each in the text that it finds. */
export function applyChanges(ranges: readonly TrackedRange[], changes: readonly Change[]): void {
  for (const change of changes) {
    const changeEnd = change.offset + change.length;
    for (const range of ranges) {
      if (changeEnd <= range.start) {
        const delta = change.newLength - change.length;
        range.start += delta;
        range.end += delta;
      } else if (change.offset < range.end) {
        range.touched = true;
      }
    }
  }
}

export interface Edit extends Change {
  /** Typed at the border of a text, it belongs to it. */
  readonly joins: boolean;
}

/** Which edits directly beside a range belong to it: none, what is typed there, or all. */
export type Borders = "exclude" | "join" | "include";

/**
 * A range whose text may be edited and stays its own. An edit across a border widens the range, so that no part of a text
 * is lost; `undefined` where one replaces more than the range, for what stands there now is something else. A range that
 * was emptied stays as a place to type into.
 */
export function followEdits(
  range: TextRange,
  edits: readonly Edit[],
  borders: Borders,
): TextRange | undefined {
  let { start, end } = range;
  for (const { offset, length, newLength, joins } of edits) {
    const editEnd = offset + length;
    const delta = newLength - length;
    const isBeside = editEnd === start || offset === end;
    const isJoined = length === 0 && joins;
    if (isBeside && (borders === "include" || (borders === "join" && isJoined))) {
      start = Math.min(start, offset);
      end = Math.max(end, editEnd) + delta;
    } else if (editEnd <= start) {
      start += delta;
      end += delta;
    } else if (offset < end) {
      if (offset <= start && editEnd >= end && length > end - start) return undefined;
      start = Math.min(start, offset);
      end = Math.max(end, editEnd) + delta;
    }
  }
  return { start, end };
}

/** Whether one of the edits reaches the range or its borders. */
export function touches(range: TextRange, edits: readonly Edit[]): boolean {
  let { start, end } = range;
  for (const { offset, length, newLength } of edits) {
    const editEnd = offset + length;
    if (editEnd >= start && offset <= end) return true;
    if (offset < start) {
      start += newLength - length;
      end += newLength - length;
    }
  }
  return false;
}
