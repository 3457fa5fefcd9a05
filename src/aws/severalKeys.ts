/** Messages that several keys can open: sealed to all of them, and opened by the first that can. */
import {
  type EncryptedDataKey,
  KeyringNode,
  type NodeDecryptionMaterial,
  type NodeEncryptionMaterial,
} from "@aws-crypto/material-management-node";
import { KmsSelectionError, toKmsSelectionError } from "../core/errors";
import { isSameKey, parseKeyId } from "../core/keyId";
import type { Kms } from "../core/kms";
import type { AwsKms } from "./awsKms";
import { isKmsDataKey, KmsDataKeyring, type RequestsUnderWay } from "./kmsDataKeyring";

/** A key besides the one in force. */
export interface AdditionalKey {
  /** In the key's own Region. */
  readonly kms: Kms & Pick<AwsKms, "describeKey">;
  /** Key ARN or alias ARN. */
  readonly arn: string;
}

/** What messages name them by. `undefined`: KMS does not tell which key an alias stands for. */
export async function keyArnsOf(
  keys: readonly AdditionalKey[],
  signal: AbortSignal,
): Promise<string[] | undefined> {
  const arns = await Promise.all(keys.map((key) => keyArnOf(key, signal)));
  const known = arns.filter((arn) => arn !== undefined);
  return known.length === arns.length ? known : undefined;
}

async function keyArnOf({ kms, arn }: AdditionalKey, signal: AbortSignal): Promise<string | undefined> {
  if (parseKeyId(arn)?.kind === "key-arn") return arn;
  try {
    return (await kms.describeKey(arn, signal)).Arn;
  } catch (error) {
    // Whatever is wrong with it shows when something is sealed to it.
    if (signal.aborted) throw error;
    return undefined;
  }
}

export class AdditionalKeyring extends KmsDataKeyring {
  private readonly arn: string;

  constructor({ kms, arn }: AdditionalKey, signal: AbortSignal, underWay: RequestsUnderWay | undefined) {
    super(kms, arn, signal, underWay);
    this.arn = arn;
  }

  /** Throws `additional-key-failed`: a text is never sealed to fewer keys than were asked for. */
  override async _onEncrypt(material: NodeEncryptionMaterial): Promise<NodeEncryptionMaterial> {
    try {
      return await super._onEncrypt(material);
    } catch (thrown) {
      const { failure, cause, source } = toKmsSelectionError(thrown);
      throw new KmsSelectionError(
        { code: "additional-key-failed", keyId: this.arn, failure },
        { cause, source },
      );
    }
  }

  override _onDecrypt(
    material: NodeDecryptionMaterial,
    encryptedDataKeys: EncryptedDataKey[],
  ): Promise<NodeDecryptionMaterial> {
    const mine = encryptedDataKeys.filter((edk) => isKmsDataKey(edk) && mayOpen(this.arn, edk.providerInfo));
    return super._onDecrypt(material, mine);
  }
}

/**
 * Whether the key of an ARN may be the one that a message names. What a message says is anybody's word, so it only keeps
 * requests back, and leads none to another place: https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/configure.html#config-mrks
 */
function mayOpen(arn: string, named: string): boolean {
  const key = parseKeyId(arn);
  const other = parseKeyId(named);
  if (other?.kind !== "key-arn") return true;
  if (key?.kind === "key-arn") return isSameKey(arn, named);
  return key?.account === other.account && (key?.region === other.region || named.includes(":key/mrk-"));
}

/** The keyring of the key in force, and those of other keys where it does not open a message. */
export class FirstOpeningKeyring extends KeyringNode {
  private readonly own: KmsDataKeyring;
  private readonly inTurn: readonly KmsDataKeyring[];
  private readonly signal: AbortSignal;

  /** `othersFirst`: where it is known that the key in force is not easily reached. */
  constructor(
    own: KmsDataKeyring,
    others: readonly KmsDataKeyring[],
    othersFirst: boolean,
    signal: AbortSignal,
  ) {
    super();
    this.own = own;
    this.inTurn = othersFirst ? [...others, own] : [own, ...others];
    this.signal = signal;
  }

  /** The key that opened the last data key. */
  get keyArn(): string | undefined {
    return this.inTurn.find(({ keyArn }) => keyArn !== undefined)?.keyArn;
  }

  override _onEncrypt(): Promise<never> {
    return Promise.reject(new Error("opens only"));
  }

  /** Throws what the key in force did: that other keys do not open it as well says nothing of that one. */
  override async _onDecrypt(
    material: NodeDecryptionMaterial,
    encryptedDataKeys: EncryptedDataKey[],
  ): Promise<NodeDecryptionMaterial> {
    let ofOwn: unknown;
    for (const keyring of this.inTurn) {
      try {
        return await keyring.onDecrypt(material, encryptedDataKeys);
      } catch (error) {
        if (keyring === this.own) ofOwn = error;
        if (this.signal.aborted) throw error;
      }
    }
    throw ofOwn;
  }
}
