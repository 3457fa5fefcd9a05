/** Secrets go to the KMS and nowhere else: canaries are searched for in all that VS Code and the extension write. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "mocha";
import { temporaryFolder } from "../host/paths";
import { writeAwsHome } from "../support/awsHome";
import { filesWith } from "../support/filesWith";
import { failWith, awsErrors, startKmsServer, TEST_REGION, type KmsServer } from "../support/kmsServer";
import { useWorkbench } from "./window";

const PLAINTEXT = "canary-plaintext-7f3a";
const SECRET_KEY = "canarySecretAccessKey7f3a";
const PRINTED = "canary-printed-by-a-credential-process-7f3a";
const CANARIES = [PLAINTEXT, SECRET_KEY, PRINTED];
const FILE = `PASSWORD=${PLAINTEXT}\n`;

suite("Secrets", () => {
  const work = temporaryFolder();
  const folder = join(work.path, "workspace");
  const home = join(work.path, "home");
  const file = join(folder, "secrets.env");
  let server: KmsServer;
  before(async () => {
    server = await startKmsServer();
    writeAwsHome(home, {
      config: [
        `[profile dev]\nendpoint_url = ${server.url}`,
        `[profile broken]\nendpoint_url = ${server.url}\ncredential_process = sh -c 'echo ${PRINTED} >&2; exit 3'`,
      ].join("\n"),
      credentials: `[dev]\naws_access_key_id = AKIADEV\naws_secret_access_key = ${SECRET_KEY}\n`,
    });
    mkdirSync(folder);
    writeFileSync(file, FILE);
  });
  after(async () => {
    await server.close();
    work.remove();
  });
  const window = useWorkbench(() => ({
    folder,
    file,
    home,
    settings: {
      "kmsSelection.keyAlias": "alias/app",
      "kmsSelection.region": TEST_REGION,
      "kmsSelection.identity": "alice",
      "kmsSelection.identities": { alice: { profile: "dev" }, mallory: { profile: "broken" } },
    },
  }));

  test("are in no log, message, state or temporary file, whether it goes well or not", async () => {
    const { editor } = window();
    const shown: string[] = [];
    const encrypt = async (): Promise<void> => {
      await editor.select(PLAINTEXT);
      await window().runCommand("KMS: Encrypt Selection");
    };
    const failed = async (words: RegExp): Promise<void> => {
      shown.push(await (await window().toast(words)).text());
      shown.push((await window().statusItem().label()) ?? "", await window().statusItem().tooltip());
      await window().clearToasts();
    };
    // An answer that repeats what was asked, as a proxy's page may.
    server.fail(({ input }) => ({
      answer: { status: 200, body: `<html>${JSON.stringify(input)}${PLAINTEXT}` },
    }));
    await encrypt();
    await failed(/was not one of KMS/);
    server.fail(() => failWith(awsErrors.throttling()));
    await encrypt();
    await failed(/request quota/);
    server.fail(undefined);
    await window().statusItem().click();
    await window().quickInput.choose("mallory");
    await encrypt();
    await failed(/credential_process failed/);
    await window().statusItem().click();
    await window().quickInput.choose("alice");
    await encrypt();
    await editor.waitForText(/^PASSWORD=[A-Za-z0-9+/=]{60,}\n$/);
    await editor.save();
    await window().runCommand("KMS: Show Log");
    await window().page.locator(".panel .view-line", { hasText: "1 selection encrypted" }).first().waitFor();
    shown.push(...(await window().page.locator(".panel .view-line").allInnerTexts()));

    const { code } = window();
    const places = [...shown, code.log(), ...code.console];
    for (const canary of CANARIES) {
      assert.ok(!places.some((text) => text.includes(canary)), `${canary} was shown or logged`);
      for (const root of [code.data, folder, join(home, "..")]) {
        assert.deepEqual(
          filesWith(root, canary).filter((path) => !path.includes("/.aws/")),
          [],
        );
      }
    }
    // The search does find what is there.
    assert.equal(filesWith(home, SECRET_KEY).length, 1);
    const log = filesWith(code.data, "1 selection encrypted");
    assert.equal(log.length, 1, "the log of the extension is among the files that were searched");
  });
});
