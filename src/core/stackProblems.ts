/** What can go wrong with a stack, as data and in words. */

export type StackProblem =
  /** The name is in use by a stack that is not of the key template. */
  | { readonly kind: "other-stack"; readonly name: string }
  | { readonly kind: "busy"; readonly name: string; readonly status: string }
  | {
      readonly kind: "stuck";
      readonly name: string;
      readonly status: string;
      readonly reason?: string | undefined;
    }
  /** Somebody else, or another window, was faster. */
  | { readonly kind: "changed"; readonly name: string }
  | { readonly kind: "not-found"; readonly name: string }
  | { readonly kind: "not-a-key-stack"; readonly name: string }
  /** CloudFormation says why, before anything was done. */
  | { readonly kind: "refused"; readonly reason: string }
  | {
      readonly kind: "failed";
      readonly name: string;
      readonly status: string;
      readonly resource?: string | undefined;
      readonly type?: string | undefined;
      readonly reason?: string | undefined;
    }
  /** Requests failed while the stack was being worked on. */
  | { readonly kind: "lost-sight"; readonly name: string; readonly reason: string }
  | {
      readonly kind: "not-allowed";
      readonly action?: string | undefined;
      readonly caller?: string | undefined;
      readonly resource?: string | undefined;
      readonly reason?: string | undefined;
    }
  | { readonly kind: "throttled" }
  | { readonly kind: "unavailable" }
  | { readonly kind: "response-invalid" };

/** Goes on after "Can't …: ". */
export function describeStackProblem(problem: StackProblem, who: string): string {
  switch (problem.kind) {
    case "other-stack":
      return `there is another stack named ${problem.name}, which is not of the key template. It was left as it is. Choose another name.`;
    case "busy":
      return `the stack ${problem.name} is being worked on (${problem.status}). Try again when it is done.`;
    case "stuck":
      return `the stack ${problem.name} is in the state ${problem.status}${problem.reason ? ` (${problem.reason})` : ""}. Continue its rollback or delete it in the CloudFormation console.`;
    case "changed":
      return `the stack ${problem.name} was changed by somebody else in the meantime. Nothing was done. Try again to see what is left to do.`;
    case "not-found":
      return `there is no stack ${problem.name} for ${who}.`;
    case "not-a-key-stack":
      return `the stack ${problem.name} has no outputs of the key template.`;
    case "refused":
      return `CloudFormation did not take it: ${problem.reason}`;
    case "failed": {
      const { name, status, resource, type, reason } = problem;
      const what = resource ? `${resource}${type ? ` (${type})` : ""} failed` : "it failed";
      const end = ENDS[status] ?? `its state is ${status}`;
      return `${what}${reason ? `: ${withFullStop(reason)}` : "."} The stack ${name} did not come about as asked; ${end}. No setting was changed.`;
    }
    case "lost-sight":
      return `the stack ${problem.name} could no longer be watched: ${withFullStop(problem.reason)} CloudFormation goes on with it. Look later with "KMS: Use Existing Stack…".`;
    case "not-allowed": {
      const what = problem.action ? `not allowed ${problem.action}` : "not allowed to do this";
      const where = problem.resource ? ` on ${problem.resource}` : "";
      const why = problem.reason ? ` (${problem.reason})` : "";
      return `${problem.caller ?? who} is ${what}${where}${why}. A key stack takes an administrator of the account.`;
    }
    case "throttled":
      return "CloudFormation's request quota is used up for now, also after several tries. Wait a moment and try again.";
    case "unavailable":
      return "CloudFormation is temporarily unavailable, also after several tries.";
    case "response-invalid":
      return "the answer was not one of CloudFormation. A proxy or a custom endpoint may have answered instead.";
  }
}

const ENDS: Readonly<Record<string, string>> = {
  ROLLBACK_COMPLETE: "all that it had made was removed",
  ROLLBACK_FAILED: "what it had made could not all be removed",
  CREATE_FAILED: "what it had made is still there",
  UPDATE_ROLLBACK_COMPLETE: "it is as it was before",
  UPDATE_ROLLBACK_FAILED: "it could not be put back as it was before",
};

const withFullStop = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
