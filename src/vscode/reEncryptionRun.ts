/** What re-encrypting commands share: the plan for a file, and the way there. */
import type * as vscode from "vscode";
import { KmsSelectionError, toKmsSelectionError, type Failure } from "../core/errors";
import type { KeyMetadata } from "../core/keyDescription";
import { parseKeyId } from "../core/keyId";
import type { ReEncryption } from "../core/reEncryption";
import {
  destinationOf,
  planOf,
  targetAs,
  wishInForce,
  type Wish,
  type World,
} from "../core/reEncryptionWish";
import type { App } from "./app";
import { keyIdOf } from "./connections";
import { inForceFor, placeOf, type InForce } from "./inForce";
import type { Journey, Prepared } from "./runOperation";

export interface Now extends InForce {
  readonly world: World;
  /** What the form begins with. Throws `not-configured`. */
  readonly wish: Wish;
}

/** Throws `setting-invalid`, `not-configured`. */
export function nowFor(app: App, file: vscode.Uri | undefined): Now {
  const { settings, target } = inForceFor(app.choices, file);
  const world = { settings, choices: app.choices.get(), environment: process.env };
  return { settings, target, world, wish: wishInForce(target, keyIdOf(target)) };
}

type FilePlan = Omit<ReEncryption, "destinationArn">;

/** Throws `setting-invalid`, `context-invalid`. */
export function planFor(app: App, wish: Wish, file: vscode.Uri | undefined): FilePlan {
  return planOf(wish, nowFor(app, file).world, placeOf(file));
}

export function journeyOf(wish: Wish, { world, target }: Now, { routes: [{ source }] }: FilePlan): Journey {
  return {
    from: { ...source, identity: wish.fromIdentity ?? target.identity.value },
    to: destinationOf(wish, world),
  };
}

/** Throws `other-region`, where the settings tell. */
export function requireSameRegion(wish: Wish, { world }: Now, { region }: Prepared): void {
  const ofKey = wish.fromKey === undefined ? undefined : parseKeyId(wish.fromKey)?.region;
  const ofIdentity = wish.fromIdentity && targetAs(wish.fromIdentity, world).region?.value;
  const source = ofKey ?? (wish.fromKey === wish.toKey ? undefined : ofIdentity);
  if (source && region && source !== region) {
    throw new KmsSelectionError({ code: "other-region", source, destination: region });
  }
}

/** The destination key's ARN, where it may be looked at. Throws where that shows that the key cannot be used. */
export async function destinationArn(
  { kms, keyId }: Prepared,
  signal: AbortSignal,
): Promise<string | undefined> {
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
