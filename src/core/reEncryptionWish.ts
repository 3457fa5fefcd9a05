/** What a person wants of a re-encryption: from which key and identity, to which, in which form. */
import type { ContextVariables } from "./encryptionContext";
import type { ReEncryption, Route } from "./reEncryption";
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

/** Throws `context-invalid`. The contexts may be other ones for each file. */
export function planOf(
  wish: Wish,
  world: World,
  place: Pick<ContextVariables, "workspaceFolderBasename" | "relativeFile">,
): Omit<ReEncryption, "destinationArn"> {
  const [first, ...others] = identitiesOf(wish, world).map((identity): Route => {
    const source = contextOf(targetAs(identity, world), place);
    const destination = contextOf(targetAs(wish.toIdentity ?? identity, world), place);
    return {
      source: { keyId: wish.fromKey, context: source },
      destination: { keyId: wish.toKey, context: destination },
    };
  });
  if (!first) throw new TypeError("There is no identity.");
  return { routes: [first, ...others], format: wish.format, toBlobs: wish.toBlobs };
}

/** What the requests are made as. */
export function destinationOf(wish: Wish, world: World): Target {
  const [identity = ""] = [wish.toIdentity, ...identitiesOf(wish, world)].filter(
    (name) => name !== undefined,
  );
  const target = targetAs(identity, world);
  const isInForce = target.key?.value === wish.toKey;
  return {
    ...target,
    key: isInForce ? target.key : { value: wish.toKey, origin: "choice" },
    encryptProfile: wish.profile,
    decryptProfile: wish.profile,
  };
}

/** "alice, alias/app → alice, alias/new; written as ENC[KMS]" */
export function describeWish(wish: Wish): string {
  const fromIdentity = wish.fromIdentity ?? "each identity";
  const from = `${fromIdentity}, ${wish.fromKey ?? "whichever key"}`;
  const to = `${wish.toIdentity ?? (wish.fromIdentity === undefined ? "the same identity" : fromIdentity)}, ${wish.toKey}`;
  const forms = [
    ...(wish.format ? [`written as ${wish.format}`] : []),
    ...(wish.toBlobs ? ["messages become KMS ciphertexts where they fit"] : []),
  ];
  return [`${from} → ${to}`, ...forms].join("; ");
}
