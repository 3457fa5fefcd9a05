/** What the log says of an operation. */
import type { Circumstances } from "../core/describeFailure";
import type { Operation } from "../core/errors";

/** Names, numbers and ids alone: never text, ciphertext, credentials, or the message of an error. */
export function logLine(
  operation: Operation,
  outcome: string,
  { sandbox, keyId, identity, profile, region }: Circumstances,
  requestIds: readonly string[],
  started: number,
): string {
  const shownIds =
    requestIds.slice(0, 3).join(", ") + (requestIds.length > 3 ? ` and ${requestIds.length - 3} more` : "");
  const where = sandbox
    ? ["sandbox"]
    : [keyId && `key ${keyId}`, profile && `profile ${profile}`, region && `Region ${region}`];
  const facts = [
    outcome,
    ...where,
    identity && `identity ${identity}`,
    shownIds && `requests ${shownIds}`,
    `${Math.round(performance.now() - started)} ms`,
  ];
  return `${operation}: ${facts.filter(Boolean).join("; ")}`;
}
