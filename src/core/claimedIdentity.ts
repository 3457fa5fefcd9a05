/**
 * You are who you claim: whether an identity names one person while the credentials belong to another.
 *
 * It is said of an identity that looks like a person's name,
 *
 *  1. when the caller is called like *another* of the configured identities: bob's credentials, as alice;
 *  2. when somebody has chosen or set the identity, and the caller is a person whose name has nothing in common with it.
 *
 * A caller is a person where AWS says so: an IAM user, somebody who signed in through IAM Identity Center, or a role
 * session named like an e-mail address. Every other session name is a program's as likely as a person's.
 * Names with digits, and those of teams, stages and tasks ("deploy", "ci", "kms-encryptor") are no person's: they are
 * meant to be used by others. Two names have something in common when one's word is within the other: `alice` and
 * `alice.smith@example.com`, `asmith` and `alice.smith`.
 */
import type { Caller } from "./keyAccess";
import type { Settings } from "./settings";
import type { Target } from "./target";

/** The caller's name, where it is another person's than the identity claims. */
export function otherPerson(
  { identity, sandbox }: Pick<Target, "identity" | "sandbox">,
  { identities }: Pick<Settings, "identities">,
  { arn }: Pick<Caller, "arn">,
): string | undefined {
  const caller = callerOf(arn);
  if (sandbox || !caller || !isPersonal(identity.value) || isSameName(caller.name, identity.value))
    return undefined;
  if (Object.keys(identities.value).some((each) => isSameName(caller.name, each))) return caller.name;
  // By default the identity is the profile's name, by which nobody claims anything.
  if (identity.origin === "default") return undefined;
  const isOther =
    caller.isPerson && isPersonal(caller.name) && !haveWordInCommon(caller.name, identity.value);
  return isOther ? caller.name : undefined;
}

/** Whether the answer could matter at all: otherwise nobody needs to be asked who calls. */
export function isClaim(
  { identity, sandbox }: Pick<Target, "identity" | "sandbox">,
  { identities }: Pick<Settings, "identities">,
): boolean {
  const hasOthers = Object.keys(identities.value).some((each) => each !== identity.value);
  return !sandbox && isPersonal(identity.value) && (hasOthers || identity.origin !== "default");
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns */
function callerOf(arn: string): { readonly name: string; readonly isPerson: boolean } | undefined {
  const [, kind, path] = /^arn:[^:]+:(?:iam|sts)::\d{12}:([a-z-]+)\/(.+)$/.exec(arn) ?? [];
  if (kind === undefined || path === undefined) return undefined;
  const name = path.slice(path.lastIndexOf("/") + 1);
  switch (kind) {
    case "user":
    case "federated-user":
      return { name, isPerson: true };
    case "assumed-role":
      // https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
      return { name, isPerson: name.includes("@") || path.startsWith("AWSReservedSSO_") };
    default:
      return undefined;
  }
}

/** Words that stand for a team, a stage, a machine or a task. */
const IMPERSONAL =
  /^(?:admin|administrator|app|application|audit|auditor|automation|backend|backup|bot|build|ci|cd|cli|cloud|data|default|deploy|deployer|deployment|dev|developer|developers|devops|encrypt|encryptor|decrypt|decryptor|frontend|github|gitlab|infra|jenkins|key|keys|kms|lambda|live|local|main|ops|owner|pipeline|prod|production|qa|readonly|release|root|runner|secret|secrets|service|session|shared|staging|stage|svc|system|team|terraform|test|tester|user|web|work)s?$/;

/** The words of a name; of an e-mail address those before the @. */
function wordsOf(name: string): string[] {
  const [local = ""] = name.toLowerCase().split("@");
  return local.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
}

function isPersonal(name: string): boolean {
  const words = wordsOf(name);
  const hasLettersOnly =
    words.length > 0 && words.length <= 4 && words.every((word) => /^\p{L}+$/u.test(word));
  return name.includes("@") || (hasLettersOnly && !words.some((word) => IMPERSONAL.test(word)));
}

function isSameName(one: string, other: string): boolean {
  return wordsOf(one).join(" ") === wordsOf(other).join(" ");
}

/** Shorter words are in others by chance. */
const WORD_LENGTH = 3;

function haveWordInCommon(one: string, other: string): boolean {
  const [a, b] = [wordsOf(one), wordsOf(other)];
  const isWithin = (words: string[], others: string[]): boolean =>
    words.some((word) => word.length >= WORD_LENGTH && others.some((each) => each.includes(word)));
  return isWithin(a, b) || isWithin(b, a);
}
