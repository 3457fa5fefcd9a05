/** The parameters of the key template in a list: what each is, and its value, to be changed or left as it is. */
import * as vscode from "vscode";
import { initialValues, type ParameterValues, type TemplateParameter } from "../../core/keyTemplate";
import { escapeIcons } from "../labels";

export interface Answer {
  /** What is to be done with the values. */
  readonly next: "deploy" | "copy-command";
  readonly values: ParameterValues;
}

interface Item extends vscode.QuickPickItem {
  readonly next?: Answer["next"];
  readonly parameter?: TemplateParameter;
}

/** `current`: the values of the stack that is there. `undefined`: dismissed. */
export async function askForParameters(
  title: string,
  parameters: readonly TemplateParameter[],
  current: ParameterValues,
): Promise<Answer | undefined> {
  let values = initialValues(parameters, current);
  for (;;) {
    const picked = await vscode.window.showQuickPick(itemsOf(parameters, values), {
      title,
      placeHolder: "Go on with these parameters, or choose one to change it",
      matchOnDescription: true,
      ignoreFocusOut: true,
    });
    if (!picked) return undefined;
    // One that a stack has may not be allowed any more.
    const invalid = parameters.find(({ name, check }) => check(values[name] ?? "") !== undefined);
    const parameter = picked.parameter ?? invalid;
    if (!parameter) return picked.next && { next: picked.next, values };
    const value = await askForValue(title, parameter, values[parameter.name] ?? "");
    if (value !== undefined) values = { ...values, [parameter.name]: value };
  }
}

function itemsOf(parameters: readonly TemplateParameter[], values: ParameterValues): Item[] {
  const groups = [...new Set(parameters.map(({ group }) => group))];
  return [
    {
      label: "Show What Changes…",
      description: "nothing is done before you agree",
      iconPath: new vscode.ThemeIcon("arrow-right"),
      next: "deploy",
    },
    {
      label: "Copy AWS CLI Command",
      description: "aws cloudformation deploy …",
      iconPath: new vscode.ThemeIcon("copy"),
      next: "copy-command",
    },
    ...groups.flatMap((group) => [
      { label: group, kind: vscode.QuickPickItemKind.Separator },
      ...parameters
        .filter((each) => each.group === group)
        .map((each) => itemOf(each, values[each.name] ?? "")),
    ]),
  ];
}

function itemOf(parameter: TemplateParameter, value: string): Item {
  const reason = parameter.check(value);
  return {
    label: parameter.label,
    description: value === "" ? "none" : escapeIcons(value),
    detail: reason === undefined ? parameter.description : `$(warning) ${reason}`,
    parameter,
  };
}

/** `undefined`: dismissed; the value stays. */
async function askForValue(
  title: string,
  { label, description, allowedValues, check }: TemplateParameter,
  value: string,
): Promise<string | undefined> {
  if (!allowedValues) {
    return vscode.window.showInputBox({
      title: `${title}: ${label}`,
      prompt: description,
      value,
      ignoreFocusOut: true,
      validateInput: check,
    });
  }
  const items = allowedValues.map((each) => ({ label: each, ...(each === value && { description: "now" }) }));
  const picked = await vscode.window.showQuickPick(items, {
    title: `${title}: ${label}`,
    placeHolder: description,
    ignoreFocusOut: true,
  });
  return picked?.label;
}
