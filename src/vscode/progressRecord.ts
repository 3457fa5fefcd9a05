/**
 * What a re-encryption of many files has done, so that it goes on after a failure or a kill: digests of finished tokens,
 * and names of temporary files. Never a token. It only saves requests: KMS tells finished tokens as well.
 */
import { createHash } from "node:crypto";
import { appendFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { removeTemporary } from "./writeAtomically";

const TEMPORARY = "temporary ";

const PREFIX = "re-encryption-";

async function linesOf(file: string): Promise<string[]> {
  return (await readFile(file, "utf8").catch(() => "")).split("\n");
}

/** Removes the temporary files that a killed run has left. */
export async function removeLeftovers(folder: string): Promise<void> {
  const records = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(PREFIX));
  for (const name of records) {
    for (const line of await linesOf(join(folder, name))) {
      if (line.startsWith(TEMPORARY)) await removeTemporary(line.slice(TEMPORARY.length));
    }
  }
}

export class ProgressRecord {
  private readonly file: string;
  private readonly finished: Set<string>;

  private constructor(file: string, finished: Set<string>) {
    this.file = file;
    this.finished = finished;
  }

  /** The record of a job, which is told by its name. */
  static async open(folder: string, job: string): Promise<ProgressRecord> {
    await mkdir(folder, { recursive: true });
    const name = createHash("sha256").update(job).digest("hex").slice(0, 16);
    const file = join(folder, `${PREFIX}${name}.txt`);
    // The last line may be cut.
    return new ProgressRecord(
      file,
      new Set((await linesOf(file)).filter((line) => /^[0-9a-f]{32}$/.test(line))),
    );
  }

  get size(): number {
    return this.finished.size;
  }

  has(digest: string): boolean {
    return this.finished.has(digest);
  }

  /** Before a file is written: a digest of what was never written is met by nothing. */
  async add(digests: readonly string[]): Promise<void> {
    const others = digests.filter((digest) => !this.finished.has(digest));
    if (others.length === 0) return;
    for (const digest of others) this.finished.add(digest);
    await appendFile(this.file, `${others.join("\n")}\n`);
  }

  async announce(temporary: string): Promise<void> {
    await appendFile(this.file, `${TEMPORARY}${temporary}\n`);
  }

  /** There is nothing to go on with. */
  async remove(): Promise<void> {
    await rm(this.file, { force: true });
  }
}
