/** Shows a failure in words, with the buttons that do the next thing. */
import * as vscode from "vscode";
import {
  actionTitles,
  explainFailure,
  type Action,
  type Circumstances,
  type Description,
} from "../core/describeFailure";
import { toKmsSelectionError, type KmsSelectionError } from "../core/errors";
import { policyStatement } from "../core/policyStatement";
import type { App } from "./app";
import { chooseKey } from "./commands/chooseKey";
import { chooseProfile } from "./commands/chooseProfile";
import { openSettings } from "./commands/openSettings";
import { leaveSandbox, trySandbox } from "./commands/sandbox";
import { switchIdentity } from "./commands/switchIdentity";
import { escapeLinks } from "./labels";

type Retry = (options?: { readonly letKmsFindKey: boolean }) => Promise<void>;

export async function offerActions(
  app: App,
  error: KmsSelectionError,
  { message, actions }: Description,
  circumstances: Circumstances,
  retry: Retry,
): Promise<void> {
  const items = actions.map((action) => ({ title: actionTitles[action], action }));
  const chosen = await vscode.window.showErrorMessage(escapeLinks(message), ...items);
  if (chosen) await reportingFailure(app, () => act(chosen.action, app, error, circumstances, retry));
}

/** Runs what is no operation on text, a picker for example, and tells in words why it failed. */
export async function reportingFailure({ log }: App, work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    const error = toKmsSelectionError(thrown);
    if (error.failure.code === "cancelled") return;
    log.error(`failed: ${[error.failure.code, error.source?.name].filter(Boolean).join(", ")}`);
    const button = actionTitles["open-settings"];
    const chosen = await vscode.window.showErrorMessage(escapeLinks(explainFailure(error)), button);
    if (chosen === button) await openSettings();
  }
}

async function act(
  action: Action,
  app: App,
  error: KmsSelectionError,
  circumstances: Circumstances,
  retry: Retry,
): Promise<void> {
  switch (action) {
    case "choose-key":
      if (await chooseKey(app)) await retry();
      return;
    case "choose-profile":
      if (await chooseProfile(app)) await retry();
      return;
    case "switch-identity":
      if (await switchIdentity(app)) await retry();
      return;
    case "try-sandbox":
      await trySandbox(app);
      return retry();
    case "leave-sandbox":
      await leaveSandbox(app);
      return retry();
    case "find-key":
      return retry({ letKmsFindKey: true });
    case "retry":
      return retry();
    // Comes with the question that `signingIn` asks; what is run again asks it.
    case "sign-in":
    case "install-aws-cli":
      return retry();
    case "create-key":
      // As a command: what deploys reports its failures here.
      return vscode.commands.executeCommand("kmsSelection.deployKeyStack");
    case "open-settings":
      return openSettings();
    case "open-config-file":
      return openConfigFile(error);
    case "copy-policy-statement":
      return copyPolicyStatement(error, circumstances);
    case "show-log":
      app.log.show();
      return;
  }
}

async function openConfigFile({ failure }: KmsSelectionError): Promise<void> {
  const { sharedConfigFiles } = await import("../aws/connection");
  const malformed = failure.code === "config-file-malformed" ? failure.malformed : undefined;
  const unreadable = failure.code === "config-file-unreadable" ? failure.file : undefined;
  const uri = vscode.Uri.file(malformed?.file ?? unreadable ?? sharedConfigFiles().configFile);
  const exists = await vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
  const editor = await vscode.window.showTextDocument(exists ? uri : uri.with({ scheme: "untitled" }));
  if (malformed) {
    const { range } = editor.document.lineAt(malformed.line - 1);
    editor.selection = new vscode.Selection(range.start, range.end);
    editor.revealRange(range);
  }
}

async function copyPolicyStatement(
  { failure }: KmsSelectionError,
  { context }: Circumstances,
): Promise<void> {
  if (failure.code !== "access-denied" || failure.action === undefined) return;
  await vscode.env.clipboard.writeText(policyStatement(failure.action, failure.resource, context ?? {}));
  void vscode.window.showInformationMessage(
    "A policy statement that allows this request is on the clipboard.",
  );
}
