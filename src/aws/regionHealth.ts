/** Whether KMS in one Region could be reached a moment ago, so that not every request waits for it to fail. */
import type { KmsSelectionError } from "../core/errors";

/** Milliseconds for which others come first. Then one request finds out how it is now. */
const AVOIDED_FOR = 60_000;

/** The failures of credential providers are no Region's. */
const OF_CREDENTIALS = ["CredentialsProviderError", "ProviderError", "TokenProviderError"];

/**
 * Whether it lies in the Region or the way to it, and another Region may well answer. Not so where KMS answered: it would
 * refuse there as well, or is to be left alone for a while. A certificate that is not trusted, or an answer that is not
 * one of KMS, comes from something in between.
 */
export function isUnreachable({ failure, source }: KmsSelectionError): boolean {
  if (OF_CREDENTIALS.includes(source?.name ?? "")) return false;
  return ["network", "timeout", "kms-unavailable"].includes(failure.code);
}

export class RegionHealth {
  private avoidedUntil: number | undefined;
  private readonly now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  /** To be asked before each request that could go elsewhere: when the time is over, it is `false` once. */
  isAvoided(): boolean {
    if (this.avoidedUntil === undefined) return false;
    if (this.now() < this.avoidedUntil) return true;
    this.avoid();
    return false;
  }

  answered(): void {
    this.avoidedUntil = undefined;
  }

  failed(error: KmsSelectionError): void {
    if (isUnreachable(error)) this.avoid();
    else if (error.source?.httpStatus !== undefined) this.answered();
  }

  private avoid(): void {
    this.avoidedUntil = this.now() + AVOIDED_FOR;
  }
}
