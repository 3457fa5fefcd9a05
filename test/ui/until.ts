/** Waits for what is true in the end. A window shows things late; a single look is never proof. */
import assert from "node:assert/strict";
import { inspect } from "node:util";

const interval = 50;

/** Reads until the predicate holds and answers with what was read. A read that throws is tried again, too. */
export async function until<T>(
  read: () => T | Promise<T>,
  holds: (value: T) => boolean,
  what = "the expected state",
  timeout = 15_000,
): Promise<T> {
  const end = Date.now() + timeout;
  let last: unknown;
  do {
    try {
      const value = await read();
      if (holds(value)) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, interval));
  } while (Date.now() < end);
  return assert.fail(`Waited ${timeout} ms for ${what}; last was ${inspect(last)}`);
}
