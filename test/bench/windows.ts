/** What is measured in windows: several, because each has one activation and one first command. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { install } from "../host/choose";
import { runExtensionTests } from "../host/extensionTests";
import { readJson, root, temporaryFolder } from "../host/paths";
import { describe } from "../host/types";
import { packedExtension } from "../host/vsix";
import { writeAwsHome } from "../support/awsHome";
import { TEST_REGION } from "../support/kmsServer";
import { merged, type Figure } from "./figures";
import { timedExtensions } from "./timedExtensions";

const TIMEOUT_MS = 120_000;

/** One call by the bare SDK, bundled and shortened as the extension's is; prints the milliseconds that it took. */
const firstCall = (url: string): string => `
const started = performance.now();
const { EncryptCommand, KMSClient } = require("@aws-sdk/client-kms");
const client = new KMSClient({
  region: "${TEST_REGION}", endpoint: "${url}", credentials: { accessKeyId: "AKIADEV", secretAccessKey: "dev" },
});
client.send(new EncryptCommand({ KeyId: "alias/app", Plaintext: Buffer.from("secret") })).then(() => {
  console.log(performance.now() - started);
  client.destroy();
});
`;

export async function measureWindows(url: string, count: number): Promise<Figure[]> {
  const installation = await install("newest");
  console.log(`${count} windows of ${describe(installation)}`);
  const work = temporaryFolder();
  try {
    const extensionsDir = timedExtensions(await packedExtension(), join(work.path, "extensions"));
    const home = join(work.path, "home");
    writeAwsHome(home, {
      config: `[profile dev]\nendpoint_url = ${url}\n`,
      credentials: "[dev]\naws_access_key_id = AKIADEV\naws_secret_access_key = dev\n",
    });
    const bare = join(work.path, "first-call.js");
    await build({
      stdin: { contents: firstCall(url), resolveDir: root },
      bundle: true,
      minify: true,
      platform: "node",
      mainFields: ["module", "main"],
      outfile: bare,
    });
    const figures: Figure[] = [];
    const file = join(work.path, "figures.json");
    for (let window = 1; window <= count; window++) {
      const { stdout: first } = await promisify(execFile)(process.execPath, [bare]);
      await runExtensionTests(installation, {
        tests: join(root, "out/bench/editor/index.js"),
        timeout: TIMEOUT_MS,
        extensionsDir,
        home,
        settings: {
          "kmsSelection.keyAlias": "alias/app",
          "kmsSelection.region": TEST_REGION,
          "kmsSelection.profile": "dev",
          "kmsSelection.identity": "alice",
        },
        env: {
          KMS_SELECTION_BENCH_KMS: url,
          KMS_SELECTION_BENCH_FIGURES: file,
          KMS_SELECTION_BENCH_FIRST_CALL: first.trim(),
        },
      });
      figures.push(...(readJson(file) as Figure[])); // written by test/bench/editor/index.ts
    }
    return merged(figures);
  } finally {
    work.remove();
  }
}
