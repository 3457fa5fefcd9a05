/** What CloudFormation answers, in the words of the core. */
import type { Change, Stack as SdkStack, StackEvent as SdkStackEvent } from "@aws-sdk/client-cloudformation";
import { KmsSelectionError } from "../core/errors";
import type { Stack, StackEvent } from "../core/keyStack";
import type { StackChange } from "../core/stackChanges";
import type { StackProblem } from "../core/stackProblems";
import { plain } from "./stackErrors";

/** CloudFormation always answers these members; whoever does not is another. */
export function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw problem({ kind: "response-invalid" });
  return value;
}

export function problem(of: StackProblem): KmsSelectionError {
  return new KmsSelectionError({ code: "stack", problem: of });
}

export function isProblem(error: unknown, kind: StackProblem["kind"]): boolean {
  return (
    error instanceof KmsSelectionError &&
    error.failure.code === "stack" &&
    error.failure.problem.kind === kind
  );
}

export function toStack(stack: SdkStack): Stack {
  return {
    id: stack.StackId ?? "",
    name: stack.StackName ?? "",
    status: plain(stack.StackStatus ?? ""),
    parameters: Object.fromEntries(
      (stack.Parameters ?? []).map(({ ParameterKey = "", ParameterValue = "" }) => [
        ParameterKey,
        ParameterValue,
      ]),
    ),
    outputs: Object.fromEntries(
      (stack.Outputs ?? []).map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]),
    ),
  };
}

export function toEvent(event: SdkStackEvent): StackEvent {
  return {
    id: event.EventId ?? "",
    resource: plain(event.LogicalResourceId ?? ""),
    type: plain(event.ResourceType ?? ""),
    physicalId: plain(event.PhysicalResourceId ?? ""),
    status: plain(event.ResourceStatus ?? ""),
    reason: plain(event.ResourceStatusReason ?? ""),
  };
}

export function toChange({ ResourceChange: change }: Change): StackChange[] {
  if (!change) return [];
  const { Action = "Dynamic", LogicalResourceId = "", ResourceType = "", Replacement = "" } = change;
  return [
    {
      action: Action,
      resource: plain(LogicalResourceId),
      type: plain(ResourceType),
      replacement: Replacement,
    },
  ];
}
