/** For assertions about what went wrong. */
import assert from "node:assert/strict";
import { KmsSelectionError, type Failure, type FailureCode } from "../../../src/core/errors";

function asOurs(error: unknown): KmsSelectionError {
  assert.ok(error instanceof KmsSelectionError, error instanceof Error ? error.stack : String(error));
  return error;
}

/** What is thrown; it must be an error of ours. */
export function thrownBy(run: () => unknown): KmsSelectionError {
  try {
    run();
  } catch (error) {
    return asOurs(error);
  }
  return assert.fail("nothing was thrown");
}

/** What a promise is rejected with; it must be an error of ours. */
export async function rejectedBy(promise: Promise<unknown>): Promise<KmsSelectionError> {
  try {
    await promise;
  } catch (error) {
    return asOurs(error);
  }
  return assert.fail("nothing was thrown");
}

export function assertCode(error: KmsSelectionError, code: FailureCode): void {
  assert.equal(error.failure.code, code, String(error.cause));
}

/** The members of a failure beside its code. */
export function detailsOf(failure: Failure): Record<string, unknown> {
  return Object.fromEntries(Object.entries(failure).filter(([name]) => name !== "code"));
}
