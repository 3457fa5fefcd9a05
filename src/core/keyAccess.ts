/** What a caller may do with a key, as KMS tells when it is asked without doing it; and what is missing. */
import type { EncryptionContext } from "./encryptionContext";
import type { KmsSelectionError, Operation } from "./errors";
import type { KeyMetadata } from "./keyDescription";
import { policyStatement } from "./policyStatement";

/** https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html */
export type DryRunOperation = "Encrypt" | "GenerateDataKey" | "Decrypt" | "ReEncrypt";

/** Looking at a key changes nothing, so this one is simply done. */
export type TestedOperation = DryRunOperation | "DescribeKey";

/** `done`: instead of saying that it would have done it, KMS did it. It knows no dry runs. */
export type Answer = "would-succeed" | "done" | KmsSelectionError;

export type Verdict =
  | { readonly kind: "allowed" }
  | { readonly kind: "denied"; readonly error: KmsSelectionError }
  | { readonly kind: "failed"; readonly error: KmsSelectionError }
  | { readonly kind: "not-known" };

/** As STS names who calls. */
export interface Caller {
  readonly arn: string;
  readonly account: string;
}

export interface Rotation {
  readonly enabled: boolean;
  readonly periodInDays?: number | undefined;
  readonly next?: Date | undefined;
}

/** What one profile may do. */
export interface ProfileAccess {
  /** What the profile is used for; `undefined`: for everything. */
  readonly direction: Operation | undefined;
  /** `undefined`: the AWS SDK's own order. */
  readonly profile: string | undefined;
  /** `undefined`: the sandbox, where nobody calls. */
  readonly caller: Caller | KmsSelectionError | undefined;
  readonly answers: Readonly<Partial<Record<TestedOperation, Answer>>>;
}

export interface KeyAccess {
  readonly keyId: string;
  readonly identity: string;
  readonly context: EncryptionContext;
  /** `undefined`: not permitted to be seen. */
  readonly metadata: KeyMetadata | undefined;
  readonly rotation: Rotation | KmsSelectionError | undefined;
  readonly profiles: readonly ProfileAccess[];
}

/** What each direction needs, in the order in which it is told. */
export function testedOperations(direction: Operation | undefined): readonly TestedOperation[] {
  switch (direction) {
    case undefined:
      return ["Encrypt", "GenerateDataKey", "Decrypt", "ReEncrypt", "DescribeKey"];
    case "encrypt":
      return ["Encrypt", "GenerateDataKey", "DescribeKey"];
    case "decrypt":
    case "re-encrypt":
      return ["Decrypt", "ReEncrypt", "DescribeKey"];
  }
}

/** What a KMS did that knows no dry runs. */
export function doneForReal({ profiles }: KeyAccess): TestedOperation[] {
  const done = profiles.flatMap(({ answers }) =>
    Object.entries(answers).filter(([, each]) => each === "done"),
  );
  return [...new Set(done.map(([operation]) => operation as TestedOperation))];
}

export function verdictOf(access: KeyAccess, operation: TestedOperation, answer: Answer): Verdict {
  if (answer === "would-succeed") return { kind: "allowed" };
  if (answer === "done") return { kind: "not-known" };
  const { code } = answer.failure;
  if (isRefusal(answer)) return { kind: "denied", error: answer };
  // It wanted a ciphertext after all: it does not know IGNORE_CIPHERTEXT.
  const needsCiphertext = operation === "Decrypt" || operation === "ReEncrypt";
  const wantsCiphertext = code === "invalid-request" || code === "invalid-ciphertext";
  if (needsCiphertext && (wantsCiphertext || doneForReal(access).length > 0)) return { kind: "not-known" };
  return { kind: "failed", error: answer };
}

/** Whether KMS said no to this caller; else it said nothing about what the caller may do. */
export function isRefusal({ failure }: KmsSelectionError): boolean {
  return failure.code === "access-denied" || failure.code === "key-not-accessible";
}

/** The actions of IAM that an operation needs: https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html */
function actionsOf(operation: TestedOperation): string[] {
  // KMS names the first of the two that is missing, and leaves the other one open.
  return operation === "ReEncrypt" ? ["kms:ReEncryptFrom", "kms:ReEncryptTo"] : [`kms:${operation}`];
}

/** What a profile's caller is not allowed to do. */
export function deniedOperations(access: KeyAccess, { answers }: ProfileAccess): TestedOperation[] {
  const tested = Object.entries(answers) as [TestedOperation, Answer][];
  return tested
    .filter(([operation, answer]) => verdictOf(access, operation, answer).kind === "denied")
    .map(([operation]) => operation);
}

/**
 * The least that would have to be allowed, as JSON: one statement, or a list of two. `undefined`: nothing is missing, or
 * a policy denies it, and then no other one can allow it.
 */
export function missingStatements(access: KeyAccess, profile: ProfileAccess): string | undefined {
  const missing = deniedOperations(access, profile).filter(
    (operation) => !isExplicitDeny(profile.answers[operation]),
  );
  const arn = access.metadata?.Arn ?? arnInRefusals(profile);
  const [withContext, others] = [
    missing.filter((operation) => operation !== "DescribeKey"),
    missing.filter((operation) => operation === "DescribeKey"),
  ];
  const statements = [withContext, others]
    .map((operations) => operations.flatMap(actionsOf))
    .filter((actions) => actions.length > 0)
    .map((actions) => policyStatement(actions, arn, access.context));
  if (statements.length < 2) return statements[0];
  return JSON.stringify(
    statements.map((statement) => JSON.parse(statement) as unknown),
    undefined,
    2,
  );
}

export function isExplicitDeny(answer: Answer | undefined): boolean {
  if (typeof answer !== "object" || answer.failure.code !== "access-denied") return false;
  return answer.failure.reason?.startsWith("an explicit deny") ?? false;
}

/** KMS names the key by its ARN when it refuses, whatever name the request had. */
function arnInRefusals({ answers }: ProfileAccess): string | undefined {
  const resources = Object.values(answers).map((answer) =>
    typeof answer === "object" && answer.failure.code === "access-denied"
      ? answer.failure.resource
      : undefined,
  );
  return resources.find((resource) => resource?.includes(":key/"));
}
