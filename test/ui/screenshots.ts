/** `npm run screenshots`: the README's pictures, from the packed extension in a real window. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { root, temporaryFolder } from "../host/paths";
import { copySamples } from "../host/samples";
import { writeAwsHome } from "../support/awsHome";
import { APP_KEY_ID, awsErrors, startKmsServer } from "../support/kmsServer";
import { startStackServer } from "../support/stackServer";
import { Stacks, stackProfiles } from "./stackWindow";
import { EditPage } from "./editPage";
import { waitForRevealed } from "./revealed";
import { until } from "./until";
import { openWorkbench } from "./window";
import type { Workbench } from "./workbench";

type AwsFiles = Parameters<typeof writeAwsHome>[1];

const pictures = join(root, "media/screenshots");
const SAMPLE_IDENTITIES = { alice: { profile: "alice-dev" }, bob: { profile: "bob-dev" } };

const APPEARANCE = {
  "workbench.colorTheme": "Default Dark Modern",
  "workbench.activityBar.location": "hidden",
  "breadcrumbs.enabled": false,
  "editor.wordWrap": "off",
};

async function main(): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await inWindow({ "kmsSelection.sandbox": true }, async (workbench) => {
    const { editor } = workbench;
    await editor.select("fake_alice_password");
    await editor.addSelection("fake_bob_password");
    await workbench.runCommand("KMS: Encrypt Selection");
    await editor.waitForText((text) => text.split("SANDBOX/KMS/").length === 3);
    await take(workbench, "encrypt");

    await workbench.statusItem().click();
    await workbench.quickInput.waitForRows((rows) => rows.some((row) => row.startsWith("bob")));
    await take(workbench, "identity");
    await workbench.quickInput.choose("bob");
    await workbench.statusItem().waitForText("bob");
    await workbench.runCommand("KMS: Decrypt Selection");
    await workbench.toast("as bob");
    await take(workbench, "refused");
  });
  await inWindow({ "kmsSelection.sandbox": true }, async (workbench) => {
    const { editor, quickInput } = workbench;
    await editor.select("fake_alice_password");
    await workbench.runCommand("KMS: Encrypt Selection");
    await editor.waitForText((text) => text.includes("SANDBOX/KMS/"));
    await workbench.runCommand("KMS: Re-encrypt Workspace…");
    await quickInput.choose("To identity");
    await quickInput.choose("bob");
    await quickInput.waitForRows((rows) => rows.some((row) => row.includes("→ bob,")));
    await quickInput.choose("Re-encrypt");
    const [start] = await quickInput.waitForRows((rows) => rows.some((row) => row.startsWith("Start: ")));
    await take(workbench, "re-encrypt-preview");
    await quickInput.choose(start ?? "");
    await editor.waitForText(/^# Re-encryption/);
    await take(workbench, "re-encrypt-report");
  });
  const settings = { "kmsSelection.keyAlias": "alias/app", "kmsSelection.identity": "alice" };
  await inWindow(settings, async (workbench) => {
    await workbench.statusItem().waitForText("alias/app · alice");
    await workbench.page.locator(`.statusbar-item[id$="kmsSelection.key"]`).hover();
    await workbench.page.locator(".workbench-hover", { hasText: "chosen by the profile" }).waitFor();
    await take(workbench, "statusbar");
  });
  await takeSecrets();
  await takeKeyAccess();
  await takeFallback();
  await takeDeployment();
}

/** Secrets that are looked at: as tokens with a hover, revealed, edited in a panel, and decrypted in the document. */
async function takeSecrets(): Promise<void> {
  const settings = {
    "kmsSelection.sandbox": true,
    "kmsSelection.envelope": "always",
    "kmsSelection.outputFormat": "ENC[KMS]",
  };
  await inWindow(settings, async (workbench) => {
    const { editor, page, quickInput } = workbench;
    /** With its beginning in sight. */
    const intoToken = async (): Promise<void> => {
      await editor.putCursorAtEnd(8);
      await editor.press("Home");
      for (let n = 0; n <= "password: ENC".length; n++) await editor.press("ArrowRight");
    };
    await editor.select("fake_alice_password");
    await editor.addSelection("fake_bob_password");
    await workbench.runCommand("KMS: Encrypt Selection");
    await editor.waitForText((text) => text.split("ENC[KMS,").length === 3);
    await page.locator(".codelens-decoration", { hasText: "Your secret" }).nth(1).waitFor();
    const token = page.locator(".view-line", { hasText: "ENC[KMS," }).first();
    await token.hover({ position: { x: 300, y: 8 } });
    const hover = page.locator(".monaco-hover", { hasText: "Identity: yours (alice)" });
    await until(
      () =>
        hover.evaluate(
          (shown) =>
            shown.getAnimations({ subtree: true }).length + shown.parentElement!.getAnimations().length,
        ),
      (running) => running === 0,
      "the hover to be there as a whole",
    );
    await take(workbench, "hover");

    await page.mouse.move(500, 500);
    await workbench.runCommand("KMS: Reveal All Visible Secrets");
    await waitForRevealed(workbench, ["fake_alice_password", "fake_bob_password"]);
    await take(workbench, "reveal");

    await workbench.runCommand("KMS: Hide Secrets");
    await intoToken();
    await workbench.runCommand("KMS: Decrypt Selection");
    await editor.waitForText((text) => text.includes("fake_alice_password"));
    await workbench.statusItem("kms-selection.kms-selection.kmsSelection.unsealed").waitForText("1");
    await take(workbench, "unsealed");

    await editor.undo();
    await editor.waitForText((text) => text.split("ENC[KMS,").length === 3);
    await intoToken();
    await workbench.runCommand("KMS: Edit Secret…");
    await quickInput.waitForTitle(/Edit Secret/);
    await page.locator(".quick-input-widget .action-label.codicon-edit").click();
    const panel = new EditPage(workbench);
    await panel.shows("fake_alice_password");
    await panel.text.fill("fake_alice_password\nand a second line");
    await take(workbench, "edit");
  });
}

