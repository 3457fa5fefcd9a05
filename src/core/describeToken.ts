/** What a token tells of itself, in words: from its bytes and the settings alone, with no request. */
import { contextDifference, showContext, type EncryptionContext } from "./encryptionContext";
import type { MessageFacts } from "./messages";
import type { Token } from "./tokens";

/** An identity of this machine, and the context that it encrypts with. */
export interface KnownIdentity {
  readonly name: string;
  readonly context: EncryptionContext;
}

export interface TokenDescription {
  /** "Your secret", "bob's secret": short, for a line above the token. */
  readonly title: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
}

/**
 * `facts`: of a message, which alone has a header. `yours`: the identity in force; `undefined` where its context has no
 * value here. Whatever a header tells may be a lie until the message is opened.
 */
export function describeToken(
  token: Token,
  facts: MessageFacts | undefined,
  yours: KnownIdentity | undefined,
  others: readonly KnownIdentity[],
): TokenDescription {
  const size = ["Size", `${token.bytes.length.toLocaleString("en-US")} bytes of ciphertext`] as const;
  switch (token.kind) {
    case "sandbox":
      return {
        title: "Secret of the sandbox",
        facts: [["Kind", "ciphertext of the sandbox"], ["Identity", UNTOLD], size],
      };
    case "kms":
      return {
        title: "KMS secret",
        facts: [["Kind", "KMS ciphertext"], ["Key and identity", UNTOLD], size],
      };
    case "encryption-sdk":
      if (!facts) return { title: "Damaged message", facts: [["Kind", "message, cut off or altered"], size] };
      return {
        title: `${titleOf(facts.context, yours, others)} secret`,
        facts: [
          ["Kind", `AWS Encryption SDK message${facts.isCommitted ? "" : " without key commitment"}`],
          ["Identity", ownerOf(facts.context, yours, others)],
          ["Context", showContext(facts.context)],
          ...keyFacts(facts),
          size,
        ],
      };
  }
}

/** KMS documents no format of its ciphertexts: https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html */
const UNTOLD = "only KMS can tell";

function identityOf(context: EncryptionContext, known: readonly KnownIdentity[]): string | undefined {
  return known.find((each) => !contextDifference(each.context, context))?.name;
}

function titleOf(
  context: EncryptionContext,
  yours: KnownIdentity | undefined,
  others: readonly KnownIdentity[],
): string {
  if (yours && identityOf(context, [yours]) !== undefined) return "Your";
  const name = identityOf(context, others);
  return name === undefined ? "Somebody else's" : `${name}'s`;
}

function ownerOf(
  context: EncryptionContext,
  yours: KnownIdentity | undefined,
  others: readonly KnownIdentity[],
): string {
  if (yours && identityOf(context, [yours]) !== undefined) return `yours (${yours.name})`;
  return identityOf(context, others) ?? "none that is set up here";
}

function keyFacts({ keyArns, otherKeys }: MessageFacts): (readonly [string, string])[] {
  const { length } = otherKeys;
  const others = `${length} that ${length === 1 ? "is" : "are"} not of KMS`;
  const keys = [...keyArns, ...(length > 0 ? [others] : [])];
  return [[keys.length > 1 ? "Keys" : "Key", keys.length > 0 ? keys.join(", ") : "none"]];
}
