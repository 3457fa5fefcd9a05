/** From what is in force to a KMS that answers. */
import type * as vscode from "vscode";
import type { AwsKms } from "../aws/main";
import type { Connection } from "../aws/connection";
import { KmsSelectionError, type Operation } from "../core/errors";
import type { Target } from "../core/target";
import type { Sandbox } from "./sandbox";

export interface Connected {
  readonly kms: AwsKms;
  /** `undefined`: the sandbox. */
  readonly connection: Connection | undefined;
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
  private aws: InstanceType<(typeof import("../aws/main"))["Aws"]> | undefined;
  private readonly sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
  }

  async connect(
    target: Target,
    operation: Operation,
    keyId: string,
    observe: (requestId: string) => void,
  ): Promise<Connected> {
    if (target.sandbox) return { kms: await this.sandbox.kms(observe), connection: undefined };
    const [{ Aws }, connection] = await Promise.all([
      import("../aws/main"),
      connectionOf(target, operation, keyId),
    ]);
    this.aws ??= new Aws();
    return { kms: this.aws.kms(connection, observe), connection };
  }

  dispose(): void {
    this.aws?.dispose();
  }
}
