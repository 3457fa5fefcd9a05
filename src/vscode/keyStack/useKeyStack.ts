/** Takes a stack's outputs over: as choices of the status bar, or into the workspace's settings. */
import * as vscode from "vscode";
import type { EncryptionContext } from "../../core/encryptionContext";
import type { KeyStack } from "../../core/keyStack";
import type { Settings } from "../../core/settings";
import { DECRYPT_PROFILE, ENCRYPT_PROFILE, profileCommands, type Place } from "../../core/shellCommands";
import { chooseIdentity } from "../../core/target";
import { neededContext, withUsers, type UserProfiles } from "../../core/useKeyStack";
import type { App } from "../app";
import { pickProfile } from "../commands/chooseProfile";
import { inForce } from "../inForce";
import { escapeLinks } from "../labels";
import { reportingFailure } from "../offerActions";

/** Not awaited by its callers: the message may stay for as long as the person likes. */
export async function offerKeyStack(app: App, message: string, stack: KeyStack, place: Place): Promise<void> {
  const commands = profileCommands(stack, place);
  const buttons = ["Use This Key…", ...(commands === undefined ? [] : ["Copy Profile Commands"])];
  const answer = await vscode.window.showInformationMessage(escapeLinks(message), ...buttons);
  if (answer === "Use This Key…") await reportingFailure(app, () => useKeyStack(app, stack));
  if (answer !== "Copy Profile Commands" || commands === undefined) return;
  await vscode.env.clipboard.writeText(commands);
  const copied =
    "The commands are on the clipboard, for a POSIX shell (sh, bash, zsh). They show each access key and ask for it, to store it as a profile.";
  await offerKeyStack(app, copied, { ...stack, users: withoutSecrets(stack) }, place);
}

/** They have been copied; what is left is to use the key. */
function withoutSecrets({ users }: KeyStack): KeyStack["users"] {
  if (!users) return undefined;
  return {
    encryptor: { ...users.encryptor, secretArn: undefined },
    decryptor: { ...users.decryptor, secretArn: undefined },
  };
}

type Where = "choice" | "settings";

/** Nothing is changed before all is answered. */
export async function useKeyStack(app: App, stack: KeyStack): Promise<void> {
  const where = await askWhere(stack);
  if (!where) return;
  const profiles = stack.users && (await askForProfiles(app, stack.users));
  if (profiles) await addIdentities(stack, profiles);
  if (where === "settings") await writeSettings(app, stack);
  else await choose(app, stack);
  const identity = stack.users && ` as ${stack.users.encryptor.identity}`;
  const place = where === "settings" ? "the workspace's settings" : "this workspace, for you";
  void vscode.window.showInformationMessage(
    `${stack.keyAlias} in ${stack.region}${identity ?? ""} is set in ${place}.`,
  );
}

async function askWhere({ keyAlias, region }: KeyStack): Promise<Where | undefined> {
  const items: (vscode.QuickPickItem & { where: Where })[] = [
    {
      label: "In This Workspace, for Me",
      description: "remembered like a choice in the status bar; no file changes",
      where: "choice",
    },
  ];
  if (vscode.workspace.workspaceFolders && vscode.workspace.isTrusted) {
    items.push({
      label: "In the Workspace's Settings, for Everyone",
      description: "keyAlias, region and identity in .vscode/settings.json",
      where: "settings",
    });
  }
  const picked = await vscode.window.showQuickPick(items, {
    title: `Use ${keyAlias} in ${region}`,
    placeHolder: "Choose where it is to be set",
    ignoreFocusOut: true,
  });
  return picked?.where;
}

/** Names of profiles that may be yet to come. Dismissed: that one is left as it is. */
async function askForProfiles(
  app: App,
  { encryptor, decryptor }: NonNullable<KeyStack["users"]>,
): Promise<UserProfiles> {
  const ask = (verb: string, identity: string, suggestion: string): Promise<string | undefined> =>
    pickProfile(app, `Profile That ${verb} as ${identity}`, {
      placeholder: `Choose the profile with the access key of the user who ${verb.toLowerCase()}, or type its name`,
      recent: [suggestion],
      first: [{ value: suggestion, description: "to be made with Copy Profile Commands" }],
    });
  return {
    encrypt: await ask("Encrypts", encryptor.identity, ENCRYPT_PROFILE),
    decrypt: await ask("Decrypts", decryptor.identity, DECRYPT_PROFILE),
  };
}

/** Of this machine, so in the user's settings. */
async function addIdentities(stack: KeyStack, profiles: UserProfiles): Promise<void> {
  const { settings } = inForce({ get: () => ({}) }, undefined);
  const identities = withUsers(settings.identities.value, stack, profiles);
  await configuration().update("identities", identities, vscode.ConfigurationTarget.Global);
}

async function choose(app: App, { keyAlias, region, contextKey, users }: KeyStack): Promise<void> {
  const before = { ...app.choices.get(), sandbox: false };
  const { settings, target } = inForce({ get: () => before }, undefined);
  const identity = users?.encryptor.identity ?? target.identity.value;
  const choices = users ? chooseIdentity(before, identity, settings) : before;
  const stack = { keyAlias, region, contextKey, users };
  const { target: next } = inForce({ get: () => choices }, undefined);
  const context = neededContext(stack, next.contextTemplate.value);
  // The status bar has no choice of a context; the identity has.
  if (context) await setContextOf(identity, context, settings);
  await app.choices.set({ ...choices, keyAlias, region });
}

async function setContextOf(
  identity: string,
  encryptionContext: EncryptionContext,
  settings: Settings,
): Promise<void> {
  const identities = settings.identities.value;
  const entry = { ...(Object.hasOwn(identities, identity) && identities[identity]), encryptionContext };
  await configuration().update(
    "identities",
    { ...identities, [identity]: entry },
    vscode.ConfigurationTarget.Global,
  );
}

async function writeSettings(app: App, stack: KeyStack): Promise<void> {
  const target = vscode.ConfigurationTarget.Workspace;
  const update = (name: string, value: unknown): Thenable<void> =>
    configuration().update(name, value, target);
  await update("keyAlias", stack.keyAlias);
  await update("region", stack.region);
  if (stack.users) await update("identity", stack.users.encryptor.identity);
  // What was chosen would win over them.
  const { identity, profile } = app.choices.get();
  const kept = stack.users ? {} : { ...(identity && { identity }), ...(profile && { profile }) };
  await app.choices.set({ ...kept, sandbox: false });
  const { settings, target: next } = inForce(app.choices, undefined);
  const context = neededContext(stack, next.contextTemplate.value);
  if (!context) return;
  // An identity's own context wins over the workspace's.
  if (next.contextTemplate.origin === "identity") await setContextOf(next.identity.value, context, settings);
  else await update("encryptionContext", context);
}

/** Of the workspace's first folder, as for commands without a document. */
function configuration(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration(
    "kmsSelection",
    vscode.workspace.workspaceFolders?.[0]?.uri ?? null,
  );
}
