/** Deploy Key Stack: creates or updates the stack of the key template, after a look at what that changes. */
import * as vscode from "vscode";
import type { ChangeSet, Stacks } from "../../aws/stacks";
import { KmsSelectionError } from "../../core/errors";
import {
  firstFailure,
  isOfKeyTemplate,
  keyStackOf,
  retainedKey,
  stateOf,
  type Ended,
  type Stack,
} from "../../core/keyStack";
import { parametersOf, type KeyTemplate, type ParameterValues } from "../../core/keyTemplate";
import { deployCommand, type Place } from "../../core/shellCommands";
import type { StackChange } from "../../core/stackChanges";
import type { StackProblem } from "../../core/stackProblems";
import type { App } from "../app";
import { readBundled } from "../readBundled";
import { askForParameters } from "../keyStack/askForParameters";
import { deleteStack, followExecution } from "../keyStack/followStack";
import { askForPlace, askForStackName, rememberStack } from "../keyStack/place";
import { reportingStackFailure } from "../keyStack/reportingStackFailure";
import { reviewChanges } from "../keyStack/reviewChanges";
import { offerKeyStack } from "../keyStack/useKeyStack";
import { cancellable } from "../progress";
import { openKeyTemplate } from "./openKeyTemplate";

const TITLE = "Deploy Key Stack";

interface Order {
  readonly place: Place;
  readonly name: string;
}

/** `order`: of a failure that is tried again. Its name can be changed: it may be in use by another stack. */
export async function deployKeyStack(app: App, order?: Order): Promise<void> {
  const place = order?.place ?? (await askForPlace(app, TITLE));
  const name = place && (await askForStackName(app, TITLE, order?.name));
  if (!place || name === undefined) return;
  const work = async (): Promise<void> => {
    const stacks = await app.connections.stacks(place);
    try {
      await deploy({ app, stacks, place, name });
    } finally {
      stacks.dispose();
    }
  };
  const again = (): Promise<void> => deployKeyStack(app, { place, name });
  await reportingStackFailure(app, "deploy the key stack", place, work, again);
}

interface Deployment extends Order {
  readonly app: App;
  readonly stacks: Stacks;
}

async function deploy(deployment: Deployment): Promise<void> {
  const { app, stacks, place, name } = deployment;
  const found = await during(app, `Looking for the stack ${name}…`, (signal) => stacks.find(name, signal));
  const type = found && (await takeOver(deployment, found)) ? "UPDATE" : "CREATE";
  const current = found?.parameters ?? {};
  const parameters = parametersOf(JSON.parse(await readBundled(app, "dist/keyTemplate.json")) as KeyTemplate); // made by our build
  const answer = await askForParameters(`${TITLE} ${name} in ${place.region}`, parameters, current);
  if (!answer) return;
  if (answer.next === "copy-command") {
    const before = Object.fromEntries(parameters.map((each) => [each.name, each.defaultValue]));
    await copyCommand(
      deployment,
      changed(answer.values, type === "UPDATE" ? { ...before, ...current } : before),
    );
    return;
  }
  const request = {
    stackName: name,
    type,
    template: await readBundled(app, "infra.yaml"),
    values: answer.values,
  } as const;
  let changeSet: ChangeSet | undefined;
  try {
    const changes = await during(app, `Asking what would change in the stack ${name}…`, async (signal) => {
      changeSet = await stacks.createChangeSet(request);
      return stacks.changesOf(changeSet, signal);
    });
    if (!changeSet) return;
    if (changes.length === 0) {
      await succeeded(deployment, changeSet.stackId, `The stack ${name} is up to date`);
      return;
    }
    if (!(await reviewChanges(type, { id: changeSet.stackId, name }, place, changes))) return;
    const executing = changeSet;
    changeSet = undefined;
    await execute(deployment, type, executing, changes);
  } finally {
    if (changeSet) await discard(deployment, changeSet);
  }
}

/**
 * What becomes of a stack that has the name already: `true`: it is updated; `false`: it is gone. Throws `cancelled` and
 * the problems of a name that cannot be used.
 */
async function takeOver(deployment: Deployment, stack: Stack): Promise<boolean> {
  const { app, stacks, name } = deployment;
  const { status } = stack;
  switch (stateOf(stack)) {
    case "ready":
      if (isOfKeyTemplate(stack) && keyStackOf(stack)) return true;
      throw problem({ kind: "other-stack", name });
    case "busy":
      throw problem({ kind: "busy", name, status });
    case "stuck":
      throw problem(isOfKeyTemplate(stack) ? { kind: "stuck", name, status } : { kind: "other-stack", name });
    case "failed":
      if (!isOfKeyTemplate(stack)) throw problem({ kind: "other-stack", name });
      await confirmDeletion(
        `The stack ${name} could not be created the last time (${status}).`,
        "CloudFormation takes the name again once the failed stack is deleted.",
      );
      break;
    case "review":
      if (
        !(await during(app, `Looking at the stack ${name}…`, (signal) =>
          stacks.isReviewOfOurs(stack, signal),
        ))
      )
        throw problem({ kind: "other-stack", name });
      await confirmDeletion(
        `Somebody began to create the stack ${name}, and did not go on.`,
        "It has no resources yet. If it is you in another window, or a colleague, their question about the changes comes to nothing.",
      );
      break;
  }
  const ended = await deleteStack(stacks, stack);
  if (ended.status === "DELETE_COMPLETE") return false;
  throw problem(stuck(name, ended));
}

