/** From what a key stack says to the settings that use it. */
import { contextDifference, type EncryptionContext } from "./encryptionContext";
import type { KeyStack } from "./keyStack";
import type { IdentityEntry } from "./settings";

/** The profiles of this machine that stand for the stack's users, as far as the person named them. */
export interface UserProfiles {
  readonly encrypt: string | undefined;
  readonly decrypt: string | undefined;
}

const OWN: ReadonlySet<string> = new Set(["keyAlias", "region"]);

type Identities = Readonly<Record<string, IdentityEntry>>;

/**
 * `kmsSelection.identities` with the profiles of the stack's users. What else an identity has stays, but for a key and
 * a Region of its own, which would win over those of the stack.
 */
export function withUsers(identities: Identities, { users }: KeyStack, profiles: UserProfiles): Identities {
  if (!users) return identities;
  const entries = new Map(Object.entries(identities));
  const add = (identity: string, added: IdentityEntry): void => {
    const kept = Object.entries(entries.get(identity) ?? {}).filter(([name]) => !OWN.has(name));
    entries.set(identity, { ...Object.fromEntries(kept), ...added });
  };
  const { encrypt, decrypt } = profiles;
  if (encrypt !== undefined) add(users.encryptor.identity, { encryptProfile: encrypt });
  if (decrypt !== undefined) add(users.decryptor.identity, { decryptProfile: decrypt });
  return Object.fromEntries(entries);
}

/** The template of the context that the stack's key demands; `undefined` where the one in force is as good. */
export function neededContext(
  { contextKey }: KeyStack,
  inForce: EncryptionContext,
): EncryptionContext | undefined {
  if (contextKey === undefined) return undefined;
  const needed = { [contextKey]: "${identity}" };
  return contextDifference(needed, inForce) && needed;
}
