/** The keys that can open a message: each by itself. */
import { withoutRegion } from "./keyId";

/** Those besides the KMS key that a message is made with, as the settings name them. */
export interface SpareKeys {
  /** KMS keys, by key ARN or alias ARN. */
  readonly additionalKeys: readonly string[];
  /** PEM, or the path of a file that holds it; empty: none. */
  readonly recoveryPublicKey: string;
}

export const NO_SPARE_KEYS: SpareKeys = { additionalKeys: [], recoveryPublicKey: "" };

export function hasSpareKeys({ additionalKeys, recoveryPublicKey }: SpareKeys): boolean {
  return additionalKeys.length > 0 || recoveryPublicKey !== "";
}

/** As a message names them. */
export interface KeySet {
  /** Of the data keys that KMS encrypted. */
  readonly keyArns: readonly string[];
  /** Names of keys of another kind, such as the fingerprint of a recovery key. */
  readonly otherKeys: readonly string[];
}

/** In whatever order, and in whichever of its Regions a multi-Region key is named. */
export function isSameKeySet(one: KeySet, other: KeySet): boolean {
  return missingIn(one, other).length + missingIn(other, one).length === 0;
}

/** What of the `wanted` keys there is not, by name; two replicas of a multi-Region key are two keys. */
export function missingIn(there: KeySet, wanted: KeySet): string[] {
  const left = namesOf(there).map(withoutRegion);
  return namesOf(wanted).filter((name) => {
    const index = left.indexOf(withoutRegion(name));
    if (index !== -1) left.splice(index, 1);
    return index === -1;
  });
}

function namesOf({ keyArns, otherKeys }: KeySet): string[] {
  return [...keyArns, ...otherKeys];
}
