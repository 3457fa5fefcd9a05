/** Watches a stack until it rests, with progress, and with a cancel that asks what is to become of it. */
import * as vscode from "vscode";
import type { Stacks } from "../../aws/stacks";
import { explainFailure } from "../../core/describeFailure";
import { KmsSelectionError, toKmsSelectionError } from "../../core/errors";
import type { Ended, Stack, StackEvent } from "../../core/keyStack";
import { STACK_TYPE } from "../../core/keyStack";
import { escapeLinks } from "../labels";

type Followed = Pick<Stack, "id" | "name">;

export interface Execution {
  readonly type: "CREATE" | "UPDATE";
  readonly stack: Followed;
  /** The newest event before it. */
  readonly since: string | undefined;
  /** Resources that something happens to. */
  readonly resources: number;
}

export interface Outcome {
  readonly ended: Ended;
  /** The person took it back. */
  readonly undone: boolean;
}

/** Throws `lost-sight`. */
export async function followExecution(stacks: Stacks, execution: Execution): Promise<Outcome> {
  const { type, stack, since, resources } = execution;
  const title = `${type === "CREATE" ? "Creating" : "Updating"} the stack ${stack.name}…`;
  for (;;) {
    const ended = await watch(stacks, stack, since, { title, resources });
    if (ended) return { ended, undone: false };
    if (!(await askToUndo(execution))) continue;
    // It may have come to its end while the question was open.
    const now = await stacks.find(stack.id, new AbortController().signal);
    if (now?.status !== `${type}_IN_PROGRESS`) continue;
    if (type === "CREATE") return { ended: await deleteStack(stacks, stack), undone: true };
    await stacks.cancelUpdate(stack);
    const rollback = { title: `Taking back the update of the stack ${stack.name}…` };
    return { ended: await watchToTheEnd(stacks, stack, since, rollback), undone: true };
  }
}

/** Throws `lost-sight`. */
export async function deleteStack(stacks: Stacks, stack: Followed): Promise<Ended> {
  const since = await stacks.events.newest(stack);
  await stacks.delete(stack);
  return watchToTheEnd(stacks, stack, since, { title: `Deleting the stack ${stack.name}…` });
}

interface Shown {
  readonly title: string;
  /** Without it there is nothing to cancel. */
  readonly resources?: number;
}

async function watchToTheEnd(
  stacks: Stacks,
  stack: Followed,
  since: string | undefined,
  shown: Shown,
): Promise<Ended> {
  const ended = await watch(stacks, stack, since, shown);
  if (!ended) throw new KmsSelectionError({ code: "cancelled" });
  return ended;
}

/** `undefined`: cancel was pressed. */
async function watch(
  stacks: Stacks,
  stack: Followed,
  since: string | undefined,
  { title, resources }: Shown,
): Promise<Ended | undefined> {
  const controller = new AbortController();
  const done = new Set<string>();
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress(
    { location, title, cancellable: resources !== undefined },
    async (progress, token) => {
      token.onCancellationRequested(() => {
        controller.abort();
      });
      try {
        return await stacks.events.follow(stack, since, controller.signal, (event) => {
          if (event.type === STACK_TYPE) return;
          if (event.status.endsWith("_COMPLETE")) done.add(event.resource);
          const count = resources === undefined ? "" : ` (${Math.min(done.size, resources)} of ${resources})`;
          progress.report({ message: escapeLinks(`${messageOf(event)}${count}`) });
        });
      } catch (error) {
        if (controller.signal.aborted) return undefined;
        const reason = explainFailure(toKmsSelectionError(error));
        const problem = { kind: "lost-sight", name: stack.name, reason } as const;
        throw new KmsSelectionError({ code: "stack", problem }, { cause: error });
      }
    },
  );
}

/** "EncryptGroup: create complete" */
function messageOf({ resource, status }: StackEvent): string {
  return `${resource}: ${status.toLowerCase().replaceAll("_", " ")}`;
}

/** Dismissed: it goes on. */
async function askToUndo({ type, stack }: Execution): Promise<boolean> {
  const [state, undo, detail] =
    type === "CREATE"
      ? [
          "created",
          "Delete Stack",
          "All that was made so far is removed; a key that is there already is kept.",
        ]
      : ["updated", "Roll Back", "All is put back as it was before the update."];
  const answer = await vscode.window.showWarningMessage(
    `The stack ${stack.name} is being ${state}. Is it to go on?`,
    { modal: true, detail: `${undo}: ${detail}` },
    { title: "Go On", isCloseAffordance: true },
    { title: undo },
  );
  return answer?.title === undo;
}
