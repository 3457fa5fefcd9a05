/** So many at a time, of whatever is asked for from several places. */
export class Limiter {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.free = limit;
  }

  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await task();
    } finally {
      // A place that somebody waits for is handed over.
      const next = this.waiting.shift();
      if (next) next();
      else this.free++;
    }
  }
}
