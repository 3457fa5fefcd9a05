/** Runs a command about stacks, and tells in words why it failed. */
import { describeFailure, type Action, type Circumstances } from "../../core/describeFailure";
import { toKmsSelectionError } from "../../core/errors";
import type { Place } from "../../core/shellCommands";
import type { App } from "../app";
import { offerActions } from "../offerActions";

/** Those that are about the key or the profile in force would not change which profile deploys. */
const ACTIONS: readonly Action[] = ["open-config-file", "retry", "show-log", "sign-in"];

export async function reportingStackFailure(
  app: App,
  task: string,
  { profile, region }: Place,
  work: () => Promise<void>,
  retry: () => Promise<void>,
): Promise<void> {
  const circumstances: Circumstances = {
    operation: "encrypt",
    doing: task,
    profile: profile || process.env.AWS_PROFILE,
    region,
  };
  try {
    await work();
  } catch (thrown) {
    const error = toKmsSelectionError(thrown);
    const description = describeFailure(error, circumstances);
    const { failure, source } = error;
    const what = failure.code === "stack" ? failure.problem.kind : failure.code;
    const id = source?.requestId && `request ${source.requestId}`;
    app.log.info(`${task}: ${[what, source?.name, id].filter(Boolean).join(", ")}`);
    if (!description) return;
    const actions = description.actions.filter((action) => ACTIONS.includes(action));
    const offered = actions.includes("retry") ? actions : [...actions, "retry" as const];
    // Not awaited: the command is over, and its message may stay for as long as the person likes.
    void offerActions(app, error, { ...description, actions: offered }, circumstances, retry);
  }
}
