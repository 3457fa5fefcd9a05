/** What the benchmark measures: our samples beside those of a floor of the same run, in pairs. */
import type { Profile } from "./profile";

export interface Limit {
  /** `difference`: ours less the floor; `own`: whatever the floor is. */
  readonly of: "ratio" | "difference" | "own";
  readonly most: number;
}

export interface Figure {
  readonly title: string;
  /** What nothing that does the same can do without. */
  readonly floor: string;
  readonly unit: "ms" | "MB" | "KB";
  readonly own: readonly number[];
  readonly base: readonly number[];
  readonly limit?: Limit;
  /** Of one more sample, that does not count. */
  readonly profile?: Profile;
}

/** Texts to encrypt. */
export const secrets = (count: number): string[] => Array.from({ length: count }, (_, n) => `secret ${n}`);

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** Of each pair, so that both met the same machine. */
export function ratios({ own, base }: Figure): number[] {
  return own.map((value, index) => value / (base[index] ?? NaN));
}

export function valueOf(figure: Figure, of: Limit["of"]): number {
  switch (of) {
    case "ratio":
      return median(ratios(figure));
    case "difference":
      return median(figure.own.map((value, index) => value - (figure.base[index] ?? NaN)));
    case "own":
      return median(figure.own);
  }
}

/** `undefined` where nothing is promised. */
export function isMet(figure: Figure): boolean | undefined {
  const { limit } = figure;
  return limit && valueOf(figure, limit.of) <= limit.most;
}

/** Those of several windows, by their titles. */
export function merged(figures: readonly Figure[]): Figure[] {
  const byTitle = new Map<string, Figure>();
  for (const figure of figures) {
    const { own = [], base = [] } = byTitle.get(figure.title) ?? {};
    byTitle.set(figure.title, {
      ...figure,
      own: [...own, ...figure.own],
      base: [...base, ...figure.base],
    });
  }
  return [...byTitle.values()];
}

export async function milliseconds(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Ours beside the floor, round by round. The first `warmUp` rounds compile the code, and do not count. */
export async function compare(
  rounds: number,
  warmUp: number,
  base: () => unknown,
  own: () => unknown,
  prepare: () => unknown = () => undefined,
): Promise<Pick<Figure, "own" | "base">> {
  const samples = { own: [] as number[], base: [] as number[] };
  for (let round = -warmUp; round < rounds; round++) {
    await prepare();
    const floor = await milliseconds(base);
    await prepare();
    const ours = await milliseconds(own);
    if (round < 0) continue;
    samples.base.push(floor);
    samples.own.push(ours);
  }
  return samples;
}
