/** Ranges of a document that move along with edits elsewhere, so that nothing read before an `await` is trusted after it. */

export interface Change {
  /** Where the replaced text began and how long it was, in UTF-16 code units. */
  readonly offset: number;
  readonly length: number;
  /** Length of the text that stands there now. */
  readonly newLength: number;
}

export interface TrackedRange {
  start: number;
  end: number;
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
