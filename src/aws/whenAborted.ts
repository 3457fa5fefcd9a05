import { KmsSelectionError } from "../core/errors";

/** Waits no longer than until the signal is aborted, for work that does not end by itself then. Throws `cancelled`. */
export async function whenAborted<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  let cancel: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    cancel = () => {
      reject(new KmsSelectionError({ code: "cancelled" }));
    };
    if (signal.aborted) cancel();
    else signal.addEventListener("abort", cancel);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    // Not by the abortion of another signal: that makes an error with its stack, for each of a thousand requests.
    signal.removeEventListener("abort", cancel);
  }
}
