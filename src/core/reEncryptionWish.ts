/** What a person wants of a re-encryption: from which key and identity, to which, in which form. */
import type { ContextVariables } from "./encryptionContext";
import { hasSpareKeys, type SpareKeys } from "./keySet";
import type { Destination, ReEncryption, Route } from "./reEncryptionPlan";
import type { Settings } from "./settings";
import {
  chooseIdentity,
  contextOf,
  offeredIdentities,
  resolveTarget,
  type Choices,
  type ProfileEnvironment,
  type Target,
} from "./target";
import type { TokenFormat } from "./tokens";
import { refuseImpossible } from "./transform";

export interface Wish {
  /** `undefined`: each identity that is set up on this machine. */
  readonly fromIdentity: string | undefined;
  /** `undefined`: whichever key KMS finds. */
  readonly fromKey: string | undefined;
  /** `undefined`: each keeps its own. */
  readonly toIdentity: string | undefined;
  readonly toKey: string;
  /** `undefined`: as before. */
  readonly format: TokenFormat | undefined;
  /** A message becomes a blob where its text fits. */
  readonly toBlobs: boolean;
  /** ReEncrypt reads and writes with the same credentials. `undefined`: the AWS SDK's own order. */
  readonly profile: string | undefined;
}

/** What is in force on this machine: settings, choices and environment. */
export interface World {
  readonly settings: Settings;
  readonly choices: Choices;
  readonly environment: ProfileEnvironment;
}

/** What another identity would have in force. */
export function targetAs(identity: string, { settings, choices, environment }: World): Target {
  return resolveTarget(settings, chooseIdentity(choices, identity, settings), environment);
}

/** From the key and identity in force to the same: it renews what is under older material of the key. */
export function wishInForce({ identity, decryptProfile }: Target, keyId: string): Wish {
  return {
    fromIdentity: identity.value,
    fromKey: keyId,
    toIdentity: undefined,
    toKey: keyId,
    format: undefined,
    toBlobs: false,
    profile: decryptProfile,
  };
}

function identitiesOf({ fromIdentity }: Wish, { settings, choices, environment }: World): string[] {
  if (fromIdentity !== undefined) return [fromIdentity];
  const { identity, sandbox } = resolveTarget(settings, choices, environment);
  return [...new Set([identity.value, ...offeredIdentities(settings, sandbox)])];
}

type Place = Pick<ContextVariables, "workspaceFolderBasename" | "relativeFile">;

/** Throws `context-invalid`, `setting-invalid`. The contexts may be other ones for each file. */
export function planOf(wish: Wish, world: World, place: Place): Omit<ReEncryption, "destinationKey"> {
  const [first, ...others] = identitiesOf(wish, world).map((identity): Route => {
    const context = contextOf(targetAs(identity, world), place);
    return {
      source: { keyId: wish.fromKey, context },
      destination: destinationFor(identity, wish, world, place),
    };
  });
  if (!first) throw new TypeError("There is no identity.");
  return { routes: [first, ...others], format: wish.format, toBlobs: wish.toBlobs };
}

function destinationFor(from: string, wish: Wish, world: World, place: Place): Destination {
  const target = targetAs(wish.toIdentity ?? from, world);
  refuseImpossible(target.envelope);
  return { keyId: wish.toKey, context: contextOf(target, place), spareKeys: spareKeysOf(target) };
}

export function spareKeysOf({ additionalKeys, recoveryPublicKey }: Target): SpareKeys {
  return { additionalKeys: additionalKeys.value, recoveryPublicKey: recoveryPublicKey.value };
}

/** What the requests are made as: the first for most of them, the others where they have spare keys of their own. */
export function destinationsOf(wish: Wish, world: World): readonly [Target, ...Target[]] {
  const identities = wish.toIdentity === undefined ? identitiesOf(wish, world) : [wish.toIdentity];
  const [first = "", ...others] = identities;
  return [asDestination(first, wish, world), ...others.map((each) => asDestination(each, wish, world))];
}

function asDestination(identity: string, wish: Wish, world: World): Target {
  const target = targetAs(identity, world);
  const isInForce = target.key?.value === wish.toKey;
  return {
    ...target,
    key: isInForce ? target.key : { value: wish.toKey, origin: "choice" },
    encryptProfile: wish.profile,
    decryptProfile: wish.profile,
  };
}

/** Of the tokens' destinations, in words; `undefined`: there are none, and KMS ciphertexts stay what they are. */
export function describeSpareKeys(wish: Wish, world: World): string | undefined {
  const sets = destinationsOf(wish, world).map(spareKeysOf).filter(hasSpareKeys);
  const names = sets.flatMap(({ additionalKeys, recoveryPublicKey }) => [
    ...additionalKeys,
    ...(recoveryPublicKey === "" ? [] : ["the recovery key"]),
  ]);
  return names.length === 0 ? undefined : [...new Set(names)].join(", ");
}

/** "alice, alias/app → alice, alias/new; written as ENC[KMS]" */
export function describeWish(wish: Wish, world: World): string {
  const fromIdentity = wish.fromIdentity ?? "each identity";
  const from = `${fromIdentity}, ${wish.fromKey ?? "whichever key"}`;
  const to = `${wish.toIdentity ?? (wish.fromIdentity === undefined ? "the same identity" : fromIdentity)}, ${wish.toKey}`;
  const spareKeys = describeSpareKeys(wish, world);
  const forms = [
    ...(spareKeys === undefined ? [] : [`messages that open also with ${spareKeys}`]),
    ...(wish.format ? [`written as ${wish.format}`] : []),
    ...(wish.toBlobs && spareKeys === undefined ? ["messages become KMS ciphertexts where they fit"] : []),
  ];
  return [`${from} → ${to}`, ...forms].join("; ");
}
