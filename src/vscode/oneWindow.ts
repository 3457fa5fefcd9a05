/** Of several windows that need the same from the person, one asks at a time. */
import { mkdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { KmsSelectionError } from "../core/errors";
import type { Turn } from "../core/signIn";

/** Milliseconds. How soon the next window has its turn. */
const INTERVAL = 300;

/** Milliseconds. A window that is alive touches its file so often. */
const HEARTBEAT = 1_000;

/** Milliseconds. Who has not touched it for so long was closed in its turn. */
const ABANDONED = 5_000;

/**
 * `file` stands for the turn: who can make it has it. `waiting` is given the wait for another window; its signal ends it.
 * Throws `cancelled`.
 */
export async function takeTurn(
  file: string,
  waiting: (wait: (cancelled: AbortSignal) => Promise<void>) => Promise<void>,
): Promise<Turn> {
  const hasWaited = !(await make(file));
  if (hasWaited) await waiting((cancelled) => waitForTurn(file, cancelled));
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined);
  }, HEARTBEAT);
  let isOver = false;
  const release = async (): Promise<void> => {
    if (isOver) return;
    isOver = true;
    clearInterval(heartbeat);
    await rm(file, { force: true });
  };
  return { hasWaited, release };
}

async function waitForTurn(file: string, cancelled: AbortSignal): Promise<void> {
  let seen: { readonly touched: number | undefined; readonly at: number } | undefined;
  while (!(await make(file))) {
    const touched = await stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
    // Not by the clock: after the machine has slept every file is old.
    if (touched !== seen?.touched) seen = { touched, at: performance.now() };
    else if (seen && performance.now() - seen.at > ABANDONED) await rm(file, { force: true });
    await wait(INTERVAL);
    if (cancelled.aborted) throw new KmsSelectionError({ code: "cancelled" });
  }
}

/** Also where no file can be made: asking twice is better than not at all. */
async function make(file: string): Promise<boolean> {
  // What keeps the folder from being made keeps the file as well.
  await mkdir(dirname(file), { recursive: true }).catch(() => undefined);
  return writeFile(file, "", { flag: "wx" }).then(
    () => true,
    (error: unknown) => (error as NodeJS.ErrnoException).code !== "EEXIST",
  );
}
