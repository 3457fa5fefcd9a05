/**
 * Whether an alias in a fallback Region stands for the replica of the key that it stands for at home. What another key
 * encrypts would not open there: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
 */
import type { KeyMetadata } from "@aws-sdk/client-kms";
import { KmsSelectionError, toKmsSelectionError } from "../core/errors";
import { isSameKey, parseKeyId } from "../core/keyId";
import type { AwsKms } from "./awsKms";

/** Which keys aliases stand for at home, as KMS there has said since the window was opened. */
export type KeysAtHome = Map<string, string>;

export function isAlias(keyId: string): boolean {
  return ["alias", "alias-arn"].includes(parseKeyId(keyId)?.kind ?? "");
}

/** For one operation. */
export class Replicas {
  private readonly homeRegion: string;
  private readonly keysAtHome: KeysAtHome;
  private readonly checks = new Map<string, Promise<void>>();

  constructor(homeRegion: string, keysAtHome: KeysAtHome) {
    this.homeRegion = homeRegion;
    this.keysAtHome = keysAtHome;
  }

  /** Before a text is sent there. Throws `not-the-replica`, `key-not-found`. */
  check(keyId: string, name: string, region: string, kms: AwsKms, signal: AbortSignal): Promise<void> {
    // Other names than aliases are the replica's own.
    if (!isAlias(keyId)) return Promise.resolve();
    const known = this.checks.get(name);
    if (known) return known;
    const check = this.look(keyId, name, region, kms, signal);
    this.checks.set(name, check);
    return check;
  }

  /** What home answered with. */
  remember(keyId: string, keyArn: string): void {
    if (isAlias(keyId)) this.keysAtHome.set(keyId, keyArn);
  }

  /** What a text was encrypted with elsewhere. Throws `not-the-replica`, `key-not-found`. */
  confirm(keyId: string, region: string, keyArn: string): void {
    if (!isMultiRegion(keyArn)) throw new KmsSelectionError({ code: "key-not-found" });
    const home = this.keysAtHome.get(keyId);
    if (home !== undefined && !isSameKey(home, keyArn)) {
      throw new KmsSelectionError({ code: "not-the-replica", region, keyArn, home });
    }
  }

  private async look(
    keyId: string,
    name: string,
    region: string,
    kms: AwsKms,
    signal: AbortSignal,
  ): Promise<void> {
    const home = this.keysAtHome.get(keyId);
    const key = await kms.describeKey(name, signal).catch((error: unknown) => {
      if (toKmsSelectionError(error).failure.code !== "access-denied") throw error;
      return undefined;
    });
    if (!key?.Arn) {
      // Its answer will tell, where it can be compared.
      if (home !== undefined) return;
      throw new KmsSelectionError({ code: "not-the-replica", region });
    }
    this.confirm(keyId, region, key.Arn);
    if (home === undefined && !regionsOf(key).includes(this.homeRegion)) {
      throw new KmsSelectionError({ code: "not-the-replica", region, keyArn: key.Arn });
    }
  }
}

function isMultiRegion(keyArn: string): boolean {
  return keyArn.includes(":key/mrk-");
}

/** Where a multi-Region key is. */
function regionsOf({ MultiRegionConfiguration }: KeyMetadata): (string | undefined)[] {
  const { PrimaryKey, ReplicaKeys = [] } = MultiRegionConfiguration ?? {};
  return [PrimaryKey, ...ReplicaKeys].map((key) => key?.Region);
}
