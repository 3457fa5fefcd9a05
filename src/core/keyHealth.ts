/** The health of the keys in use: whether they can encrypt and decrypt, and whether they rotate. */
import { whyUnusable, type KeyMetadata } from "./keyDescription";
import type { Target } from "./target";

export interface KeyHealth {
  readonly isUsable: boolean;
  /** "enabled, rotation is off" */
  readonly words: string;
}

const CONSEQUENCES: Readonly<Record<string, string>> = {
  Disabled: "It neither encrypts nor decrypts until an administrator enables it.",
  PendingDeletion: "Until then an administrator can cancel it; after that, all that it encrypted is lost.",
};

/** `rotates`: `undefined` where it is not permitted to be known. */
export function healthOf(metadata: KeyMetadata, rotates: boolean | undefined): KeyHealth {
  const reason = whyUnusable({ alias: "", account: undefined, metadata, rotates });
  const state = metadata.KeyState ?? "";
  if (reason === undefined) {
    const rotation = rotates === undefined ? "" : `rotation is ${rotates ? "on" : "off"}`;
    const words = [state === "Enabled" ? "enabled" : state, rotation];
    return { isUsable: true, words: words.filter(Boolean).join(", ") };
  }
  const consequence = CONSEQUENCES[state];
  const words = [`${reason.replace(/^it is /, "")}.`, consequence];
  return { isUsable: false, words: words.filter(Boolean).join(" ") };
}

/** Milliseconds for which a look at a key is good. */
const PERIOD = 15 * 60_000;

/** By which way a key is looked at: what is true of one need not be seen by another. */
export type KeyInUse = Pick<Target, "key" | "region" | "encryptProfile" | "decryptProfile">;

/** What was seen of each key, and when; also that nothing was to be seen. */
export class KeyHealths {
  private readonly seen = new Map<string, { readonly at: number; readonly health: KeyHealth | undefined }>();

  get(key: KeyInUse): KeyHealth | undefined {
    return this.seen.get(idOf(key))?.health;
  }

  /** Whether it is time to look again. Marks it as looked at, so that of many who ask one looks. */
  isDue(key: KeyInUse, now: number): boolean {
    const { at, health } = this.seen.get(idOf(key)) ?? {};
    if (at !== undefined && now - at < PERIOD) return false;
    this.set(key, health, now);
    return true;
  }

  /** `health`: `undefined` where it is not permitted to be seen. */
  set(key: KeyInUse, health: KeyHealth | undefined, now: number): void {
    this.seen.set(idOf(key), { at: now, health });
  }

  /** The key was met in another state than was seen. What was seen stays until the next look, which is due at once. */
  doubt(key: KeyInUse): void {
    this.set(key, this.get(key), -Infinity);
  }
}

function idOf({ key, region, encryptProfile, decryptProfile }: KeyInUse): string {
  return JSON.stringify([key?.value, region?.value, encryptProfile, decryptProfile]);
}
