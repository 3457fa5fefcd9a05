/** A quick pick that also takes what is typed: a list can be incomplete, or not permitted to be seen. */
import * as vscode from "vscode";
import { explainFailure } from "../core/describeFailure";
import { toKmsSelectionError } from "../core/errors";
import { escapeIcons } from "./labels";

export interface Offered {
  readonly value: string;
  /** Shown in place of the value. */
  readonly label?: string;
  readonly description?: string;
  /** Why it cannot be chosen: it is shown apart, with the reason. */
  readonly unusable?: string | undefined;
}

export interface PickOptions {
  readonly title: string;
  readonly placeholder: string;
  /** Each list takes the place of the one before; a failure to list is shown after it. */
  readonly offered: AsyncIterable<readonly Offered[]> | Iterable<readonly Offered[]>;
  /** Values chosen before, the last one first; those that are offered come before all others. */
  readonly recent?: readonly string[];
  /** Why a typed text cannot be taken; `undefined` when it can. */
  readonly validate: (text: string) => string | undefined;
}

interface Item extends vscode.QuickPickItem {
  /** What it stands for, also where that cannot be chosen. */
  readonly name?: string;
  readonly value?: string;
}

/** `undefined`: dismissed. */
export async function pickOrType({
  title,
  placeholder,
  offered,
  recent = [],
  validate,
}: PickOptions): Promise<string | undefined> {
  const pick = vscode.window.createQuickPick<Item>();
  pick.title = title;
  pick.placeholder = placeholder;
  pick.matchOnDescription = true;
  // People copy ARNs from other windows.
  pick.ignoreFocusOut = true;
  pick.busy = true;
  let items: readonly Item[] = [];
  const show = (): void => {
    const typed = pick.value.trim();
    // Also one that cannot be chosen: the list says why.
    const isListed = items.some(({ name }) => name === typed);
    if (typed === "" || isListed) pick.items = items;
    else {
      const reason = validate(typed);
      // What can be taken comes first, so that Enter takes what was typed and not a longer name.
      pick.items =
        reason === undefined ? [typedItem(typed), ...items] : [...items, refusedItem(typed, reason)];
    }
  };
  const list = async (): Promise<void> => {
    try {
      for await (const all of offered) {
        items = listItems(all, recent);
        const active = pick.activeItems[0]?.value;
        show();
        // A longer list must not take away what the next Enter is meant for.
        const same = pick.items.find(({ value }) => value !== undefined && value === active);
        if (same) pick.activeItems = [same];
      }
    } catch (error) {
      items = [...items, failureItem(error)];
      show();
    } finally {
      pick.busy = false;
    }
  };
  void list();
  try {
    return await new Promise((resolve) => {
      pick.onDidChangeValue(show);
      pick.onDidAccept(() => {
        const value = pick.selectedItems[0]?.value;
        // What stands for no value stays, with its reason.
        if (value !== undefined) resolve(value);
      });
      pick.onDidHide(() => {
        resolve(undefined);
      });
      pick.show();
    });
  } finally {
    pick.dispose();
  }
}

function listItems(offered: readonly Offered[], recent: readonly string[]): Item[] {
  const usable = offered.filter(({ unusable }) => unusable === undefined);
  const first = recent.flatMap((name) => usable.find(({ value }) => value === name) ?? []);
  const others = usable.filter((each) => !first.includes(each));
  const unusable = offered.flatMap((each) =>
    each.unusable === undefined ? [] : { ...listItem(each), detail: escapeIcons(each.unusable) },
  );
  return [
    ...group("recent", first.map(usableItem)),
    ...(first.length > 0 ? group("others", others.map(usableItem)) : others.map(usableItem)),
    ...group("cannot be used", unusable),
  ];
}

function group(label: string, items: readonly Item[]): Item[] {
  return items.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...items];
}

const usableItem = (offered: Offered): Item => ({ ...listItem(offered), value: offered.value });

function listItem({ value, label, description, unusable }: Offered): Item {
  return {
    name: value,
    label: label ?? escapeIcons(value),
    ...(description && { description: escapeIcons(description) }),
    ...(unusable !== undefined && { iconPath: new vscode.ThemeIcon("circle-slash") }),
  };
}

function failureItem(error: unknown): Item {
  return {
    label: "$(warning) The list is not available; type a name",
    detail: escapeIcons(explainFailure(toKmsSelectionError(error))),
  };
}

function typedItem(typed: string): Item {
  return {
    value: typed,
    iconPath: new vscode.ThemeIcon("edit"),
    label: `Use ${escapeIcons(typed)}`,
    alwaysShow: true,
  };
}

function refusedItem(typed: string, reason: string): Item {
  return {
    iconPath: new vscode.ThemeIcon("circle-slash"),
    label: escapeIcons(typed),
    detail: escapeIcons(reason),
    alwaysShow: true,
  };
}
