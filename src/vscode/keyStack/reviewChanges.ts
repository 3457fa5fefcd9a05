/** Shows what a change set will do, and asks. */
import * as vscode from "vscode";
import type { Place } from "../../core/shellCommands";
import { describeChanges, type StackChange } from "../../core/stackChanges";

/** `false`: not agreed. */
export async function reviewChanges(
  type: "CREATE" | "UPDATE",
  stack: { readonly id: string; readonly name: string },
  { profile, region }: Place,
  changes: readonly StackChange[],
): Promise<boolean> {
  const [verb, button] = type === "CREATE" ? ["Create", "Create Stack"] : ["Update", "Update Stack"];
  const account = stack.id.split(":")[4] ?? "not known";
  const answer = await vscode.window.showWarningMessage(
    `${verb} the stack ${stack.name} in ${region}?`,
    {
      modal: true,
      detail: [
        `Account ${account}, ${profile === "" ? "no profile" : `profile ${profile}`}`,
        "",
        ...describeChanges(changes),
      ].join("\n"),
    },
    button,
  );
  return answer === button;
}
