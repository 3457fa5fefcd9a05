/** Ranges that move along with edits: a table, and random edits compared with a simple model. */
import assert from "node:assert/strict";
import {
  applyChanges,
  followEdits,
  touches,
  type Change,
  type TrackedRange,
} from "../../../src/core/trackedRanges";
import { randomNumbers } from "./randomNumbers";

const range = (start: number, end: number): TrackedRange => ({ start, end, touched: false });

suite("Tracked ranges", () => {
  // The range is [10, 20).
  const cases: [title: string, changes: Change[], expected: [start: number, end: number] | "touched"][] = [
    ["no change", [], [10, 20]],
    ["an insertion before it", [{ offset: 0, length: 0, newLength: 5 }], [15, 25]],
    ["an insertion just before it", [{ offset: 10, length: 0, newLength: 5 }], [15, 25]],
    ["an insertion behind its first character", [{ offset: 11, length: 0, newLength: 5 }], "touched"],
    ["an insertion before its last character", [{ offset: 19, length: 0, newLength: 5 }], "touched"],
    ["an insertion just behind it", [{ offset: 20, length: 0, newLength: 5 }], [10, 20]],
    ["an insertion behind it", [{ offset: 21, length: 0, newLength: 5 }], [10, 20]],
    ["a deletion before it", [{ offset: 2, length: 3, newLength: 0 }], [7, 17]],
    ["a deletion up to it", [{ offset: 0, length: 10, newLength: 0 }], [0, 10]],
    ["a deletion into it", [{ offset: 0, length: 11, newLength: 0 }], "touched"],
    ["a deletion of its first character", [{ offset: 10, length: 1, newLength: 0 }], "touched"],
    ["a deletion of its last character", [{ offset: 19, length: 1, newLength: 0 }], "touched"],
    ["a deletion from its end on", [{ offset: 20, length: 9, newLength: 0 }], [10, 20]],
    ["a deletion of all of it", [{ offset: 10, length: 10, newLength: 0 }], "touched"],
    ["a deletion around it", [{ offset: 5, length: 20, newLength: 0 }], "touched"],
    ["the same text put in its place", [{ offset: 10, length: 10, newLength: 10 }], "touched"],
    ["a replacement before it, longer", [{ offset: 3, length: 2, newLength: 9 }], [17, 27]],
    ["a replacement before it, shorter", [{ offset: 3, length: 6, newLength: 1 }], [5, 15]],
    ["a replacement behind it", [{ offset: 30, length: 2, newLength: 9 }], [10, 20]],
    [
      "two changes, from the end of the document to its start",
      [
        { offset: 25, length: 0, newLength: 3 },
        { offset: 0, length: 0, newLength: 3 },
      ],
      [13, 23],
    ],
    [
      "two changes, the second in the text that the first left",
      [
        { offset: 0, length: 0, newLength: 10 },
        { offset: 12, length: 0, newLength: 1 },
      ],
      [21, 31],
    ],
    [
      "an edit in it that is taken back",
      [
        { offset: 12, length: 0, newLength: 1 },
        { offset: 12, length: 1, newLength: 0 },
      ],
      "touched",
    ],
  ];
  for (const [title, changes, expected] of cases) {
    test(title, () => {
      const tracked = range(10, 20);
      applyChanges([tracked], changes);
      if (expected === "touched") assert.equal(tracked.touched, true);
      else assert.deepEqual(tracked, range(...expected));
    });
  }

  test("two ranges side by side: an insertion between them moves the second", () => {
    const ranges = [range(0, 5), range(5, 9)];
    applyChanges(ranges, [{ offset: 5, length: 0, newLength: 2 }]);
    assert.deepEqual(ranges, [range(0, 5), range(7, 11)]);
  });

  test("no ranges", () => {
    applyChanges([], [{ offset: 0, length: 0, newLength: 1 }]);
  });

  test("random edits: a range that is not touched covers the very characters that it covered at first", () => {
    const random = randomNumbers(20_240_601);
    let untouched = 0;
    for (let round = 0; round < 2000; round++) {
      let next = 0;
      const fresh = (count: number): number[] => Array.from({ length: count }, () => next++);
      // Each character is a number that occurs once, so that it can be told where it went.
      let document = fresh(40);
      const bounds = [...new Set(Array.from({ length: 6 }, () => random(41)))].sort((a, b) => a - b);
      const tracked = bounds
        .slice(1)
        .map((end, n) => range(bounds[n]!, end))
        .map((each) => ({ range: each, characters: document.slice(each.start, each.end), touched: false }));
      const changes: Change[] = [];
      for (let count = random(4); count > 0; count--) {
        const offset = random(document.length + 1);
        const length = random(Math.min(6, document.length - offset + 1));
        const inserted = fresh(random(6) + (length === 0 ? 1 : 0));
        changes.push({ offset, length, newLength: inserted.length });
        document = [...document.slice(0, offset), ...inserted, ...document.slice(offset + length)];
        for (const each of tracked) each.touched ||= !holds(document, each.characters);
      }
      const ranges = tracked.map((each) => each.range);
      applyChanges(ranges, changes);
      for (const { range: moved, characters, touched } of tracked) {
        assert.equal(moved.touched, touched, JSON.stringify({ round, changes }));
        if (touched) continue;
        untouched++;
        assert.deepEqual(
          document.slice(moved.start, moved.end),
          characters,
          JSON.stringify({ round, changes }),
        );
      }
    }
    assert.ok(untouched > 1000, `only ${untouched} ranges were left alone`);
  });
});

