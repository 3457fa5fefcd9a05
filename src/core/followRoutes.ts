/** Which of several routes a token comes by is often known to KMS alone: they are tried in turn. */
import { isOfDestination, toKmsSelectionError, type Failure, type FailureCode } from "./errors";
import type { Route } from "./reEncryptionPlan";

/** That the token does not come this way; it may come another way, or have arrived. */
const NOT_THIS_WAY: ReadonlySet<FailureCode> = new Set<FailureCode>(["incorrect-key", "invalid-ciphertext"]);

/** What has arrived at a destination, and may still have to be done anew there. */
export function arrivals(routes: readonly Route[]): Route[] {
  return routes.map(({ destination }) => ({ source: destination, destination }));
}

/** Takes the first of the `routes` that works, else the first of the `arrived`. Throws why the routes do not. */
export async function followFirst<Result>(
  routes: readonly Route[],
  arrived: readonly Route[],
  follow: (route: Route) => Promise<Result>,
): Promise<Result> {
  const errors: unknown[] = [];
  for (const route of routes) {
    try {
      return await follow(route);
    } catch (error) {
      if (!NOT_THIS_WAY.has(codeOf(error))) throw error;
      errors.push(error);
    }
  }
  for (const route of arrived) {
    try {
      return await follow(route);
    } catch (error) {
      if (errors.length === 0 || !isNotSeen(toKmsSelectionError(error).failure)) throw error;
    }
  }
  // Another key than the one that was named says more than that other contexts did not fit.
  throw errors.find((error) => codeOf(error) === "incorrect-key") ?? errors[0];
}

const codeOf = (error: unknown): FailureCode => toKmsSelectionError(error).failure.code;

/** Whoever may not read at the destination cannot see what has arrived there. */
function isNotSeen(failure: Failure): boolean {
  if (failure.code === "access-denied") return !isOfDestination(failure);
  return failure.code === "key-not-accessible" || NOT_THIS_WAY.has(failure.code);
}
