/** The same keys in the sandbox and in moto, so that one table of cases can be run against both. */
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { startKmsServer } from "../support/kmsServer";
import { type MotoServer, startMoto } from "./python";

export interface World {
  readonly kms: KMSClient;
  /** Key ids by alias: app, kms-poc (the same key), other, disabled, pending-deletion, mac. */
  readonly keyIds: ReadonlyMap<string, string>;
  /** "hunter2", encrypted under alias/app as `{"identity": "alice"}`. */
  readonly blob: Uint8Array;
  close(): Promise<void>;
}

export const REGION = "us-east-2";

export async function sandboxWorld(): Promise<World> {
  const server = await startKmsServer({ region: REGION });
  const aliases = ["app", "kms-poc", "other", "disabled", "pending-deletion", "mac"];
  const kms = connect(server.url);
  const ids = aliases.map(async (alias) => {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: `alias/${alias}` }));
    return [alias, KeyMetadata!.KeyId!] as const;
  });
  return world(kms, new Map(await Promise.all(ids)), () => server.close());
}

export async function motoWorld(python: string): Promise<World> {
  const server = await startMoto(python);
  const kms = connect(server.url);
  const keyIds = new Map<string, string>();
  for (const alias of ["app", "other", "disabled", "pending-deletion", "mac"]) {
    const { KeyMetadata } = await kms.send(
      new CreateKeyCommand(alias === "mac" ? { KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" } : {}),
    );
    keyIds.set(alias, KeyMetadata!.KeyId!);
  }
  keyIds.set("kms-poc", keyIds.get("app")!);
  for (const [alias, TargetKeyId] of keyIds)
    await kms.send(new CreateAliasCommand({ AliasName: `alias/${alias}`, TargetKeyId }));
  await kms.send(new EnableKeyRotationCommand({ KeyId: keyIds.get("app") }));
  await kms.send(new DisableKeyCommand({ KeyId: keyIds.get("disabled") }));
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: keyIds.get("pending-deletion") }));
  return world(kms, keyIds, () => server.close());
}

/** With an alias and a key of its own for each name. */
export async function motoWithKeys(python: string, names: readonly string[]): Promise<MotoServer> {
  const server = await startMoto(python);
  const kms = connect(server.url);
  for (const name of names) {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    await kms.send(new CreateAliasCommand({ AliasName: `alias/${name}`, TargetKeyId: KeyMetadata!.KeyId }));
  }
  kms.destroy();
  return server;
}

export function connect(endpoint: string): KMSClient {
  return new KMSClient({
    endpoint,
    region: REGION,
    credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
    maxAttempts: 1,
  });
}

async function world(
  kms: KMSClient,
  keyIds: ReadonlyMap<string, string>,
  stop: () => Promise<void>,
): Promise<World> {
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({
      KeyId: "alias/app",
      Plaintext: Buffer.from("hunter2"),
      EncryptionContext: { identity: "alice" },
    }),
  );
  return {
    kms,
    keyIds,
    blob: CiphertextBlob!,
    async close() {
      kms.destroy();
      await stop();
    },
  };
}