/** Of somebody who may encrypt, and of a key that will be deleted: with a KMS on this machine. */
async function takeKeyAccess(): Promise<void> {
  const server = await startKmsServer({
    region: "eu-central-1",
    accountId: "111122223333",
    callers: () => "arn:aws:iam::111122223333:user/alice",
    access: (_, operation) =>
      /Decrypt|ReEncrypt/.test(operation)
        ? awsErrors.accessDenied("alice", operation, server.arn(APP_KEY_ID))
        : undefined,
  });
  const files: AwsFiles = {
    config: `[profile alice-dev]\nregion = eu-central-1\nendpoint_url = ${server.url}\n`,
    credentials: "[alice-dev]\naws_access_key_id = AKIAALICE\naws_secret_access_key = x\n",
  };
  const settings = { "kmsSelection.identity": "alice" };
  try {
    await inWindow(
      { ...settings, "kmsSelection.keyAlias": "alias/app" },
      async (workbench) => {
        await workbench.runCommand("KMS: Test Key Access");
        await workbench.editor.waitForText(/^# Key access/);
        await workbench.toast("Profile alice-dev is not allowed kms:Decrypt");
        await take(workbench, "access");
      },
      files,
    );
    await inWindow(
      { ...settings, "kmsSelection.keyAlias": "alias/pending-deletion" },
      async (workbench) => {
        await workbench.editor.select("fake_alice_password");
        await workbench.runCommand("KMS: Encrypt Selection");
        await workbench.toast("pending deletion");
        await workbench.clearToasts();
        await workbench.page.locator(`.statusbar-item[id$="kmsSelection.key"]`).hover();
        await workbench.page.locator(".workbench-hover", { hasText: "Key state" }).waitFor();
        await take(workbench, "keystate");
      },
      files,
    );
  } finally {
    await server.close();
  }
}

/** A Region that is out: the KMS on loopback cuts its connections. */
async function takeFallback(): Promise<void> {
  const keys = [{ keyId: "mrk-0123456789abcdef0123456789abcdef", aliases: ["alias/app"] }];
  const server = await startKmsServer({ keys, elsewhere: { "eu-west-1": keys } });
  const files = {
    config: `[profile alice-dev]\nendpoint_url = ${server.url}\n`,
    credentials: "[alice-dev]\naws_access_key_id = AKIAFAKE\naws_secret_access_key = fake\n",
  };
  const settings = {
    "kmsSelection.keyAlias": "alias/app",
    "kmsSelection.identity": "alice",
    "kmsSelection.region": "us-east-2",
    "kmsSelection.fallbackRegions": ["eu-west-1"],
  };
  try {
    await inWindow(
      settings,
      async (workbench) => {
        const { editor } = workbench;
        await editor.select("fake_alice_password");
        await workbench.runCommand("KMS: Encrypt Selection");
        await editor.waitForText((text) => !text.includes("fake_alice_password"));
        server.fail(({ region }) => (region === "us-east-2" ? { destroy: "before" } : undefined));
        await workbench.runCommand("KMS: Decrypt Selection");
        await workbench.statusItem().waitForText("eu-west-1");
        await workbench.page.locator(`.statusbar-item[id$="kmsSelection.key"]`).hover();
        await workbench.page.locator(".workbench-hover", { hasText: "cannot be reached" }).waitFor();
        await take(workbench, "fallback");
      },
      files,
    );
  } finally {
    await server.close();
  }
}

/** From the parameters of the key's stack to the key that is there. */
async function takeDeployment(): Promise<void> {
  const server = await startStackServer();
  try {
    await inWindow(
      {},
      async (workbench) => {
        const stacks = new Stacks(() => workbench);
        await stacks.askToDeploy();
        await workbench.quickInput.waitForRows();
        await take(workbench, "parameters");
        await workbench.quickInput.choose("Show What Changes…");
        await workbench.dialog.text();
        await take(workbench, "deploy");
        await workbench.dialog.click("Create Stack");
        await workbench.toast("The stack kms-selection is there");
        await take(workbench, "deployed");
      },
      stackProfiles(server.url, server.url),
    );
  } finally {
    await server.close();
  }
}

async function inWindow(
  settings: Record<string, unknown>,
  work: (workbench: Workbench) => Promise<void>,
  files: AwsFiles = { config: "[profile alice-dev]\nregion = eu-central-1\n" },
): Promise<void> {
  const samples = temporaryFolder();
  const home = temporaryFolder();
  copySamples(samples.path);
  writeAwsHome(home.path, files);
  const workbench = await openWorkbench({
    folder: samples.path,
    file: join(samples.path, "config.yaml"),
    home: home.path,
    viewport: { width: 1000, height: 560 },
    settings: { ...settings, ...APPEARANCE, "kmsSelection.identities": SAMPLE_IDENTITIES },
  });
  try {
    await workbench.runCommand("View: Close Primary Side Bar");
    await work(workbench);
  } finally {
    await workbench.code.close();
    samples.remove();
    home.remove();
  }
}

async function take({ page }: Workbench, name: string): Promise<void> {
  await page.screenshot({ path: join(pictures, `${name}.png`) });
  console.log(`media/screenshots/${name}.png`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
