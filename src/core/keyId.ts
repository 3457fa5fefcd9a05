/** The four ways to name a KMS key: https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id */

export interface KeyId {
  readonly kind: "alias" | "alias-arn" | "key-id" | "key-arn";
  /** Region of an ARN. */
  readonly region?: string;
  /** Account of an ARN. */
  readonly account?: string;
}

const ALIAS = /^alias\/[A-Za-z0-9/_-]{1,250}$/;
const KEY_ID = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/i;
const ARN = /^arn:aws[a-z0-9-]*:kms:([a-z0-9-]+):(\d{12}):(?:key\/(.+)|(alias\/.+))$/;

/** `undefined`: not the name of a key. */
export function parseKeyId(text: string): KeyId | undefined {
  if (ALIAS.test(text)) return { kind: "alias" };
  if (KEY_ID.test(text)) return { kind: "key-id" };
  const [, region, account, keyId, alias] = ARN.exec(text) ?? [];
  if (region === undefined || account === undefined) return undefined;
  if (keyId !== undefined) return KEY_ID.test(keyId) ? { kind: "key-arn", region, account } : undefined;
  return alias !== undefined && ALIAS.test(alias) ? { kind: "alias-arn", region, account } : undefined;
}

/** Whether two key ARNs name one key, or two replicas of a multi-Region key, which open each other's ciphertexts. */
export function isSameKey(one: string, other: string): boolean {
  return withoutRegion(one) === withoutRegion(other);
}

/** The ARN of a key, as it is in each of the Regions of a multi-Region key. */
export function withoutRegion(arn: string): string {
  return arn.replace(/^(arn:[^:]+:kms:)[^:]+(?=:\d{12}:key\/mrk-[0-9a-f]{32}$)/i, "$1");
}

/**
 * The name of a key's replica in another Region; `undefined`: it has none. What an alias stands for is known there alone,
 * and a policy may demand that it is asked for by it.
 * https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
 */
export function nameInRegion(keyId: string, region: string): string | undefined {
  const isMultiRegion = keyId.includes("mrk-");
  switch (parseKeyId(keyId)?.kind) {
    case "alias":
      return keyId;
    case "key-id":
      return isMultiRegion ? keyId : undefined;
    case "alias-arn":
      return withRegion(keyId, region);
    case "key-arn":
      return isMultiRegion ? withRegion(keyId, region) : undefined;
    case undefined:
      return undefined;
  }
}

function withRegion(arn: string, region: string): string {
  return arn
    .split(":")
    .map((part, index) => (index === 3 ? region : part))
    .join(":");
}

/** Why a text does not name a key, with the likely slip. */
export function explainKeyId(text: string): string {
  if (/^[A-Za-z0-9/_-]+$/.test(text) && !text.startsWith("alias/")) {
    return `"${text}" is not a key; an alias begins with "alias/", as in "alias/${text}"`;
  }
  return `"${text}" is not an alias (alias/app), an alias ARN, a key ID or a key ARN`;
}

/** Short enough for the status bar; the tooltip has the whole. */
export function shortKeyId(text: string): string {
  const resource = text.startsWith("arn:") ? text.slice(text.lastIndexOf(":") + 1) : text;
  if (resource.startsWith("alias/")) return resource;
  const id = resource.replace(/^key\//, "");
  return id.length > 12 ? `${id.slice(0, 12)}…` : id;
}
