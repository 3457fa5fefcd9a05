/** A file on this machine gets its new bytes at once, or keeps its old ones: also when the process is killed. */
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, open, readFile, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Why a file was not written, in words that go on after its name. */
export class NotWritten extends Error {}

const TEMPORARY = /^\..*\.[0-9a-f]{16}\.kms-selection$/;

/**
 * `path` is no symbolic link. `announce` is told of the temporary file before there is one, so that it can be removed if
 * the process is killed. Mode and owner stay. Throws `NotWritten` also where the file is not as it was when it was read.
 */
export async function writeAtomically(
  path: string,
  before: Uint8Array,
  after: Uint8Array,
  announce: (temporary: string) => Promise<void>,
): Promise<void> {
  const { mode, uid, gid, nlink } = await stat(path).catch((error: unknown) => {
    throw new NotWritten(`is gone (${codeOf(error)})`);
  });
  // Root may write it all the same.
  if ((mode & 0o222) === 0) throw new NotWritten("is read-only");
  if (nlink > 1) throw new NotWritten("is one of several names of a file (hard links), which would part");
  await access(path, constants.W_OK).catch((error: unknown) => {
    throw new NotWritten(`is read-only (${codeOf(error)})`);
  });
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(8).toString("hex")}.kms-selection`);
  await announce(temporary);
  try {
    const handle = await open(temporary, "wx", mode & 0o7777);
    try {
      await handle.writeFile(after);
      await keepOwner(handle, uid, gid);
      // After the owner, whose change takes special bits away; and the process's mask may have taken others.
      await handle.chmod(mode & 0o7777);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (!(await readFile(path)).equals(before)) throw new NotWritten("was changed in the meantime");
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error instanceof NotWritten ? error : new NotWritten(`cannot be written (${codeOf(error)})`);
  }
}

async function keepOwner(handle: FileHandle, uid: number, gid: number): Promise<void> {
  const own = await handle.stat();
  if (own.uid === uid && own.gid === gid) return;
  await handle.chown(uid, gid).catch(() => {
    throw new NotWritten("belongs to somebody else, which could not be kept");
  });
}

/** Those that a killed process left, and nothing else. */
export async function removeTemporary(path: string): Promise<void> {
  if (TEMPORARY.test(basename(path))) await rm(path, { force: true });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "unknown";
}
