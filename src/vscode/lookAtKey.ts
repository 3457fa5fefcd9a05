/** Looks at the key that an operation has used, for the status bar: seldom, behind the operation, and silently. */
import type { AwsKms } from "../aws/main";
import type { FailureCode } from "../core/errors";
import { healthOf, type KeyHealth } from "../core/keyHealth";
import type { Target } from "../core/target";
import type { App } from "./app";
import { keyIdOf } from "./connections";

/** Milliseconds. Nobody waits for it. */
const TIMEOUT = 10_000;

/** These say more of the key than was seen of it when it was looked at. */
const OF_STATE: ReadonlySet<FailureCode> = new Set([
  "key-disabled",
  "key-pending-deletion",
  "key-invalid-state",
]);

/** `failure`: how the operation failed; `undefined` when it did not. */
export async function lookAtKey(
  { statusBar }: App,
  target: Target,
  kms: AwsKms,
  failure: FailureCode | undefined,
): Promise<void> {
  if (target.sandbox) return;
  const { healths } = statusBar;
  const isUsable = healths.get(target)?.isUsable ?? true;
  const isDoubtful = failure === undefined ? !isUsable : isUsable && OF_STATE.has(failure);
  if (isDoubtful) healths.doubt(target);
  if (healths.isDue(target, Date.now())) statusBar.setHealth(target, await look(kms, keyIdOf(target)));
}

/** `undefined`: it is not permitted, or does not work. Whoever encrypts need not be told. */
async function look(kms: AwsKms, keyId: string): Promise<KeyHealth | undefined> {
  const signal = AbortSignal.timeout(TIMEOUT);
  try {
    const metadata = await kms.describeKey(keyId, signal);
    const rotation =
      metadata.Arn === undefined
        ? undefined
        : await kms.rotation(metadata.Arn, signal).catch(() => undefined);
    return healthOf(metadata, rotation?.enabled);
  } catch {
    return undefined;
  }
}
