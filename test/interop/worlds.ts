/** The same keys in the sandbox and in each emulator, so that one table of cases can be run against all. */
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
import { type Emulator, REGION } from "./emulators";

export interface Server {
  readonly url: string;
  close(): Promise<void>;
}

export interface World {
  readonly kms: KMSClient;
  /** Key ids by alias: app, kms-poc (the same key), other, disabled, pending-deletion, mac. */
  readonly keyIds: ReadonlyMap<string, string>;
  /** SECRET, encrypted under alias/app as `{"identity": "alice"}`. */
  readonly blob: Uint8Array;
  /** The same, made by another server of the same kind, under a key that this one has not. */
  readonly foreignBlob: Uint8Array;
  /** `arn:aws:kms:…:resource` */
  readonly arn: (resource: string, elsewhere?: { region?: string; account?: string }) => string;
  close(): Promise<void>;
}

export const SECRET = Buffer.from("hunter2");

/** The sandbox behind HTTP, with the keys of the tests. */
export const sandboxWorld = (): Promise<World> =>
  world(
    () => startKmsServer({ region: REGION }),
    // Another key under the same alias.
    () =>
      startKmsServer({
        region: REGION,
        keys: [{ keyId: "88888888-8888-4888-8888-888888888888", aliases: ["alias/app"] }],
      }),
  );

export const emulatorWorld = ({ start }: Pick<Emulator, "start">): Promise<World> =>
  world(
    async () => filled(await start(), createAll),
    async () => filled(await start(), (kms) => createKeys(kms, ["app"])),
  );

/** With an alias and a key of its own for each name. */
export async function withKeys(starting: Promise<Server>, names: readonly string[]): Promise<Server> {
  return filled(await starting, (kms) => createKeys(kms, names));
}

export function connect(endpoint: string): KMSClient {
  return new KMSClient({
    endpoint,
    region: REGION,
    credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
    maxAttempts: 1,
  });
}

async function filled(server: Server, fill: (kms: KMSClient) => Promise<unknown>): Promise<Server> {
  const kms = connect(server.url);
  try {
    await fill(kms);
    return server;
  } catch (error) {
    await server.close();
    throw error;
  } finally {
    kms.destroy();
  }
}

async function createKeys(kms: KMSClient, names: readonly string[]): Promise<Map<string, string>> {
  const keyIds = new Map<string, string>();
  for (const name of names) {
    const { KeyMetadata } = await kms.send(
      new CreateKeyCommand(name === "mac" ? { KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" } : {}),
    );
    keyIds.set(name, KeyMetadata!.KeyId!);
    await kms.send(new CreateAliasCommand({ AliasName: `alias/${name}`, TargetKeyId: KeyMetadata!.KeyId }));
  }
  return keyIds;
}

async function createAll(kms: KMSClient): Promise<void> {
  const keyIds = await createKeys(kms, ["app", "other", "disabled", "pending-deletion", "mac"]);
  await kms.send(new CreateAliasCommand({ AliasName: "alias/kms-poc", TargetKeyId: keyIds.get("app") }));
  await kms.send(new EnableKeyRotationCommand({ KeyId: keyIds.get("app") }));
  await kms.send(new DisableKeyCommand({ KeyId: keyIds.get("disabled") }));
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: keyIds.get("pending-deletion") }));
}

async function world(start: () => Promise<Server>, startForeign: () => Promise<Server>): Promise<World> {
  const [server, foreign] = await Promise.all([start(), startForeign()]);
  const kms = connect(server.url);
  const keyIds = new Map<string, string>();
  let account = "";
  for (const alias of ["app", "kms-poc", "other", "disabled", "pending-deletion", "mac"]) {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: `alias/${alias}` }));
    keyIds.set(alias, KeyMetadata!.KeyId!);
    // Of the ARN, because not every emulator has it as a member of its own.
    account = KeyMetadata!.Arn!.split(":")[4]!;
  }
  return {
    kms,
    keyIds,
    blob: await sealedBy(server.url),
    foreignBlob: await sealedBy(foreign.url),
    arn: (resource, elsewhere = {}) =>
      `arn:aws:kms:${elsewhere.region ?? REGION}:${elsewhere.account ?? account}:${resource}`,
    async close() {
      kms.destroy();
      await Promise.all([server.close(), foreign.close()]);
    },
  };
}

async function sealedBy(url: string): Promise<Uint8Array> {
  const kms = connect(url);
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({
      KeyId: "alias/app",
      Plaintext: SECRET,
      EncryptionContext: { identity: "alice" },
    }),
  );
  kms.destroy();
  return CiphertextBlob!;
}
