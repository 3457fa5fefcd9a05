/** What re-encrypting commands share: the plan for each file, and the way there. */
import type * as vscode from "vscode";
import { DestinationKey } from "../core/destinationKey";
import { KmsSelectionError, toKmsSelectionError, type Failure } from "../core/errors";
import type { KeyMetadata } from "../core/keyDescription";
import { parseKeyId } from "../core/keyId";
import type { SpareKeys } from "../core/keySet";
import type { Ciphers } from "../core/messages";
import type { ReEncryption } from "../core/reEncryptionPlan";
import {
  describeWish,
  destinationsOf,
  planOf,
  spareKeysOf,
  targetAs,
  wishInForce,
  type Wish,
  type World,
} from "../core/reEncryptionWish";
import type { App } from "./app";
import { keyIdOf } from "./connections";
import { folderOf, inForceFor, placeOf, type InForce } from "./inForce";
import type { Journey, Prepared } from "./runningOperation";

export interface Now extends InForce {
  readonly world: World;
}

/** Throws `setting-invalid`. */
export function nowFor(app: App, file: vscode.Uri | undefined): Now {
  const inForce = inForceFor(app.choices, file);
  return {
    ...inForce,
    world: { settings: inForce.settings, choices: app.choices.get(), environment: process.env },
  };
}

/** What the form begins with. Throws `not-configured`. */
export function firstWish({ target }: Now): Wish {
  return wishInForce(target, keyIdOf(target));
}

/** The files of a folder have their settings in common. */
interface Folder {
  /** One of its files. */
  readonly file: vscode.Uri;
  readonly now: Now;
  /** The first of the destinations comes first; the others have spare keys of their own. */
  readonly prepared: Map<string, Prepared>;
  destinationKey: DestinationKey;
}

export interface Ready {
  readonly ciphers: Ciphers;
  readonly plan: ReEncryption & { readonly isAws: boolean };
}

/** Of one wish, with the settings as they are when it begins: what a person has not agreed to does not come into it. */
export class ReEncryptionRun {
  private readonly wish: Wish;
  private readonly folders = new Map<string, Folder>();

  /** Throws `setting-invalid`, `context-invalid`. */
  constructor(app: App, wish: Wish, files: readonly vscode.Uri[]) {
    this.wish = wish;
    for (const file of files) {
      const name = folderOf(file);
      if (this.folders.has(name)) continue;
      const now = nowFor(app, file);
      planOf(wish, now.world, placeOf(file));
      this.folders.set(name, { file, now, prepared: new Map(), destinationKey: new DestinationKey() });
    }
  }

  /** Tells it from runs that lead elsewhere. */
  get name(): string {
    const spareKeys = [...this.folders].map(([name, { now }]) => [
      name,
      destinationsOf(this.wish, now.world).map(spareKeysOf),
    ]);
    return JSON.stringify([this.wish, spareKeys]);
  }

  /** In words, for people. Folders may have additional keys of their own. */
  get description(): string {
    const ways = [...this.folders.values()].map(({ now }) => describeWish(this.wish, now.world));
    return [...new Set(ways)].join(" / ");
  }

  /** Shows the person each way that is new. Throws `other-region`, where the settings tell. */
  async prepare(prepare: (journey: Journey, file: vscode.Uri) => Promise<Prepared>): Promise<Prepared> {
    for (const { file, now, prepared } of this.folders.values()) {
      const { source } = planOf(this.wish, now.world, placeOf(file)).routes[0];
      const from = { ...source, identity: this.wish.fromIdentity ?? now.target.identity.value };
      for (const to of destinationsOf(this.wish, now.world)) {
        const name = idOf(spareKeysOf(to));
        if (!prepared.has(name)) prepared.set(name, await prepare({ from, to }, file));
      }
      requireSameRegion(this.wish, now, firstOf(prepared));
    }
    return firstOf(firstOf(this.folders).prepared);
  }

  /** Looks at the destination keys, where that is allowed. Throws where a key cannot be used. */
  async lookAtKeys(signal: AbortSignal): Promise<void> {
    for (const folder of this.folders.values()) {
      folder.destinationKey = new DestinationKey(await destinationArn(firstOf(folder.prepared), signal));
    }
  }

  /** ARNs; `undefined`: not all of them may be looked at. */
  get destinationKeys(): readonly string[] | undefined {
    const arns = [...this.folders.values()].flatMap(({ destinationKey }) => destinationKey.arn ?? []);
    return arns.length === this.folders.size ? arns : undefined;
  }

  /** Throws `context-invalid`. */
  readyFor(file: vscode.Uri): Ready {
    const folder = this.folders.get(folderOf(file));
    if (!folder) throw new TypeError("It was in none of the folders when the run began.");
    const { now, prepared, destinationKey } = folder;
    const { ciphers, isAws } = firstOf(prepared);
    const messages: Ciphers["messages"] = (spareKeys) => {
      const ready = spareKeys ? prepared.get(idOf(spareKeys)) : firstOf(prepared);
      if (!ready) throw new TypeError("Nobody has agreed to these keys.");
      return ready.ciphers.messages();
    };
    const plan = { ...planOf(this.wish, now.world, placeOf(file)), destinationKey, isAws };
    return { ciphers: { kms: ciphers.kms, messages }, plan };
  }
}

const idOf = (spareKeys: SpareKeys): string => JSON.stringify(spareKeys);

function firstOf<Value>(map: ReadonlyMap<string, Value>): Value {
  for (const value of map.values()) return value;
  throw new TypeError("There is none.");
}

function requireSameRegion(wish: Wish, { world }: Now, { region }: Prepared): void {
  const ofKey = wish.fromKey === undefined ? undefined : parseKeyId(wish.fromKey)?.region;
  const ofIdentity = wish.fromIdentity && targetAs(wish.fromIdentity, world).region?.value;
  const source = ofKey ?? (wish.fromKey === wish.toKey ? undefined : ofIdentity);
  if (source && region && source !== region) {
    throw new KmsSelectionError({ code: "other-region", source, destination: region });
  }
}

/** The destination key's ARN, where it may be looked at. Throws where that shows that the key cannot be used. */
async function destinationArn({ kms, keyId }: Prepared, signal: AbortSignal): Promise<string | undefined> {
  const key = await kms.describeKey(keyId, signal).catch((error: unknown) => {
    // Whoever may re-encrypt need not be allowed to look at the key.
    if (toKmsSelectionError(error).failure.code === "access-denied") return undefined;
    throw error;
  });
  const failure = key && failureOf(key);
  if (failure) throw new KmsSelectionError(failure);
  return key?.Arn;
}

function failureOf({ KeyState, DeletionDate }: KeyMetadata): Failure | undefined {
  switch (KeyState) {
    case undefined:
    case "Enabled":
      return undefined;
    case "Disabled":
      return { code: "key-disabled" };
    case "PendingDeletion":
      return { code: "key-pending-deletion", ...(DeletionDate && { deletionDate: DeletionDate }) };
    default:
      return { code: "key-invalid-state", state: KeyState };
  }
}
