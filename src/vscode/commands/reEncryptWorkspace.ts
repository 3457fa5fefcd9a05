/** Re-encrypt Workspace: every token of the workspace's files that is the person's goes to another key, identity or form. */
import * as vscode from "vscode";
import { KmsSelectionError } from "../../core/errors";
import type { Wish } from "../../core/reEncryptionWish";
import type { App } from "../app";
import { ProgressRecord, removeLeftovers } from "../progressRecord";
import { Progress, reEncryptFiles, type Job } from "../reEncryptFiles";
import { firstWish, nowFor, ReEncryptionRun } from "../reEncryptionRun";
import { showText } from "../readOnlyText";
import { runOnWorkspace } from "../runOperation";
import type { Outcome } from "../runningOperation";
import { findWorkspaceTokens, type WorkspaceTokens } from "../workspaceTokens";
import { askWish } from "./askWish";
import { previewTokens } from "./previewTokens";
import { numberOf, reportText } from "./reEncryptionReport";

/** What a run that did not end was about, so that the next one goes on with it. */
const UNFINISHED = "unfinishedReEncryption";

/** `first`: what the form begins with. */
export async function reEncryptWorkspace(app: App, first?: Wish): Promise<void> {
  await runOnWorkspace(
    app,
    "re-encrypt",
    (prepare) => work(app, prepare, first),
    () => reEncryptWorkspace(app, first),
  );
}

type Prepare = Parameters<Parameters<typeof runOnWorkspace>[2]>[0];

async function work(app: App, prepare: Prepare, first: Wish | undefined): Promise<Outcome> {
  await removeLeftovers(app.storageUri.fsPath);
  const found = await withProgress("Looking for tokens…", (signal) => findWorkspaceTokens(signal));
  const file = found.files[0]?.uri;
  if (!file) throw new KmsSelectionError({ code: "no-tokens" });
  const now = nowFor(app, file);
  const unfinished = app.workspaceState.get<Wish>(UNFINISHED);
  const title = `Re-encrypt ${numberOf(found.tokens, "Token")} in ${numberOf(found.files.length, "File")}`;
  const wish = await askWish(app, title, first ?? unfinished ?? firstWish(now), now);
  const reEncryption = new ReEncryptionRun(
    app,
    wish,
    found.files.map(({ uri }) => uri),
  );
  const record = await ProgressRecord.open(app.storageUri.fsPath, reEncryption.name);
  await previewTokens(title, reEncryption.description, found, record.size);
  const prepared = await reEncryption.prepare(prepare);
  await app.workspaceState.update(UNFINISHED, wish);
  const progress = new Progress();
  const job = { run: reEncryption, record, progress };
  try {
    await app.statusBar.during(() => run(found, prepared.keyId, job));
  } catch (error) {
    await showReport(app, { wish, description: reEncryption.description }, progress, "stopped");
    throw error;
  }
  await record.remove();
  await app.workspaceState.update(UNFINISHED, undefined);
  await showReport(app, { wish, description: reEncryption.description }, progress, "done");
  return { summary: `${progress.tokens} of ${found.tokens} tokens re-encrypted`, bytes: progress.bytes };
}

/** Throws `cancelled`, and what is no file's own doing. */
async function run({ files }: WorkspaceTokens, keyId: string, job: Omit<Job, "tick">): Promise<void> {
  const title = `Re-encrypting ${numberOf(files.length, "file")} under ${keyId}…`;
  await withProgress(title, async (signal, report) => {
    await job.run.lookAtKeys(signal);
    await job.record.startAt(job.run.destinationKeys);
    let done = 0;
    const tick = (): void => {
      done++;
      report.report({ message: `${done} of ${files.length}`, increment: 100 / files.length });
    };
    await reEncryptFiles(files, { ...job, tick }, signal);
  });
}

type Report = Parameters<Parameters<typeof vscode.window.withProgress>[1]>[0];

function withProgress<Result>(
  title: string,
  task: (signal: AbortSignal, report: Report) => Promise<Result>,
): Promise<Result> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return Promise.resolve(
    vscode.window.withProgress(options, (report, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => {
        controller.abort();
      });
      return task(controller.signal, report);
    }),
  );
}

async function showReport(
  app: App,
  { wish, description }: { readonly wish: Wish; readonly description: string },
  progress: Progress,
  end: "done" | "stopped",
): Promise<void> {
  const show = (uri: vscode.Uri): string => vscode.workspace.asRelativePath(uri);
  await showText(app, "Re-encryption.md", reportText(wish, description, progress, end, show));
  if (progress.edited.length === 0) return;
  const button = "Save All";
  const message = `${numberOf(progress.edited.length, "open document")} changed, and not saved yet.`;
  // Not awaited: the command is over.
  void vscode.window.showInformationMessage(message, button).then(async (answer) => {
    if (answer === button) await Promise.all(progress.edited.map((uri) => vscode.workspace.save(uri)));
  });
}
