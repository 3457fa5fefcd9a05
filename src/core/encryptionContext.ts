/** The encryption context: what is bound to a ciphertext, and written in clear to CloudTrail. */
import { KmsSelectionError } from "./errors";

/** https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html */
export type EncryptionContext = Readonly<Record<string, string>>;

export interface ContextVariables {
  readonly identity: string;
  /** `undefined` where encrypting and decrypting use different profiles: no context could serve both. */
  readonly profile: string | undefined;
  /** `undefined` outside a workspace folder. */
  readonly workspaceFolderBasename: string | undefined;
  /** `undefined` for a document that is not a file of the workspace. With `/`, on every system. */
  readonly relativeFile: string | undefined;
}

const VARIABLES: Record<keyof ContextVariables, string> = {
  identity: "no identity is set",
  profile:
    "the identity has different profiles for encrypting and decrypting, and a context must be the same for both",
  workspaceFolderBasename: "the document is not in a workspace folder",
  relativeFile: "the document is not a file in a workspace folder",
};

/** Fills in the variables. Throws `context-invalid`; a pair is never dropped, for without it the text is not bound. */
export function resolveContext(template: EncryptionContext, variables: ContextVariables): EncryptionContext {
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) => [name, resolveValue(name, value, variables)]),
  );
}

function resolveValue(name: string, template: string, variables: ContextVariables): string {
  const invalid = (reason: string): never => {
    throw new KmsSelectionError({ code: "context-invalid", name, reason });
  };
  if (name.trim() === "") return invalid("a pair needs a name");
  if (name.startsWith("aws-crypto-"))
    return invalid("names that begin with aws-crypto- are reserved by the AWS Encryption SDK");
  const value = template.replace(/\$\{([^}]*)(\}?)/g, (_, variable: string, closed: string) => {
    if (!closed || !Object.hasOwn(VARIABLES, variable)) {
      const known = Object.keys(VARIABLES).map((each) => `\${${each}}`);
      return invalid(`\${${variable}${closed} is not a variable; there are ${known.join(", ")}`);
    }
    const known = variable as keyof ContextVariables;
    return variables[known] ?? invalid(`\${${variable}} has no value: ${VARIABLES[known]}`);
  });
  return value.trim() === "" ? invalid("its value is empty") : value;
}

/** A pair that two contexts do not share; `undefined` where one of them has no such pair. */
export interface ContextDifference {
  readonly name: string;
  readonly expected?: string | undefined;
  readonly actual?: string | undefined;
}

/** The first difference; contexts match exactly or not at all, as in KMS, whatever the order of their pairs. */
export function contextDifference(
  expected: EncryptionContext,
  actual: EncryptionContext,
): ContextDifference | undefined {
  const valueIn = (context: EncryptionContext, name: string): string | undefined =>
    Object.hasOwn(context, name) ? context[name] : undefined;
  return [...Object.keys(expected), ...Object.keys(actual)]
    .map((name) => ({ name, expected: valueIn(expected, name), actual: valueIn(actual, name) }))
    .find((pair) => pair.expected !== pair.actual);
}

/** `name=value` pairs for people. */
export function showContext(context: EncryptionContext): string {
  const pairs = Object.entries(context).map(([name, value]) => `${name}=${value}`);
  return pairs.length > 0 ? pairs.join(", ") : "none";
}