async function confirmDeletion(message: string, detail: string): Promise<void> {
  const button = "Delete and Create Anew";
  const answer = await vscode.window.showWarningMessage(message, { modal: true, detail }, button);
  if (answer !== button) throw new KmsSelectionError({ code: "cancelled" });
}

async function execute(
  deployment: Deployment,
  type: "CREATE" | "UPDATE",
  changeSet: ChangeSet,
  changes: readonly StackChange[],
): Promise<void> {
  const { app, stacks, name, place } = deployment;
  let since: string | undefined;
  try {
    since = await stacks.execute(changeSet);
  } catch (error) {
    await discard(deployment, changeSet);
    throw error;
  }
  const stack = { id: changeSet.stackId, name };
  const execution = { type, stack, since, resources: changes.length };
  const { ended, undone } = await app.statusBar.during(() => followExecution(stacks, execution));
  app.log.info(`deploy: ${ended.status}; stack ${name}; Region ${place.region}; ${changes.length} resources`);
  if (undone) {
    tellUndone(name, ended);
    return;
  }
  if (!["CREATE_COMPLETE", "UPDATE_COMPLETE"].includes(ended.status)) {
    const { resource, type: kind, reason } = firstFailure(ended) ?? {};
    throw problem({ kind: "failed", name, status: ended.status, resource, type: kind, reason });
  }
  await rememberStack(app, place, name);
  await succeeded(deployment, stack.id, `The stack ${name} is ${type === "CREATE" ? "there" : "updated"}`);
}

async function succeeded(
  { app, stacks, place, name }: Deployment,
  id: string,
  message: string,
): Promise<void> {
  const stack = await during(app, `Reading the outputs of the stack ${name}…`, (signal) =>
    stacks.find(id, signal),
  );
  const outputs = stack && keyStackOf(stack);
  if (!outputs) throw problem({ kind: "not-a-key-stack", name });
  void offerKeyStack(app, `${message}: ${outputs.keyAlias} in ${outputs.region}.`, outputs, place);
}

function tellUndone(name: string, ended: Ended): void {
  const key = retainedKey(ended);
  if (ended.status === "UPDATE_ROLLBACK_COMPLETE") {
    void vscode.window.showInformationMessage(`The stack ${name} is as it was before.`);
  } else if (ended.status === "DELETE_COMPLETE") {
    const kept = key
      ? ` Its key ${key} was kept: if nobody needs it, schedule its deletion in the KMS console.`
      : "";
    void vscode.window.showInformationMessage(`The stack ${name} was deleted.${kept}`);
  } else throw problem(stuck(name, ended));
}

function stuck(name: string, ended: Ended): StackProblem {
  const { resource, reason } = firstFailure(ended) ?? {};
  const why = [resource, reason].filter(Boolean).join(": ");
  return { kind: "stuck", name, status: ended.status, reason: why || undefined };
}

/** Nothing is left behind; what cannot be removed is found by the next deployment. */
async function discard({ app, stacks, name }: Deployment, changeSet: ChangeSet): Promise<void> {
  try {
    await app.statusBar.during(() => stacks.discard(changeSet));
  } catch {
    app.log.warn(`deploy: the change set of the stack ${name} could not be removed`);
    void vscode.window.showWarningMessage(
      `The change set of the stack ${name} could not be removed. It does nothing by itself. Deploy Key Stack offers to remove it.`,
    );
  }
}

async function copyCommand({ app, place, name }: Deployment, values: ParameterValues): Promise<void> {
  const template = vscode.Uri.joinPath(app.extensionUri, "infra.yaml").fsPath;
  await vscode.env.clipboard.writeText(`${deployCommand(place, name, template, values)}\n`);
  const open = "Open Key Template";
  const message =
    "The AWS CLI command is on the clipboard, quoted for a POSIX shell (sh, bash, zsh). It takes the template of this extension.";
  // Not awaited: the command is over.
  void vscode.window.showInformationMessage(message, open).then((answer) => {
    if (answer === open) void openKeyTemplate(app);
  });
}

/** The values that are not those of before. */
function changed(values: ParameterValues, before: ParameterValues): ParameterValues {
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => before[name] !== value));
}

function during<Result>(
  app: App,
  title: string,
  task: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  return app.statusBar.during(() => cancellable(title, task));
}

function problem(of: StackProblem): KmsSelectionError {
  return new KmsSelectionError({ code: "stack", problem: of });
}
