/** The least that a policy would have to allow for a refused request. */
import type { EncryptionContext } from "./encryptionContext";

/** Requests about texts carry an encryption context; with others a condition on it would never be met. */
const WITH_CONTEXT = /^kms:(?:Encrypt|Decrypt|ReEncrypt|GenerateDataKey)/;

/**
 * A statement of an IAM policy, as JSON:
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-encryption-context
 */
export function policyStatement(
  action: string | readonly string[],
  resource: string | undefined,
  context: EncryptionContext,
): string {
  const pairs = Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]);
  const hasContext = pairs.length > 0 && [action].flat().every((each) => WITH_CONTEXT.test(each));
  const statement = {
    Effect: "Allow",
    Action: action,
    // A policy names a key by its ARN; an alias there would refer to nothing.
    Resource: resource ?? "arn:aws:kms:REGION:ACCOUNT:key/KEY-ID",
    ...(hasContext && {
      Condition: { StringEquals: Object.fromEntries(pairs) as Record<string, string> },
    }),
  };
  return JSON.stringify(statement, undefined, 2);
}
