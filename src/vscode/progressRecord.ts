/**
 * What a re-encryption of many files has done, so that it goes on after a failure or a kill: digests of finished tokens,
 * and names of temporary files. Never a token. It only saves requests: KMS tells finished tokens as well.
 */
import { createHash } from "node:crypto";
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { removeTemporary } from "./writeAtomically";

const TEMPORARY = "temporary ";

const DESTINATION = "destination ";

const PREFIX = "re-encryption-";

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

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
  private readonly destination: string | undefined;

  private constructor(file: string, lines: readonly string[]) {
    this.file = file;
    // The last line may be cut.
    this.finished = new Set(lines.filter((line) => /^[0-9a-f]{32}$/.test(line)));
    this.destination = lines.find((line) => line.startsWith(DESTINATION));
  }

  /** The record of a job, which is told by its name. */
  static async open(folder: string, job: string): Promise<ProgressRecord> {
    await mkdir(folder, { recursive: true });
    const file = join(folder, `${PREFIX}${digestOf(job)}.txt`);
    return new ProgressRecord(file, await linesOf(file));
  }

  /** Forgets what went to other keys: an alias may stand for another one by now. `undefined`: nobody knows. */
  async startAt(keyArns: readonly string[] | undefined): Promise<void> {
    const destination = keyArns && `${DESTINATION}${digestOf(JSON.stringify(keyArns))}`;
    if (destination !== undefined && destination === this.destination) return;
    this.finished.clear();
    await writeFile(this.file, destination === undefined ? "" : `${destination}\n`);
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
