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
  /** Typed directly behind a text, it belongs to it. */
  readonly joins: boolean;
}

/**
 * Ranges whose text may be edited and stays theirs. An edit across a border widens the range, so that no part of a text is
 * lost; one that replaces more than the range ends it, for what stands there now is something else.
 */
export function followEdits(ranges: readonly TextRange[], edits: readonly Edit[]): TextRange[] {
  return ranges.flatMap((range) => {
    let { start, end } = range;
    for (const { offset, length, newLength, joins } of edits) {
      const editEnd = offset + length;
      const delta = newLength - length;
      if (editEnd <= start) {
        start += delta;
        end += delta;
      } else if (offset < end) {
        if (offset <= start && editEnd >= end && length > end - start) return [];
        start = Math.min(start, offset);
        end = Math.max(end, editEnd) + delta;
      } else if (offset === end && length === 0 && joins) {
        end += newLength;
      }
    }
    return start < end ? [{ start, end }] : [];
  });
}
