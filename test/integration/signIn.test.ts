/** The command that signs in: what the terminal is given, and what becomes of the operation when it is closed. */
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, before } from "mocha";
import * as vscode from "vscode";
import { temporaryFolder } from "../host/paths";
import { writeAwsHome } from "../support/awsHome";
import { SIGNED_IN, ssoCacheFile, writeFakeAwsCli, type FakeAwsCli } from "../support/fakeAwsCli";
import { startIdentityServer, type IdentityServer } from "../support/identityServer";
import { startKmsServer, TEST_REGION, type KmsServer } from "../support/kmsServer";
import { until } from "../ui/until";

suite("Signing in", () => {
  const work = temporaryFolder();
  const { PATH } = process.env;
  let kms: KmsServer;
  let identity: IdentityServer;
  let cli: FakeAwsCli;
  before(async () => {
    [kms, identity] = await Promise.all([startKmsServer(), startIdentityServer()]);
    identity.tokens.add(SIGNED_IN);
    cli = writeFakeAwsCli(join(work.path, "bin"), homedir(), { base: "corp" });
    process.env.PATH = `${cli.folder}:${PATH ?? ""}`;
    writeAwsHome(homedir(), {
      config: [
        "[profile dev]\nservices = loopback\nrole_arn = arn:aws:iam::111122223333:role/dev\nsource_profile = base",
        "[profile base]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = base",
        "[sso-session corp]\nsso_start_url = https://loopback.awsapps.com/start\nsso_region = us-east-2",
        `[services loopback]\nkms =\n  endpoint_url = ${kms.url}`,
        ...["sts", "sso", "sso_oidc"].map((name) => `${name} =\n  endpoint_url = ${identity.url}`),
        "",
      ].join("\n"),
      credentials: "",
    });
    await configure({ keyAlias: "alias/app", region: TEST_REGION, profile: "dev" });
  });
  after(async () => {
    process.env.PATH = PATH;
    rmSync(ssoCacheFile(homedir(), "corp"), { force: true });
    await configure({ keyAlias: undefined, region: undefined, profile: undefined });
    for (const terminal of vscode.window.terminals) terminal.dispose();
    await vscode.commands.executeCommand("notifications.clearAll");
    await vscode.commands.executeCommand("workbench.action.closeAllGroups");
    await Promise.all([kms.close(), identity.close()]);
    work.remove();
  });

  async function configure(settings: Record<string, unknown>): Promise<void> {
    const configuration = vscode.workspace.getConfiguration("kmsSelection");
    for (const [name, value] of Object.entries(settings)) {
      await configuration.update(name, value, vscode.ConfigurationTarget.Global);
    }
  }

  /** Presses the first button of the question, as soon as it is there, and waits for the terminal. */
  async function pressSignIn(terminals: number): Promise<vscode.Terminal> {
    const opened = await until(
      async () => {
        await vscode.commands.executeCommand("notification.acceptPrimaryAction");
        return signInTerminals();
      },
      (found) => found.length > terminals,
      "a terminal",
    );
    return opened.at(-1) ?? assert.fail("no terminal");
  }

  const signInTerminals = (): vscode.Terminal[] =>
    vscode.window.terminals.filter(({ name }) => name === "AWS Sign-In");

  test("the profile that has the session is an argument that no shell reads; a closed terminal can be opened again", async () => {
    const file = join(work.path, "secrets.env");
    writeFileSync(file, "PASSWORD=hunter2\n");
    const editor = await vscode.window.showTextDocument(vscode.Uri.file(file), { preview: false });
    editor.selection = new vscode.Selection(0, 9, 0, 16);
    const done = vscode.commands.executeCommand("kmsSelection.encryptSelection");

    const first = await pressSignIn(0);
    assert.deepEqual(
      {
        shellPath: (first.creationOptions as vscode.TerminalOptions).shellPath,
        shellArgs: (first.creationOptions as vscode.TerminalOptions).shellArgs,
      },
      { shellPath: join(cli.folder, "aws"), shellArgs: ["sso", "login", "--profile", "base"] },
    );
    first.dispose();
    await until(signInTerminals, (found) => found.length === 0, "the terminal to close");
    await pressSignIn(0);
    assert.equal(kms.requests.length, 0);

    cli.run("sso", "login", "--profile", "base");
    await done;
    assert.match(editor.document.getText(), /^PASSWORD=[A-Za-z0-9+/]{60,}={0,2}\n$/);
    assert.match(kms.requests[0]?.accessKeyId ?? "", /^ASIAdev/);
  });
});
