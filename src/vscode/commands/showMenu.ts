/** The menu behind the status-bar indicator: identities first, then all else. */
import * as vscode from "vscode";
import { chooseIdentity, offeredIdentities } from "../../core/target";
import type { App } from "../app";
import { inForce, type InForce } from "../inForce";
import { escapeIcons } from "../labels";
import { chooseKey } from "./chooseKey";
import { chooseProfile } from "./chooseProfile";
import { chooseRegion } from "./chooseRegion";
import { deployKeyStack } from "./deployKeyStack";
import { openSettings } from "./openSettings";
import { leaveSandbox, trySandbox } from "./sandbox";
import { switchIdentity } from "./switchIdentity";
import { testKeyAccess } from "./testKeyAccess";
import { useExistingStack } from "./useExistingStack";

interface Item extends vscode.QuickPickItem {
  readonly run?: () => unknown;
}

export async function showMenu(app: App): Promise<void> {
  const items = menuItems(app, currentlyInForce(app));
  const item = await vscode.window.showQuickPick<Item>(items, { title: "KMS Selection" });
  await item?.run?.();
}

/** `undefined`: a setting is not valid; the menu is then the way to the settings. */
function currentlyInForce(app: App): InForce | undefined {
  try {
    return inForce(app.choices, vscode.window.activeTextEditor?.document);
  } catch {
    return undefined;
  }
}

function menuItems(app: App, now: InForce | undefined): Item[] {
  const key: Item = {
    iconPath: new vscode.ThemeIcon("key"),
    label: "Choose Key…",
    run: () => chooseKey(app),
  };
  const profile: Item = {
    iconPath: new vscode.ThemeIcon("account"),
    label: "Choose Profile…",
    run: () => chooseProfile(app),
  };
  const region: Item = {
    iconPath: new vscode.ThemeIcon("globe"),
    label: "Choose Region…",
    run: () => chooseRegion(app),
  };
  const test: Item = {
    iconPath: new vscode.ThemeIcon("checklist"),
    label: "Test Key Access",
    description: "what this identity may do",
    run: () => testKeyAccess(app),
  };
  const enter: Item = {
    iconPath: new vscode.ThemeIcon("beaker"),
    label: "Try in Sandbox",
    description: "a local key, no AWS account needed",
    run: () => trySandbox(app),
  };
  const leave: Item = {
    iconPath: new vscode.ThemeIcon("sign-out"),
    label: "Leave Sandbox",
    run: () => leaveSandbox(app),
  };
  const stacks: Item[] = [
    {
      iconPath: new vscode.ThemeIcon("add"),
      label: "Deploy Key Stack…",
      description: "creates a key, or updates its stack",
      run: () => deployKeyStack(app),
    },
    {
      iconPath: new vscode.ThemeIcon("layers"),
      label: "Use Existing Stack…",
      description: "takes the key of a stack",
      run: () => useExistingStack(app),
    },
  ];
  const settings: Item = {
    iconPath: new vscode.ThemeIcon("gear"),
    label: "Open Settings",
    run: openSettings,
  };
  const forget: Item = {
    iconPath: new vscode.ThemeIcon("discard"),
    label: "Use Settings",
    description: "forget what was chosen here",
    run: () => app.choices.set({}),
  };
  const log: Item = {
    iconPath: new vscode.ThemeIcon("output"),
    label: "Show Log",
    run: () => {
      app.log.show();
    },
  };
  const hasChoices = Object.keys(app.choices.get()).length > 0;
  const last = [...(hasChoices ? [forget] : []), settings, log];
  if (!now) return last;
  if (!now.target.key) return [key, enter, ...stacks, separator("More"), profile, region, ...last];
  return [
    ...identityItems(app, now),
    separator("Change"),
    key,
    profile,
    region,
    ...(now.target.sandbox ? [leave] : [enter]),
    separator("More"),
    test,
    ...stacks,
    ...last,
  ];
}

function separator(label: string): Item {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

function identityItems(app: App, { settings, target }: InForce): Item[] {
  const current = target.identity.value;
  const names = new Set([...offeredIdentities(settings, target.sandbox), current]);
  const items = [...names].map((identity): Item => {
    return {
      iconPath: new vscode.ThemeIcon(identity === current ? "check" : "person"),
      label: escapeIcons(identity),
      ...(identity === current && { description: "current identity" }),
      run: () => app.choices.set(chooseIdentity(app.choices.get(), identity, settings)),
    };
  });
  return [
    separator("Identity"),
    ...items,
    { iconPath: new vscode.ThemeIcon("edit"), label: "Another Identity…", run: () => switchIdentity(app) },
  ];
}
