/** What the key picker tells of a key, and whether it can encrypt a selection. */

export interface KeyDescription {
  readonly alias: string;
  /** 12 digits; `undefined`: not known. */
  readonly account: string | undefined;
  /** What DescribeKey says; `undefined`: it is not known yet, or not permitted. */
  readonly metadata: KeyMetadata | undefined;
  /** What GetKeyRotationStatus says; `undefined`: not asked, or not permitted. */
  readonly rotates: boolean | undefined;
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html */
export interface KeyMetadata {
  readonly Arn?: string | undefined;
  readonly AWSAccountId?: string | undefined;
  readonly KeyState?: string | undefined;
  readonly KeySpec?: string | undefined;
  readonly KeyUsage?: string | undefined;
  readonly KeyManager?: string | undefined;
  readonly MultiRegion?: boolean | undefined;
  readonly DeletionDate?: Date | undefined;
  readonly MultiRegionConfiguration?: MultiRegion | undefined;
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_MultiRegionConfiguration.html */
export interface MultiRegion {
  readonly MultiRegionKeyType?: string | undefined;
  readonly PrimaryKey?: { readonly Region?: string | undefined } | undefined;
  readonly ReplicaKeys?: readonly { readonly Region?: string | undefined }[] | undefined;
}

const SYMMETRIC = "SYMMETRIC_DEFAULT";

/** https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html */
const STATES: Readonly<Record<string, string>> = {
  Creating: "it is being created",
  Disabled: "it is disabled",
  PendingImport: "its key material is not imported",
  PendingReplicaDeletion: "pending deletion, as soon as its replicas are deleted",
  Unavailable: "its key store is not available",
};

/** Aliases of AWS services: their keys are used by the service alone. */
export const isAwsAlias = (alias: string): boolean => alias.startsWith("alias/aws/");

/** Why a selection cannot be encrypted with the key; `undefined`: nothing is known against it. */
export function whyUnusable({ alias, metadata }: KeyDescription): string | undefined {
  if (isAwsAlias(alias) || metadata?.KeyManager === "AWS") return "AWS manages it, for one of its services";
  if (!metadata) return undefined;
  const { KeyState, KeySpec, KeyUsage, DeletionDate } = metadata;
  if (KeyUsage !== undefined && KeyUsage !== "ENCRYPT_DECRYPT")
    return `it does not encrypt (${[KeyUsage, KeySpec].filter(Boolean).join(", ")})`;
  if (KeySpec !== undefined && KeySpec !== SYMMETRIC) return `it is asymmetric (${KeySpec})`;
  if (KeyState === "PendingDeletion")
    return `it is pending deletion${DeletionDate ? `, on ${DeletionDate.toISOString().slice(0, 10)}` : ""}`;
  return KeyState === undefined ? undefined : STATES[KeyState];
}

/** As far as it is known: account, state, kind, rotation. */
export function describeKey({ account, metadata, rotates }: KeyDescription): string {
  const { KeyState, KeySpec, MultiRegion } = metadata ?? {};
  const words = [
    account && `account ${account}`,
    KeyState === "Enabled" ? "enabled" : KeyState,
    KeySpec === SYMMETRIC ? "symmetric" : KeySpec,
    MultiRegion && "multi-Region",
    rotates === undefined ? undefined : `rotation ${rotates ? "on" : "off"}`,
  ];
  return words.filter(Boolean).join(", ");
}
