/** A bounded number of requests at a time, all or none. */
import { setMaxListeners } from "node:events";
import { KmsSelectionError } from "./errors";

/**
 * Maps with at most `limit` calls under way. The first failure aborts the signal that the others were given and is
 * thrown when all of them have ended, so that nothing goes on behind the caller's back. Throws `cancelled` when `signal`
 * is aborted.
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  limit: number,
  signal: AbortSignal,
  map: (item: Item, index: number, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  // Every request under way listens, and more than ten listeners would be taken for a leak.
  setMaxListeners(0, either);
  let failure: { readonly error: unknown } | undefined;
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && !either.aborted) {
      const index = next++;
      try {
        results[index] = await map(items[index] as Item, index, either);
      } catch (error) {
        failure ??= { error };
        failed.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (signal.aborted) throw new KmsSelectionError({ code: "cancelled" });
  if (failure) throw failure.error;
  return results;
}
