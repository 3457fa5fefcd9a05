/** Everything that can go wrong, as data. Words for it are in `describeFailure.ts`, and nowhere else. */

import type { ContextDifference } from "./encryptionContext";
import type { StackProblem } from "./stackProblems";

export type Operation = "encrypt" | "decrypt" | "re-encrypt";

/** AWS's sign-in methods that a person renews by hand. */
export type SignIn = "sso" | "login";

/** A line of a shared AWS config file that its parser passes over. Holds no text of the file: it may be a secret. */
export interface MalformedLine {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

export type Failure =
  // The document and what is selected in it
  | { readonly code: "no-editor" }
  | { readonly code: "nothing-selected" }
  | { readonly code: "no-token-at-cursor" }
  | { readonly code: "no-tokens" }
  | { readonly code: "nothing-marked" }
  | { readonly code: "mark-not-closed"; readonly line: number }
  | { readonly code: "mark-ambiguous"; readonly line: number }
  | { readonly code: "not-a-token" }
  | { readonly code: "token-damaged" }
  | { readonly code: "token-too-long"; readonly bytes: number }
  | { readonly code: "message-of-another-context"; readonly difference: ContextDifference }
  | { readonly code: "identity-changed"; readonly difference: ContextDifference }
  | { readonly code: "message-too-many-keys"; readonly keys: number }
  | { readonly code: "message-without-commitment" }
  | { readonly code: "message-without-kms-key" }
  | { readonly code: "sandbox-token" }
  | { readonly code: "lone-surrogate" }
  | { readonly code: "plaintext-empty" }
  | { readonly code: "plaintext-too-large"; readonly bytes: number }
  | { readonly code: "plaintext-not-text"; readonly bytes: number }
  | { readonly code: "text-changed" }
  | { readonly code: "document-closed" }
  | { readonly code: "document-read-only" }
  | { readonly code: "edit-rejected" }
  // Settings and configuration files
  | { readonly code: "not-configured" }
  | { readonly code: "setting-invalid"; readonly setting: string; readonly reason: string }
  | { readonly code: "context-invalid"; readonly name: string; readonly reason: string }
  | { readonly code: "region-missing" }
  | { readonly code: "other-region"; readonly source: string; readonly destination: string }
  | {
      readonly code: "profile-not-found";
      readonly profile: string;
      readonly files: readonly string[];
    }
  | { readonly code: "config-file-unreadable"; readonly file: string; readonly reason: string }
  | { readonly code: "config-file-malformed"; readonly malformed: MalformedLine }
  // Credentials
  | { readonly code: "credentials-missing" }
  | { readonly code: "credentials-failed"; readonly reason: string }
  | { readonly code: "credentials-expired"; readonly signIn?: SignIn }
  | { readonly code: "credentials-invalid" }
  | { readonly code: "aws-cli-missing"; readonly command: string }
  | { readonly code: "sign-in-failed"; readonly command: string; readonly exitCode?: number }
  | { readonly code: "clock-skew" }
  // What KMS answers
  | { readonly code: "additional-key-failed"; readonly keyId: string; readonly failure: Failure }
  | { readonly code: "destination-changed"; readonly before: string; readonly now: string }
  /** Without `keyArn` it cannot be seen what an alias stands for in the Region. */
  | {
      readonly code: "not-the-replica";
      readonly region: string;
      readonly keyArn?: string;
      readonly home?: string;
    }
  | { readonly code: "invalid-ciphertext" }
  | { readonly code: "incorrect-key" }
  | {
      readonly code: "access-denied";
      readonly action?: string;
      readonly caller?: string;
      readonly resource?: string;
      readonly reason?: string;
    }
  | { readonly code: "key-not-accessible" }
  | { readonly code: "key-not-found" }
  | { readonly code: "key-disabled" }
  | { readonly code: "key-pending-deletion"; readonly deletionDate?: Date }
  | { readonly code: "key-invalid-state"; readonly state?: string }
  | { readonly code: "key-usage" }
  | { readonly code: "invalid-arn" }
  | { readonly code: "unsupported-operation" }
  | { readonly code: "invalid-request"; readonly reason: string }
  | { readonly code: "throttled" }
  | { readonly code: "kms-unavailable" }
  | { readonly code: "response-invalid" }
  // The key's CloudFormation stack
  | { readonly code: "stack"; readonly problem: StackProblem }
  // The way to KMS
  | { readonly code: "network"; readonly reason: string; readonly host?: string }
  | { readonly code: "certificate"; readonly reason: string; readonly host?: string }
  | { readonly code: "timeout"; readonly host?: string }
  | { readonly code: "cancelled" }
  | { readonly code: "unexpected" };

export type FailureCode = Failure["code"];

/** What only the key is asked for to which something is encrypted. */
const OF_DESTINATION: ReadonlySet<string | undefined> = new Set([
  "kms:Encrypt",
  "kms:GenerateDataKey",
  "kms:ReEncryptTo",
]);

/** Whether a refusal is about the key that a re-encryption goes to. */
export function isOfDestination({ action }: Extract<Failure, { code: "access-denied" }>): boolean {
  return OF_DESTINATION.has(action);
}

/** Which of several selections failed. */
export interface SelectionPlace {
  /** Counted from 1, in document order. */
  readonly number: number;
  readonly count: number;
  /** Counted from 1. */
  readonly line: number;
}

/** What AWS support asks for: https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html */
export interface ErrorSource {
  /** The name of the exception or error as its source gave it. */
  readonly name: string;
  readonly requestId?: string;
  readonly httpStatus?: number;
}

/**
 * The only error type of the extension. Its message is the code alone: nothing of the text, the ciphertext or the
 * credentials can get into a log by way of it.
 */
export class KmsSelectionError extends Error {
  override readonly name = "KmsSelectionError";
  readonly failure: Failure;
  readonly source: ErrorSource | undefined;
  readonly selection: SelectionPlace | undefined;

  constructor(
    failure: Failure,
    options: {
      cause?: unknown;
      source?: ErrorSource | undefined;
      selection?: SelectionPlace | undefined;
    } = {},
  ) {
    super(failure.code, { cause: options.cause });
    this.failure = failure;
    this.source = options.source;
    this.selection = options.selection;
  }

  /** The same failure, with the selection that it befell. */
  at(selection: SelectionPlace): KmsSelectionError {
    return new KmsSelectionError(this.failure, { cause: this.cause, source: this.source, selection });
  }
}

/** By name: each bundle has a copy of the class, so `instanceof` would not know an error from another one. */
export function isKmsSelectionError(error: unknown): error is KmsSelectionError {
  return error instanceof Error && error.name === "KmsSelectionError";
}

/** Anything thrown, as our own error; what nobody foresaw becomes `unexpected`, with its name alone. */
export function toKmsSelectionError(error: unknown): KmsSelectionError {
  if (isKmsSelectionError(error)) return error;
  const name = error instanceof Error ? error.name : typeof error;
  return new KmsSelectionError({ code: "unexpected" }, { cause: error, source: { name } });
}
