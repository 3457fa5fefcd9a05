/** What CloudFormation refuses, as failures of ours; all else is what it is for every service of AWS. */
import { isKmsSelectionError, KmsSelectionError, type Failure } from "../core/errors";
import type { StackProblem } from "../core/stackProblems";
import { translateError } from "./sdkErrors";
import type { Profile } from "./sharedConfig";

/** `profile`: its settings, to tell which sign-in it needs. `name`: of the stack that was asked for. */
export function translateStackError(error: unknown, profile: Profile, name: string): KmsSelectionError {
  if (isKmsSelectionError(error)) return error;
  const translated = translateError(error, profile);
  const problem =
    (error instanceof Error ? ofCloudFormation(error, name) : undefined) ??
    ofCommon(translated.failure, error);
  if (!problem) return translated;
  return new KmsSelectionError({ code: "stack", problem }, { cause: error, source: translated.source });
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html#API_CreateChangeSet_Errors */
function ofCloudFormation({ name: code, message }: Error, name: string): StackProblem | undefined {
  switch (code) {
    case "ChangeSetNotFound":
    case "ChangeSetNotFoundException":
    case "InvalidChangeSetStatus":
    case "InvalidChangeSetStatusException":
    case "AlreadyExistsException":
    case "OperationInProgressException":
      return { kind: "changed", name };
    case "InsufficientCapabilitiesException":
    case "LimitExceededException":
      return { kind: "refused", reason: plain(message) };
    case "ValidationError":
    case "ValidationException":
      return isMissing(message) ? { kind: "not-found", name } : { kind: "refused", reason: plain(message) };
    default:
      return undefined;
  }
}

/** Words that speak of KMS, or of the encryption context, in those of CloudFormation. */
function ofCommon(failure: Failure, error: unknown): StackProblem | undefined {
  if (failure.code === "access-denied") {
    const { action, caller, resource, reason } = failure;
    return { kind: "not-allowed", action, caller, resource, reason };
  }
  if (failure.code === "invalid-request") return { kind: "refused", reason: plain(failure.reason) };
  if (failure.code === "throttled") return { kind: "throttled" };
  if (failure.code === "kms-unavailable") return { kind: "unavailable" };
  // What stands in the place of XML ends up without a name that means anything.
  const isAnswer = error instanceof Error && "$response" in error;
  const isInvalid = failure.code === "response-invalid" || (failure.code === "unexpected" && isAnswer);
  return isInvalid ? { kind: "response-invalid" } : undefined;
}

/** CloudFormation has no exception of its own for it. */
function isMissing(message: string): boolean {
  return /^Stack .*does not exist|^Stack \[.*\] does not exist/i.test(message);
}

/**
 * What CloudFormation says, for people: one line, not too long. It comes from whoever makes the resource,
 * and may repeat the values that were refused: those, and whatever has the form of a secret access key, are left out.
 */
export function plain(text: string): string {
  const reason = text
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, " ")
    .replace(/\bvalue '.*?' at/gi, "the value at")
    .replace(/(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g, "…")
    .trim();
  return reason.length <= MAX_REASON ? reason : `${reason.slice(0, MAX_REASON)}…`;
}

const MAX_REASON = 400;
