import { KmsSelectionError } from "../core/errors";

/** Waits no longer than until the signal is aborted, for work that does not end by itself then. Throws `cancelled`. */
export async function whenAborted<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  const ended = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    const cancel = (): void => {
      reject(new KmsSelectionError({ code: "cancelled" }));
    };
    if (signal.aborted) cancel();
    else signal.addEventListener("abort", cancel, { once: true, signal: ended.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    ended.abort();
  }
}
