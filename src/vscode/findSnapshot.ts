/** Looks for recorded texts in a text as it is now. */
import { findRecorded } from "../core/recordedTexts";
import type { Decrypted } from "./decryptedValues";
import type { Snapshot } from "./unsealedRecord";

export interface Found {
  readonly found: readonly Decrypted[];
  /** So many are not there, and their tokens are not either. */
  readonly missing: number;
}

/** Those of the snapshot that fits best. `key`: of the digests. */
export function findSnapshot(text: string, snapshots: readonly Snapshot[], key: Uint8Array): Found {
  const [best] = snapshots
    .map(({ texts }) => findIn(text, texts, key))
    .sort((one, other) => one.missing - other.missing || other.found.length - one.found.length);
  return best ?? { found: [], missing: 0 };
}

function findIn(text: string, texts: Snapshot["texts"], key: Uint8Array): Found {
  const ranges = findRecorded(key, text, texts);
  const found = texts.flatMap(({ token, tokenOfText, origin }, index) => {
    const range = ranges[index];
    return range ? [{ ...range, token, tokenOfText, origin }] : [];
  });
  const missing = texts.filter(({ token }, index) => !ranges[index] && !text.includes(token)).length;
  return { found, missing };
}
