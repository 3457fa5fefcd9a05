/** How many tokens there are, by what they tell without a key: for a look at what is going to be changed. */
import { showContext } from "./encryptionContext";
import { isKmsSelectionError } from "./errors";
import type { MessageFacts } from "./messages";
import type { Token } from "./tokens";

export interface TokenCounts {
  /** By the ARN of the key. */
  readonly keys: ReadonlyMap<string, number>;
  /** By the encryption context, in words. */
  readonly contexts: ReadonlyMap<string, number>;
}

/** What only KMS can tell of its ciphertext. */
export const KNOWN_TO_KMS = "known to KMS alone";

export class TokenCounter implements TokenCounts {
  readonly keys = new Map<string, number>();
  readonly contexts = new Map<string, number>();

  /** `inspect` reads the header of a message, and throws for a damaged one. */
  add(tokens: readonly Token[], inspect: (message: Uint8Array) => MessageFacts): void {
    for (const { kind, bytes } of tokens) {
      const facts = kind === "encryption-sdk" ? factsOf(bytes, inspect) : undefined;
      count(this.keys, facts?.keyArns[0] ?? KNOWN_TO_KMS);
      count(this.contexts, facts ? showContext(facts.context) : KNOWN_TO_KMS);
    }
  }
}

function factsOf(
  bytes: Uint8Array,
  inspect: (message: Uint8Array) => MessageFacts,
): MessageFacts | undefined {
  try {
    return inspect(bytes);
  } catch (error) {
    if (isKmsSelectionError(error)) return undefined;
    throw error;
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
