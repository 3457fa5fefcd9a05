/** Re-encrypts the tokens of many files, each file at once or not at all. */
import type * as vscode from "vscode";
import { Limiter } from "../core/limiter";
import { mapConcurrently } from "../core/mapConcurrently";
import { reEncryptText, type LeftAlone } from "../core/reEncryptText";
import { MAX_CONCURRENT_REQUESTS } from "../core/transform";
import type { ProgressRecord } from "./progressRecord";
import type { ReEncryptionRun } from "./reEncryptionRun";
import { readTokenFile } from "./tokenFile";
import { MAX_CONCURRENT_FILES } from "./workspaceFiles";
import { reasonOf, type FileWithTokens } from "./workspaceTokens";

/** What was done, as far as it went. */
export class Progress {
  tokens = 0;
  files = 0;
  kept = 0;
  damaged = 0;
  bytes = 0;
  /** Open documents, which are not saved. */
  readonly edited: vscode.Uri[] = [];
  readonly leftAlone: (LeftAlone & { readonly uri: vscode.Uri })[] = [];
  readonly notWritten: { readonly uri: vscode.Uri; readonly reason: string }[] = [];
}

export interface Job {
  readonly run: ReEncryptionRun;
  readonly record: ProgressRecord;
  readonly progress: Progress;
  /** Told of each file that is done with. */
  readonly tick: () => void;
}

/** Throws for what is no file's own doing; files that are done by then stay done. */
export async function reEncryptFiles(
  files: readonly FileWithTokens[],
  job: Job,
  signal: AbortSignal,
): Promise<void> {
  const limiter = new Limiter(MAX_CONCURRENT_REQUESTS);
  await mapConcurrently(files, MAX_CONCURRENT_FILES, signal, async ({ uri }, _, either) => {
    await reEncryptFile(uri, job, limiter, either);
    job.tick();
  });
}

async function reEncryptFile(
  uri: vscode.Uri,
  { run, record, progress }: Job,
  limiter: Limiter,
  signal: AbortSignal,
): Promise<void> {
  const file = await readTokenFile(uri).catch((error: unknown) => {
    progress.notWritten.push({ uri, reason: reasonOf(error) });
  });
  if (!file) return;
  const { ciphers, plan } = run.readyFor(uri);
  const isFinished = (digest: string): boolean => record.has(digest);
  const result = await reEncryptText(ciphers, file.text, { plan, isFinished, limiter }, signal);
  progress.kept += result.kept;
  progress.damaged += result.damaged;
  progress.leftAlone.push(...result.leftAlone.map((each) => ({ ...each, uri })));
  await record.add(result.finished);
  if (result.replacements.length === 0) return;
  try {
    const how = await file.write(result.replacements, (temporary) => record.announce(temporary));
    if (how === "edited") progress.edited.push(uri);
    progress.tokens += result.replacements.length;
    progress.bytes += result.replacements.reduce((sum, { text }) => sum + text.length, 0);
    progress.files++;
  } catch (error) {
    progress.notWritten.push({ uri, reason: reasonOf(error) });
  }
}
