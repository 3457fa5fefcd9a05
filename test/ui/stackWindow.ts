/** Commands about stacks, as a person gives them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AwsHome } from "../support/awsHome";
import type { Workbench } from "./workbench";

/** The profiles of an administrator and of the stack's users, all on loopback. */
export function stackProfiles(cloudFormation: string, kms: string): AwsHome {
  const profile = (name: string): string => `[profile ${name}]\nregion = us-east-2\nservices = local\n`;
  const names = ["admin", "kms-encrypt", "kms-decrypt"];
  const keys = ["AKIAADMIN", "AKIAENCRYPTOR", "AKIADECRYPTOR"];
  return {
    config: [
      `[services local]\ncloudformation =\n  endpoint_url = ${cloudFormation}\nkms =\n  endpoint_url = ${kms}\n`,
      ...names.map(profile),
    ].join("\n"),
    credentials: names
      .map((name, n) => `[${name}]\naws_access_key_id = ${keys[n]}\naws_secret_access_key = ${name}\n`)
      .join("\n"),
  };
}

export class Stacks {
  private readonly window: () => Workbench;

  constructor(window: () => Workbench) {
    this.window = window;
  }

  /** As far as the list of parameters. */
  async askToDeploy(name = "kms-selection"): Promise<void> {
    await this.askForPlace("KMS: Deploy Key Stack…");
    await this.giveName(name);
  }

  async askForPlace(command: string): Promise<void> {
    const { quickInput } = this.window();
    await this.window().runCommand(command);
    await quickInput.choose("admin");
    await quickInput.choose("us-east-2");
  }

  async giveName(name: string): Promise<void> {
    const { quickInput } = this.window();
    await quickInput.waitForTitle(/Name$/);
    await quickInput.fill(name);
    await quickInput.accept();
  }

  /** All of it, with what is proposed, as far as CloudFormation begins. */
  async deploy(): Promise<void> {
    await this.askToDeploy();
    await this.window().quickInput.choose("Show What Changes…");
    await this.window().dialog.click("Create Stack");
  }

  /** In the list of parameters; leaves the box open. */
  async setText(label: string, value: string): Promise<void> {
    const { quickInput } = this.window();
    await quickInput.choose(label);
    await quickInput.waitForTitle(new RegExp(`: ${label}$`));
    await quickInput.fill(value);
  }

  async setChoice(label: string, value: string): Promise<void> {
    const { quickInput } = this.window();
    await quickInput.choose(label);
    await quickInput.choose(value);
  }

  /** Presses cancel of the notification with this title. */
  async cancel(title: string): Promise<void> {
    await (await this.window().toast(title)).click("Cancel");
  }

  /** What the clipboard holds, as one line. */
  async pasted(): Promise<string> {
    const { editor } = this.window();
    await this.window().runCommand("File: New Untitled Text File");
    await editor.press(`${editor.modifier}+v`);
    const text = await editor.waitForText((found) => found.trim() !== "");
    await this.window().runCommand("View: Revert and Close Editor");
    return text.trim();
  }

  workspaceSettings(folder: string): unknown {
    return JSON.parse(readFileSync(join(folder, ".vscode/settings.json"), "utf8"));
  }
}
