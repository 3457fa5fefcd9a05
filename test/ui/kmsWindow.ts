/** A window with files that hold tokens, and a KMS on loopback that opens them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { after, before } from "mocha";
import type { LaunchOptions } from "../host/launch";
import { temporaryFolder } from "../host/paths";
import { writeAwsHome } from "../support/awsHome";
import { startKmsServer, TEST_REGION, type KmsServer } from "../support/kmsServer";
import { useWorkbench } from "./window";
import type { Workbench } from "./workbench";

/** A token of KMS for a text of this identity. */
export type Encrypt = (text: string, identity?: string) => Promise<string>;

export interface KmsWindow {
  readonly window: () => Workbench;
  readonly server: () => KmsServer;
  /** Holds the workspace, the home, and nothing else. */
  readonly work: string;
  readonly folder: string;
}

/** To be called in the body of a suite. The first of the files is opened. */
export function useKmsWindow(
  files: (encrypt: Encrypt) => Promise<Readonly<Record<string, string>>>,
  given: LaunchOptions | (() => Promise<LaunchOptions>) = {},
): KmsWindow {
  const temporary = temporaryFolder();
  const work = temporary.path;
  const folder = join(work, "workspace");
  const home = join(work, "home");
  let server: KmsServer;
  let names: string[] = [];
  before(async () => {
    server = await startKmsServer();
    writeAwsHome(home, {
      config: `[profile dev]\nendpoint_url = ${server.url}\n`,
      credentials: "[dev]\naws_access_key_id = AKIADEV\naws_secret_access_key = dev\n",
    });
    mkdirSync(folder);
    const contents = await files(encryptWith(server));
    names = Object.keys(contents);
    for (const [name, content] of Object.entries(contents)) writeFileSync(join(folder, name), content);
  });
  after(async () => {
    await server.close();
    temporary.remove();
  });
  const window = useWorkbench(async () => {
    const options = typeof given === "function" ? await given() : given;
    return {
      folder,
      file: join(folder, names[0] ?? ""),
      home,
      ...options,
      settings: {
        "kmsSelection.keyAlias": "alias/app",
        "kmsSelection.region": TEST_REGION,
        "kmsSelection.identity": "alice",
        "kmsSelection.profile": "dev",
        "kmsSelection.identities": { alice: {}, bob: {} },
        ...options.settings,
      },
    };
  });
  return { window, server: () => server, work, folder };
}

function encryptWith(server: KmsServer): Encrypt {
  return async (text, identity = "alice") => {
    const client = new KMSClient({
      region: TEST_REGION,
      endpoint: server.url,
      credentials: { accessKeyId: "AKIATEST", secretAccessKey: "test" },
    });
    const { CiphertextBlob } = await client.send(
      new EncryptCommand({
        KeyId: "alias/app",
        Plaintext: Buffer.from(text),
        EncryptionContext: { identity },
      }),
    );
    client.destroy();
    return Buffer.from(CiphertextBlob ?? []).toString("base64");
  };
}
