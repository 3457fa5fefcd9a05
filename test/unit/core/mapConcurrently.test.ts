/** A bounded number at a time, all or none, and nothing goes on behind the caller's back. */
import assert from "node:assert/strict";
import { mapConcurrently } from "../../../src/core/mapConcurrently";
import { assertCode, rejectedBy } from "./failures";

const never = new AbortController().signal;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** Work that lasts until the test says so. */
class Work {
  readonly started: number[] = [];
  inFlight = 0;
  most = 0;
  private readonly ends = new Map<number, (error?: Error) => void>();

  readonly map = async (item: number, index: number): Promise<string> => {
    assert.equal(item, index);
    this.started.push(index);
    this.inFlight++;
    this.most = Math.max(this.most, this.inFlight);
    try {
      await new Promise<void>((resolve, reject) => {
        this.ends.set(index, (error) => {
          if (error) reject(error);
          else resolve();
        });
      });
      return `result ${index}`;
    } finally {
      this.inFlight--;
    }
  };

  /** Ends one, and lets what follows from it happen. */
  async end(index: number, error?: Error): Promise<void> {
    this.ends.get(index)!(error);
    await settle();
  }
}

/** Until everything that needs no event from outside has happened. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

suite("Mapping concurrently", () => {
  for (const count of [0, 1, 2, 3, 4, 30]) {
    test(`${count} items, at most 3 at a time, results in order`, async () => {
      const work = new Work();
      const results = mapConcurrently(numbers(count), 3, never, work.map);
      await settle();
      for (const index of numbers(count)) {
        assert.deepEqual(work.started, numbers(Math.min(count, index + 3)));
        await work.end(index);
      }
      assert.deepEqual(
        await results,
        numbers(count).map((index) => `result ${index}`),
      );
      assert.equal(work.most, Math.min(count, 3));
    });
  }

  test("results are in the order of the items, whichever ends first", async () => {
    const work = new Work();
    const results = mapConcurrently(numbers(3), 3, never, work.map);
    await settle();
    for (const index of [2, 0, 1]) await work.end(index);
    assert.deepEqual(await results, ["result 0", "result 1", "result 2"]);
  });

  test("the first failure aborts the others, starts no more, and is thrown when all have ended", async () => {
    const work = new Work();
    const signals: AbortSignal[] = [];
    let outcome: unknown;
    const mapped = mapConcurrently(numbers(10), 3, never, (item, index, signal) => {
      signals.push(signal);
      return work.map(item, index);
    }).catch((error: unknown) => {
      outcome = error;
    });
    await settle();
    const first = new Error("first");
    await work.end(1, first);
    assert.ok(signals.every(({ aborted }) => aborted));
    await work.end(0, new Error("second"));
    assert.equal(outcome, undefined, "one is still under way");
    await work.end(2);
    await mapped;
    assert.equal(outcome, first);
    assert.equal(work.inFlight, 0);
    assert.deepEqual(work.started, [0, 1, 2]);
  });

  test("what fails without a reason fails all the same", async () => {
    const failing = mapConcurrently([1], 3, never, () => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the point of this test
      return Promise.reject(undefined);
    });
    let rejected = false;
    await failing.catch(() => (rejected = true));
    assert.ok(rejected);
  });

  test("the caller's own signal is not aborted by a failure", async () => {
    const controller = new AbortController();
    await mapConcurrently([1], 1, controller.signal, () => Promise.reject(new Error("x"))).catch(
      () => undefined,
    );
    assert.equal(controller.signal.aborted, false);
  });

  for (const count of [0, 1, 5]) {
    test(`cancelled before it began, ${count} items: nothing is started`, async () => {
      const work = new Work();
      const error = await rejectedBy(mapConcurrently(numbers(count), 2, AbortSignal.abort(), work.map));
      assertCode(error, "cancelled");
      assert.deepEqual(work.started, []);
    });
  }

  test("cancelled on the way: what is under way hears of it and ends, nothing more is started", async () => {
    const controller = new AbortController();
    let heard = 0;
    const waiting = mapConcurrently(numbers(5), 2, controller.signal, (_, __, signal) => {
      return new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          heard++;
          reject(new Error("aborted"));
        });
      });
    });
    await settle();
    controller.abort();
    assertCode(await rejectedBy(waiting), "cancelled");
    assert.equal(heard, 2);
  });

  test("cancelled when all had succeeded: cancelled", async () => {
    const controller = new AbortController();
    const mapped = mapConcurrently([1], 1, controller.signal, () => {
      controller.abort();
      return Promise.resolve("done");
    });
    assertCode(await rejectedBy(mapped), "cancelled");
  });
});
