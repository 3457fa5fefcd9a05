/** A question to a KMS, what AWS documents as the answer, and how an answer differs from that. */
import { SECRET, type World } from "../worlds";

/** The members that an output must have, each with what kind of value it is; or the name of an exception. */
export type Answer = Readonly<Record<string, string>> | string;

export interface Case {
  readonly title: string;
  readonly send: (world: World) => Promise<object>;
  readonly documented: Answer;
  /** The page that says so. */
  readonly source: string;
  /** Why the sandbox may answer otherwise; without a reason it may not. */
  readonly sandbox?: string;
}

export const API = "https://docs.aws.amazon.com/kms/latest/APIReference/API_";
export const GUIDE = "https://docs.aws.amazon.com/kms/latest/developerguide/";
export const ABSENT = "99999999-9999-4999-8999-999999999999";
export const alice = { identity: "alice" };

export async function answerOf({ send }: Case, world: World): Promise<Answer> {
  try {
    const members = Object.entries(await send(world)).filter(
      ([name, value]) => name !== "$metadata" && value !== undefined,
    );
    return Object.fromEntries(members.map(([name, value]) => [name, kindOf(value)]));
  } catch (error) {
    return (error as Error).name;
  }
}

/** Empty where the answer is as documented. Members beyond the documented ones do not count. */
export function difference(documented: Answer, actual: Answer): string {
  if (typeof actual === "string") return actual === documented ? "" : actual;
  if (typeof documented === "string") return "succeeds";
  return Object.entries(documented)
    .filter(([name, kind]) => actual[name] !== kind)
    .map(([name]) => (actual[name] === undefined ? `no ${name}` : `${name}: ${actual[name]}`))
    .join(", ");
}

export function words(answer: Answer): string {
  if (typeof answer === "string") return answer;
  return Object.entries(answer)
    .map(([name, kind]) => `${name}: ${kind}`)
    .join(", ");
}

const bytes = (count: number): string => (count === 1 ? "1 byte" : `${count} bytes`);

/** No value of a key or a ciphertext: what it is. */
function kindOf(value: unknown): string {
  if (value instanceof Uint8Array)
    return SECRET.equals(value) ? "the plaintext" : value.length > 32 ? "a ciphertext" : bytes(value.length);
  if (value instanceof Date) return "a date";
  if (Array.isArray(value)) return value.join(" ");
  if (typeof value !== "string") return JSON.stringify(value);
  if (/^arn:aws:kms:[^:]+:\d{12}:key\//.test(value)) return "a key ARN";
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)) return "a key id";
  if (/^[0-9a-f]{64}$/.test(value)) return "a material id";
  if (/^\d{12}$/.test(value)) return "an account";
  return value;
}