/** Whether these characters stand side by side in the document. */
function holds(document: readonly number[], characters: readonly number[]): boolean {
  const start = document.indexOf(characters[0]!);
  return start !== -1 && characters.every((character, n) => document[start + n] === character);
}

suite("Ranges whose text may be edited", () => {
  // The range is [10, 20); what is inserted joins, unless it says otherwise.
  const cases: [title: string, edit: Change & { joins?: boolean }, expected: [number, number] | undefined][] =
    [
      ["before it", { offset: 2, length: 3, newLength: 1 }, [8, 18]],
      ["behind it", { offset: 30, length: 2, newLength: 9 }, [10, 20]],
      ["an insertion at its start", { offset: 10, length: 0, newLength: 5 }, [10, 25]],
      ["an indentation at its start", { offset: 10, length: 0, newLength: 2, joins: false }, [12, 22]],
      ["inside it", { offset: 12, length: 3, newLength: 9 }, [10, 26]],
      ["an insertion at its end", { offset: 20, length: 0, newLength: 5 }, [10, 25]],
      ["a line break at its end", { offset: 20, length: 0, newLength: 1, joins: false }, [10, 20]],
      ["a replacement up to its start", { offset: 6, length: 4, newLength: 5 }, [11, 21]],
      ["a replacement from its end on", { offset: 20, length: 4, newLength: 5 }, [10, 20]],
      ["across its start", { offset: 8, length: 4, newLength: 1 }, [8, 17]],
      ["across its end", { offset: 18, length: 4, newLength: 1 }, [10, 19]],
      ["all of it replaced, as undo does", { offset: 10, length: 10, newLength: 300 }, [10, 310]],
      ["all of it deleted", { offset: 10, length: 10, newLength: 0 }, [10, 10]],
      ["more than it replaced, as a reverted file is", { offset: 0, length: 40, newLength: 40 }, undefined],
    ];
  for (const [title, edit, expected] of cases) {
    test(title, () => {
      const followed = followEdits({ start: 10, end: 20 }, [{ joins: true, ...edit }], "join");
      assert.deepEqual(followed && [followed.start, followed.end], expected);
      const isOutside = edit.offset + edit.length < 10 || edit.offset > 20;
      assert.equal(touches({ start: 10, end: 20 }, [{ joins: true, ...edit }]), !isOutside);
    });
  }

  test("at the borders it is for the caller to say", () => {
    for (const offset of [10, 20]) {
      const edit = { offset, length: 0, newLength: 5, joins: false };
      assert.deepEqual(followEdits({ start: 10, end: 20 }, [edit], "include"), { start: 10, end: 25 });
      const outside = offset === 10 ? { start: 15, end: 25 } : { start: 10, end: 20 };
      assert.deepEqual(followEdits({ start: 10, end: 20 }, [edit], "exclude"), outside);
    }
  });

  test("an emptied range takes in what is typed there, and moves with the rest", () => {
    const edits = [
      { offset: 10, length: 10, newLength: 0, joins: true },
      { offset: 0, length: 0, newLength: 3, joins: true },
      { offset: 13, length: 0, newLength: 4, joins: true },
    ];
    assert.deepEqual(followEdits({ start: 10, end: 20 }, edits, "join"), { start: 13, end: 17 });
  });
});
