/** From what is in force to a KMS that answers. */
import { randomUUID } from "node:crypto";
import type * as vscode from "vscode";
import type { AwsKms } from "../aws/main";
import type { DataKeyCache, OtherKeys } from "../aws/messages";
import type { Connection } from "../aws/connection";
import type { Stacks } from "../aws/stacks";
import type { Place } from "../core/shellCommands";
import { KmsSelectionError, toKmsSelectionError, type Operation } from "../core/errors";
import type { Caller } from "../core/keyAccess";
import { parseKeyId } from "../core/keyId";
import type { Messages } from "../core/messages";
import type { Target } from "../core/target";
import { MfaPrompt } from "./mfaPrompt";
import { cancellable } from "./progress";
import type { RegionsInUse } from "./regionsInUse";
import type { Sandbox } from "./sandbox";

type Aws = InstanceType<(typeof import("../aws/main"))["Aws"]>;

export interface Connected {
  readonly kms: AwsKms;
  readonly messages: () => Promise<Messages>;
  /** Who STS says that calls; `undefined`: the sandbox, where nobody does. */
  readonly caller:
    ((signal: AbortSignal, options?: { readonly anew: boolean }) => Promise<Caller>) | undefined;
  /** `undefined`: the sandbox. */
  readonly connection: Connection | undefined;
  readonly recoveryKey: OtherKeys["recovery"];
}

/** Throws `not-configured`. */
export function keyIdOf(target: Target): string {
  if (!target.key) throw new KmsSelectionError({ code: "not-configured" });
  return target.key.value;
}

/** `undefined`: the AWS SDK's own order. */
export function profileFor(target: Target, operation: Operation): string | undefined {
  return operation === "encrypt" ? target.encryptProfile : target.decryptProfile;
}

/** Which profile, Region and endpoint a request would take. `keyId` may be empty where no key is needed. */
export async function connectionOf(target: Target, operation: Operation, keyId: string): Promise<Connection> {
  const { resolveConnection } = await import("../aws/connection");
  const profile = profileFor(target, operation);
  return resolveConnection({ keyId, profile, region: target.region?.value });
}

export class Connections implements vscode.Disposable {
  private aws: Aws | undefined;
  private dataKeys: DataKeyCache | undefined;
  private readonly mfa = new MfaPrompt();
  private readonly sandbox: Sandbox;
  private readonly regionsInUse: RegionsInUse;

  constructor(sandbox: Sandbox, regionsInUse: RegionsInUse) {
    this.sandbox = sandbox;
    this.regionsInUse = regionsInUse;
  }

  async connect(
    target: Target,
    operation: Operation,
    keyId: string,
    observe: (requestId: string) => void,
  ): Promise<Connected> {
    const recoveryKey = await recoveryKeyOf(target);
    if (target.sandbox) {
      const kms = await this.sandbox.kms(observe);
      const otherKeys = { additional: [], recovery: recoveryKey };
      const messages = (): Promise<Messages> => this.messages(target, kms, undefined, otherKeys, operation);
      return { kms, messages, caller: undefined, connection: undefined, recoveryKey };
    }
    const [{ Aws }, connection] = await Promise.all([
      import("../aws/main"),
      connectionOf(target, operation, keyId),
    ]);
    const aws = this.loaded(Aws);
    const kms = this.kms(aws, target, connection, observe);
    const additional = target.additionalKeys.value.map((arn) => ({
      arn,
      kms: aws.kmsElsewhere(connection, parseKeyId(arn)?.region ?? connection.region, observe),
    }));
    const otherKeys = { additional, additionalFirst: () => kms.isAvoided(), recovery: recoveryKey };
    return {
      kms,
      messages: () => this.messages(target, kms, connection, otherKeys, operation),
      caller: (signal, options) => aws.caller(connection, signal, options),
      connection,
      recoveryKey,
    };
  }

  /** To be disposed of. Throws as `resolveConnection` does. */
  async stacks({ profile, region }: Place): Promise<Stacks> {
    const [{ Stacks }, { Aws }, { resolveConnection }] = await Promise.all([
      import("../aws/stacks"),
      import("../aws/main"),
      import("../aws/connection"),
    ]);
    const connection = await resolveConnection({ keyId: "", profile: profile || undefined, region });
    return new Stacks(connection, this.loaded(Aws).credentialsOf(connection));
  }

  private loaded(Aws: (typeof import("../aws/main"))["Aws"]): Aws {
    return (this.aws ??= new Aws(this.mfa.ask));
  }

  /** Waits for the credentials, with a cancel button when it lasts, unless it is the person who is waited for. */
  async authenticate({ kms, connection }: Connected): Promise<void> {
    const whose = connection?.profile === undefined ? "AWS" : `profile ${connection.profile}`;
    await cancellable(
      `Getting credentials for ${whose}…`,
      (signal) => kms.authenticate(signal),
      () => this.mfa.isOpen,
    );
  }

  private kms(
    aws: Aws,
    { additionalKeys, fallbackRegions, encryptInFallbackRegions }: Target,
    connection: Connection,
    observe: (requestId: string) => void,
  ): AwsKms {
    const regions = fallbackRegions.value;
    if (regions.length === 0 && additionalKeys.value.length === 0) return aws.kms(connection, observe);
    return aws.kmsOfSeveral(connection, observe, {
      regions,
      encrypts: encryptInFallbackRegions.value,
      onAnswer: (region) => {
        this.regionsInUse.set(connection.region, region);
      },
    });
  }

  /** For one operation; its cached data keys serve the next ones that go the same way with the same credentials. */
  private async messages(
    { dataKeyCaching, allowUncommittedMessages }: Target,
    kms: AwsKms,
    connection: Connection | undefined,
    otherKeys: OtherKeys,
    operation: Operation,
  ): Promise<Messages> {
    const { createDataKeyCache, EncryptionSdkMessages } = await import("../aws/messages");
    const keys = (this.dataKeys ??= createDataKeyCache());
    return new EncryptionSdkMessages({
      kms,
      region: connection?.region,
      isAws: connection !== undefined && !connection.endpoint,
      allowUncommitted: allowUncommittedMessages,
      cache: dataKeyCaching ? { keys, partition: partitionOf(connection, operation) } : undefined,
      otherKeys,
    });
  }

  dispose(): void {
    this.aws?.dispose();
  }
}

/** It is read each time: a file may have been changed. */
async function recoveryKeyOf({ recoveryPublicKey }: Target): Promise<OtherKeys["recovery"]> {
  if (recoveryPublicKey.value === "") return undefined;
  const { loadRecoveryKey } = await import("../aws/messages");
  return loadRecoveryKey(recoveryPublicKey.value).catch(toKmsSelectionError);
}

/** A re-encryption takes no data key of before: the alias may have been moved, or the key rotated, since that was made. */
function partitionOf(connection: Connection | undefined, operation: Operation): string {
  return operation === "re-encrypt" ? randomUUID() : wayOf(connection);
}

/** Whose credentials are used, and where. */
function wayOf(connection: Connection | undefined): string {
  if (!connection) return "sandbox";
  const { profile, region, endpoint, fingerprint } = connection;
  return JSON.stringify([profile, region, endpoint?.url, fingerprint]);
}
