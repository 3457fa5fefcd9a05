/** What KMS tells about keys: DescribeKey, ListAliases, GetKeyRotationStatus. */
import type { OperationInput } from "./inputs";
import type { KeyStore, StoredKey } from "./keyStore";
import { KmsException } from "./kmsException";

const DAY_IN_SECONDS = 86_400;
const DEFAULT_LIMIT = 50;

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html */
export function keyMetadata(store: KeyStore, key: StoredKey, materialId: string): Record<string, unknown> {
  const symmetric = key.keySpec === "SYMMETRIC_DEFAULT";
  return {
    AWSAccountId: store.accountId,
    KeyId: key.keyId,
    Arn: key.arn,
    CreationDate: epochSeconds(key.creationDate),
    Enabled: key.state === "Enabled",
    Description: key.description,
    KeyUsage: key.keyUsage,
    KeyState: key.state,
    ...(key.deletionDate && { DeletionDate: epochSeconds(key.deletionDate) }),
    Origin: "AWS_KMS",
    KeyManager: key.manager,
    CustomerMasterKeySpec: key.keySpec,
    KeySpec: key.keySpec,
    ...(key.keyUsage === "ENCRYPT_DECRYPT" && {
      EncryptionAlgorithms: symmetric ? ["SYMMETRIC_DEFAULT"] : ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
    }),
    ...(key.keyUsage === "GENERATE_VERIFY_MAC" && { MacAlgorithms: [key.keySpec.replace("_", "_SHA_")] }),
    MultiRegion: key.multiRegion,
    ...(key.multiRegion && {
      MultiRegionConfiguration: {
        MultiRegionKeyType: "PRIMARY",
        PrimaryKey: { Arn: key.arn, Region: store.region },
        ReplicaKeys: key.replicas.map((region) => ({
          Arn: key.arn.replace(store.region, region),
          Region: region,
        })),
      },
    }),
    ...(symmetric && { CurrentKeyMaterialId: materialId }),
  };
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html */
export function aliasEntries(
  store: KeyStore,
  { KeyId: keyId, Limit: limit = DEFAULT_LIMIT, Marker: marker }: OperationInput<"ListAliases">,
): Record<string, unknown> {
  const of = keyId === undefined ? undefined : store.findByKeyId(keyId);
  const all = store.aliases().filter(({ key }) => !of || key === of);
  const after = marker === undefined ? undefined : readMarker(marker);
  const rest = after === undefined ? all : all.filter(({ name }) => name > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const truncated = rest.length > page.length;
  return {
    Aliases: page.map(({ name, arn, key }) => ({
      AliasName: name,
      AliasArn: arn,
      TargetKeyId: key.keyId,
      CreationDate: epochSeconds(key.creationDate),
      LastUpdatedDate: epochSeconds(key.creationDate),
    })),
    ...(truncated && last && { NextMarker: Buffer.from(last.name, "utf8").toString("base64") }),
    Truncated: truncated,
  };
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html */
export function rotationStatus(key: StoredKey): Record<string, unknown> {
  if (key.keySpec !== "SYMMETRIC_DEFAULT") throw new KmsException("UnsupportedOperationException");
  // While a key waits for its deletion, KMS says that rotation is off.
  if (!key.rotationEnabled || key.state === "PendingDeletion")
    return { KeyId: key.keyId, KeyRotationEnabled: false };
  const created = epochSeconds(key.creationDate);
  const period = key.rotationPeriodInDays * DAY_IN_SECONDS;
  const passed = Math.max(0, Math.floor((Date.now() / 1000 - created) / period));
  return {
    KeyId: key.keyId,
    KeyRotationEnabled: true,
    RotationPeriodInDays: key.rotationPeriodInDays,
    NextRotationDate: created + (passed + 1) * period,
  };
}

function readMarker(marker: string): string {
  const name = Buffer.from(marker, "base64").toString("utf8");
  if (!name.startsWith("alias/"))
    throw new KmsException("InvalidMarkerException", "Could not deserialize marker");
  return name;
}

function epochSeconds(date: Date): number {
  return date.getTime() / 1000;
}
