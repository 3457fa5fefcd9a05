/** Says how many tokens were opened, and whose the others are: "37 decrypted, 2 belong to identity=bob." */
import * as vscode from "vscode";
import type { Unreadable } from "../core/transform";

/** `done`: "37 decrypted". */
export function tellUnreadable(done: string, unreadable: readonly Unreadable[], damaged = 0): void {
  const owners = new Map<string, number>();
  let others = 0;
  for (const { unreadable: failure } of unreadable) {
    if (failure.code !== "message-of-another-context" || failure.difference.actual === undefined) {
      others++;
      continue;
    }
    const owner = `${failure.difference.name}=${failure.difference.actual}`;
    owners.set(owner, (owners.get(owner) ?? 0) + 1);
  }
  const belong = [...owners].map(([owner, n]) => `${n} ${n === 1 ? "belongs" : "belong"} to ${owner}`);
  const parts = [
    done,
    ...belong,
    ...(others > 0 ? [`${others} not readable as you are now`] : []),
    ...(damaged > 0 ? [`${damaged} damaged`] : []),
  ];
  const message = `${parts.join(", ")}.`;
  if (parts.length === 1) void vscode.window.showInformationMessage(message);
  else void vscode.window.showWarningMessage(message);
}
