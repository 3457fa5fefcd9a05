/** A quick pick that also takes what is typed: a list can be incomplete, or not permitted to be seen. */
import * as vscode from "vscode";
import { explainFailure } from "../core/describeFailure";
import { toKmsSelectionError } from "../core/errors";
import { escapeIcons } from "./labels";

export interface Offered {
  readonly value: string;
  readonly description?: string;
}

export interface PickOptions {
  readonly title: string;
  readonly placeholder: string;
  /** Offered at once, or as soon as they are there; a failure to list is shown in the list. */
  readonly offered: Promise<readonly Offered[]>;
  /** Why a typed text cannot be taken; `undefined` when it can. */
  readonly validate: (text: string) => string | undefined;
}

interface Item extends vscode.QuickPickItem {
  readonly value?: string;
}

/** `undefined`: dismissed. */
export async function pickOrType({
  title,
  placeholder,
  offered,
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
    const isListed = items.some(({ value }) => value === typed);
    if (typed === "" || isListed) pick.items = items;
    else {
      const reason = validate(typed);
      // What can be taken comes first, so that Enter takes what was typed and not a longer name.
      pick.items =
        reason === undefined ? [typedItem(typed), ...items] : [...items, refusedItem(typed, reason)];
    }
  };
  void offered
    .then(
      (all) =>
        all.map(({ value, description }) => ({
          value,
          label: escapeIcons(value),
          ...(description && { description: escapeIcons(description) }),
        })),
      (error: unknown): Item[] => [
        {
          label: "$(warning) The list is not available; type a name",
          detail: escapeIcons(explainFailure(toKmsSelectionError(error))),
        },
      ],
    )
    .then((all) => {
      items = all;
      pick.busy = false;
      show();
    });
  try {
    return await new Promise((resolve) => {
      pick.onDidChangeValue(show);
      pick.onDidAccept(() => {
        const value = pick.selectedItems[0]?.value;
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
