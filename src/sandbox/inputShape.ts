/** Reads a request's members as the service does: types first (SerializationException), then constraints. */
import { KmsException } from "./kmsException";

interface MemberTypes {
  string: string;
  blob: Uint8Array;
  boolean: boolean;
  integer: number;
  stringMap: ReadonlyMap<string, string>;
  stringList: readonly string[];
  structure: object;
}

interface Member {
  readonly type: keyof MemberTypes;
  readonly required?: boolean;
  /** Smallest and greatest length, or value for an integer. */
  readonly min?: number;
  readonly max?: number;
  readonly oneOf?: readonly string[];
  readonly pattern?: { readonly test: RegExp; readonly text: string };
  /** Constraints of each element of a list. */
  readonly each?: Omit<Member, "type" | "required">;
  /** The service never repeats a value of this member, not even that it is null. */
  readonly sensitive?: boolean;
}

type Shape = Readonly<Record<string, Member>>;

export type Input<S extends Shape> = {
  readonly [K in keyof S]:
    MemberTypes[S[K]["type"]] | (S[K] extends { readonly required: true } ? never : undefined);
};

/** Throws SerializationException or ValidationException; members that the shape does not name are ignored. */
export function readInput<S extends Shape>(shape: S, input: unknown): Input<S> {
  if (!isObject(input)) throw new KmsException("SerializationException");
  const values: Record<string, unknown> = {};
  for (const [name, { type }] of Object.entries(shape)) {
    const value = Object.hasOwn(input, name) ? input[name] : undefined;
    values[name] = value === undefined || value === null ? undefined : readers[type](value);
  }
  const faults = Object.entries(shape).flatMap(([name, member]) => check(name, member, values[name]));
  if (faults.length > 0) throw validationError(faults);
  // The loops above gave every member the type that its shape names.
  return values as Input<S>;
}

export function validationError(faults: readonly string[]): KmsException {
  const count = faults.length === 1 ? "1 validation error" : `${faults.length} validation errors`;
  return new KmsException("ValidationException", `${count} detected: ${faults.join("; ")}`);
}

export function missing(member: string): string {
  return `Value null at '${firstLower(member)}' failed to satisfy constraint: Member must not be null`;
}

const readers: { [T in keyof MemberTypes]: (value: unknown) => MemberTypes[T] } = {
  string: readString,
  blob(value) {
    const text = readString(value);
    const bytes = Buffer.from(text, "base64");
    // Buffer skips what is not base64, so look whether it came out as it went in.
    if (bytes.toString("base64") !== text) throw new KmsException("SerializationException");
    return bytes;
  },
  boolean(value) {
    if (typeof value !== "boolean") throw notConvertible(value, "Boolean");
    return value;
  },
  integer(value) {
    if (typeof value !== "number" || !Number.isInteger(value)) throw notConvertible(value, "Integer");
    return value;
  },
  stringMap(value) {
    if (!isObject(value)) throw notConvertible(value, "Map");
    return new Map(Object.entries(value).map(([key, item]) => [readString(key), readString(item)]));
  },
  stringList(value) {
    if (!Array.isArray(value)) throw notConvertible(value, "List");
    return value.map(readString);
  },
  structure(value) {
    if (!isObject(value)) throw notConvertible(value, "Structure");
    return value;
  },
};

function readString(value: unknown): string {
  if (typeof value !== "string") throw notConvertible(value, "String");
  // A lone surrogate has no UTF-8 form: two different contexts would be authenticated by the same bytes.
  if (Buffer.from(value, "utf8").toString("utf8") !== value) throw new KmsException("SerializationException");
  return value;
}

function notConvertible(value: unknown, type: string): KmsException {
  const token =
    typeof value === "number"
      ? "NUMBER_VALUE"
      : typeof value === "boolean"
        ? `${String(value).toUpperCase()}_VALUE`
        : typeof value === "string"
          ? "STRING_VALUE"
          : value === null
            ? "NULL_VALUE"
            : Array.isArray(value)
              ? "START_ARRAY"
              : "START_OBJECT";
  return new KmsException("SerializationException", `${token} cannot be converted to ${type}`);
}

/** The wording is the service's own, as recorded by other projects: localstack's tests/aws/services/kms/test_kms.snapshot.json. */
function check(name: string, member: Omit<Member, "type">, value: unknown): string[] {
  const at = `at '${firstLower(name)}' failed to satisfy constraint: Member must`;
  if (value === undefined) {
    if (!member.required) return [];
    return [member.sensitive ? `Value ${at} not be null` : `Value null ${at} not be null`];
  }
  const isText = typeof value === "string" || typeof value === "number";
  const shown = isText && !member.sensitive ? `Value '${value}'` : "Value";
  const faults: string[] = [];
  const size = sizeOf(value);
  const measure = typeof value === "number" ? "value" : "length";
  if (member.min !== undefined && size < member.min)
    faults.push(`${shown} ${at} have ${measure} greater than or equal to ${member.min}`);
  if (member.max !== undefined && size > member.max)
    faults.push(`${shown} ${at} have ${measure} less than or equal to ${member.max}`);
  if (typeof value === "string" && member.oneOf && !member.oneOf.includes(value))
    faults.push(`${shown} ${at} satisfy enum value set: [${member.oneOf.join(", ")}]`);
  if (typeof value === "string" && member.pattern && !member.pattern.test.test(value))
    faults.push(`${shown} ${at} satisfy regular expression pattern: ${member.pattern.text}`);
  const { each } = member;
  if (each && Array.isArray(value))
    faults.push(...value.flatMap((item, n) => check(`${name}.${n + 1}.member`, each, item)));
  return faults;
}

function sizeOf(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "string" || value instanceof Uint8Array || Array.isArray(value)) return value.length;
  return 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function firstLower(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
