/** A CloudFormation stack as far as the product looks at it, and what its outputs say about the key. */
import { parseKeyId } from "./keyId";

export interface Stack {
  /** Its ARN: a name may go to another stack, an ARN never does. */
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface KeyStack {
  readonly keyAlias: string;
  readonly region: string;
  /** `undefined`: a replica's stack, which has no word on it. */
  readonly contextKey: string | undefined;
  /** `undefined`: the stack has no users. */
  readonly users: { readonly encryptor: KeyUser; readonly decryptor: KeyUser } | undefined;
}

export interface KeyUser {
  readonly identity: string;
  /** Where the access key is, in AWS Secrets Manager; `undefined`: the stack made none. */
  readonly secretArn: string | undefined;
}

const REGION = /^[a-z]{2,}(?:-[a-z]+)+-\d+$/;
const CONTEXT_KEY = /^[a-zA-Z][a-zA-Z0-9_.-]{0,63}$/;
const IDENTITY = /^[a-zA-Z0-9._@+=/-]{1,64}$/;
const SECRET_ARN = /^arn:aws[a-z0-9-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+$/;

/**
 * What the outputs of a stack of the key template, or of the replica's, say. `undefined`: they are not such outputs.
 * Anybody may write outputs with these names: each is taken only in the form that the template gives it.
 */
export function keyStackOf({ outputs }: Pick<Stack, "outputs">): KeyStack | undefined {
  const output = (name: string, form: RegExp): string | undefined => {
    const value = Object.hasOwn(outputs, name) ? outputs[name] : undefined;
    return value !== undefined && form.test(value) ? value : undefined;
  };
  const key = parseKeyId(outputs.KeyArn ?? "");
  const keyAlias = output("KeyAlias", /^alias\//);
  const region = output("Region", REGION);
  if (key?.kind !== "key-arn" || region === undefined || key.region !== region) return undefined;
  if (keyAlias === undefined || parseKeyId(keyAlias)?.kind !== "alias") return undefined;
  const user = (role: "Encryptor" | "Decryptor"): KeyUser | undefined => {
    const identity = output(`${role}Identity`, IDENTITY);
    return identity === undefined
      ? undefined
      : { identity, secretArn: output(`${role}SecretArn`, SECRET_ARN) };
  };
  const [encryptor, decryptor] = [user("Encryptor"), user("Decryptor")];
  const users = encryptor && decryptor ? { encryptor, decryptor } : undefined;
  return { keyAlias, region, contextKey: output("ContextKey", CONTEXT_KEY), users };
}

/** Of the template in all its versions; no other template asks for all of them, and the replica's does not. */
const PARAMETERS = ["AliasName", "EnforceIdentity", "ContextKey", "EncryptorIdentity", "DecryptorIdentity"];

/** By what it was made with: a stack that failed has no outputs, and whoever deploys may describe it in other words. */
export function isOfKeyTemplate({ parameters }: Pick<Stack, "parameters">): boolean {
  return PARAMETERS.every((name) => Object.hasOwn(parameters, name));
}

/**
 * What can be done with a stack. `review`: it has a change set and no resources yet; `ready`: it can be updated;
 * `failed`: it was never created, and must be deleted before its name can be used; `busy`: something is being done;
 * `stuck`: only an administrator can help it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-console-view-stack-data-resources-status-codes
 */
export type StackState = "review" | "ready" | "failed" | "busy" | "stuck";

export function stateOf({ status }: Pick<Stack, "status">): StackState {
  if (status === "REVIEW_IN_PROGRESS") return "review";
  if (status.endsWith("_IN_PROGRESS")) return "busy";
  if (["CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"].includes(status)) return "failed";
  return status.endsWith("_COMPLETE") ? "ready" : "stuck";
}

/** An event of a stack: something happened to a resource, or to the stack itself. */
export interface StackEvent {
  readonly id: string;
  readonly resource: string;
  readonly type: string;
  readonly physicalId: string;
  readonly status: string;
  readonly reason: string;
}

/** How an operation ended, and the events of it, the oldest first. */
export interface Ended {
  readonly status: string;
  readonly events: readonly StackEvent[];
}

/** The first resource that failed by itself; those after it were cancelled because of it. */
export function firstFailure({ events }: Ended): StackEvent | undefined {
  return events.find(
    ({ status, type, reason }) =>
      status.endsWith("_FAILED") && type !== STACK_TYPE && !/\bcancelled\b/i.test(reason),
  );
}

/** The key, where the stack is gone and it is not: the template retains it. */
export function retainedKey({ events }: Ended): string | undefined {
  return events.find(({ status, type }) => status === "DELETE_SKIPPED" && type === "AWS::KMS::Key")
    ?.physicalId;
}

export const STACK_TYPE = "AWS::CloudFormation::Stack";
