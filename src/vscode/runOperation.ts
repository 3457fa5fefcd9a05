/** Runs an operation on the selections of the active editor, and reports how it ended: the only place that does. */
import * as vscode from "vscode";
import { describeFailure, type Circumstances } from "../core/describeFailure";
import type { EncryptionContext } from "../core/encryptionContext";
import { KmsSelectionError, toKmsSelectionError, type Operation } from "../core/errors";
import type { Source } from "../core/kms";
import type { Ciphers } from "../core/messages";
import type { Settings } from "../core/settings";
import type { Target } from "../core/target";
import type { Token } from "../core/tokens";
import { refuseSandboxTokens, type Part } from "../core/transform";
import type { App } from "./app";
import { confirmCaller, findCaller } from "./confirmCaller";
import { keyIdOf, profileFor, type Connected } from "./connections";
import { contextFor, contextForFile, inForce } from "./inForce";
import { lookAtKey } from "./lookAtKey";
import { cancellable } from "./progress";
import { requireWritable } from "./replaceParts";
import { offerActions } from "./offerActions";
import { logLine } from "./operationLog";
import { signingIn } from "./signIn";
import { confirmWorkspaceTarget } from "./trustOnFirstUse";

/** What an operation works with. */
export interface Run {
  readonly editor: vscode.TextEditor;
  readonly settings: Settings;
  readonly target: Target;
  /**
   * Where a request goes, asked for when all that needs no request has been checked. The document has to be writable,
   * unless nothing is going to be written.
   */
  readonly prepare: (options?: PrepareOptions) => Promise<Prepared>;
}

export interface PrepareOptions {
  readonly writes?: boolean;
  readonly journey?: Journey;
  /** What is to be opened. Those of the sandbox are refused to AWS before anybody is asked to sign in. */
  readonly tokens?: readonly Part<Token>[];
}

/** Where a re-encryption comes from and goes to, in place of what is in force. */
export interface Journey {
  readonly from: Source & { readonly identity: string };
  readonly to: Target;
}

export interface Prepared {
  readonly ciphers: Ciphers;
  readonly kms: Connected["kms"];
  /** `undefined`: the sandbox. */
  readonly region: string | undefined;
  /** AWS's own endpoint, neither the sandbox nor a custom endpoint. */
  readonly isAws: boolean;
  readonly keyId: string;
  readonly context: EncryptionContext;
  /** Waits for KMS, with the spinner, and with a cancel button when it lasts. */
  readonly request: <Result>(
    title: string,
    task: (signal: AbortSignal) => Promise<Result>,
  ) => Promise<Result>;
}

/** How an operation went, in numbers alone: for the status bar and the log. */
export interface Outcome {
  /** "3 selections encrypted" */
  readonly summary: string;
  /** Of all texts, or all ciphertexts, that were worked on. */
  readonly bytes: number;
}

/** As a button of a failure may ask. */
export interface AgainOptions {
  readonly letKmsFindKey: boolean;
}

/** How an operation ended, for a command that goes on afterwards. */
export type Ending = "done" | "cancelled" | { readonly message: string };

/** `again` runs the same command once more, as a button of its own failure may ask. */
export async function runOperation(
  app: App,
  operation: Operation,
  work: (run: Run) => Promise<Outcome>,
  again: (options?: AgainOptions) => Promise<void>,
): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const selected = snapshot(editor);
  await attempt(app, operation, work, editor, async (options) => {
    // A button may be pressed much later; it must not act on another selection than the one that failed.
    if (snapshot(vscode.window.activeTextEditor) === selected) await again(options);
    else
      void vscode.window.showInformationMessage(
        "The selection is another one now. Select the text and run the command again.",
      );
  });
}

/** Runs an operation on an editor, whatever is selected in it. */
export async function attempt(
  app: App,
  operation: Operation,
  work: (run: Run) => Promise<Outcome>,
  editor: vscode.TextEditor | undefined,
  again: (options?: AgainOptions) => Promise<void>,
): Promise<Ending> {
  return report(app, operation, again, async (know, connect) => {
    if (!editor) throw new KmsSelectionError({ code: "no-editor" });
    const { document } = editor;
    const { settings, target } = inForce(app.choices, document);
    know(target);
    const prepare: Run["prepare"] = async ({ writes = true, journey = { to: target }, tokens = [] } = {}) => {
      const way = { ...journey, context: contextFor(journey.to, document), tokens };
      return connect(way, async () => {
        if (writes) await requireWritable(document);
      });
    };
    return work({ editor, settings, target, prepare });
  });
}

/** An operation on more than an editor. `file`: one of those that it is about. */
export async function runOnWorkspace(
  app: App,
  operation: Operation,
  work: (prepare: (journey: Journey, file: vscode.Uri) => Promise<Prepared>) => Promise<Outcome>,
  again: (options?: AgainOptions) => Promise<void>,
): Promise<Ending> {
  return report(app, operation, again, (_, connect) =>
    work((journey, file) => connect({ ...journey, context: contextForFile(journey.to, file) })),
  );
}

interface Way {
  readonly from?: Journey["from"];
  readonly to: Target;
  readonly context: EncryptionContext;
  readonly tokens?: readonly Part<Token>[];
}

async function report(
  app: App,
  operation: Operation,
  again: (options?: AgainOptions) => Promise<void>,
  work: (
    know: (target: Target) => void,
    connect: (way: Way, check?: () => Promise<void>) => Promise<Prepared>,
  ) => Promise<Outcome>,
): Promise<Ending> {
  const started = performance.now();
  const circumstances: { -readonly [Name in keyof Circumstances]: Circumstances[Name] } = { operation };
  const requestIds: string[] = [];
  let kms: Connected["kms"] | undefined;
  let used: Target | undefined;
  const know = (target: Target): void => {
    circumstances.sandbox = target.sandbox;
    circumstances.identity = target.identity.value;
    circumstances.profile = profileFor(target, operation) ?? process.env.AWS_PROFILE;
    circumstances.region = target.region?.value;
  };
  try {
    const connect = async (
      { from, to: target, context, tokens = [] }: Way,
      check?: () => Promise<void>,
    ): Promise<Prepared> => {
      know(target);
      const keyId = keyIdOf(target);
      if (from) circumstances.identity = from.identity;
      circumstances.keyId = from?.keyId ?? keyId;
      circumstances.context = from?.context ?? context;
      if (from) circumstances.destination = { keyId, context };
      await check?.();
      const connected = await app.connections.connect(target, operation, keyId, (id) => requestIds.push(id));
      const { connection } = connected;
      circumstances.region = connection?.region;
      const isAws = connection !== undefined && !connection.endpoint;
      if (isAws) refuseSandboxTokens(tokens);
      // One for the operation: its messages share what they ask KMS for.
      let messages: ReturnType<Ciphers["messages"]> | undefined;
      const signedIn = <Result>(wait: () => Promise<Result>): Promise<Result> =>
        signingIn(app, connected, circumstances, () => {
          // Nor do they share what failed.
          messages = undefined;
          return app.statusBar.during(wait);
        });
      const request: Prepared["request"] = (title, task) => signedIn(() => cancellable(title, task));
      await signedIn(() => app.connections.authenticate(connected));
      const caller = operation === "encrypt" ? findCaller(app, target, connected) : undefined;
      await confirmWorkspaceTarget(app.workspaceState, { ...connected, target, keyId, context }, (task) =>
        request("Looking up the workspace's key…", task),
      );
      await confirmCaller(app, target, await caller);
      kms = connected.kms;
      used = target;
      const ciphers: Ciphers = { kms, messages: () => (messages ??= connected.messages()) };
      return { ciphers, kms, region: connection?.region, isAws, keyId, context, request };
    };
    const { summary, bytes } = await work(know, connect);
    app.statusBar.setFailure(undefined);
    if (used) app.decryptDenials.learn(operation, used);
    if (kms && used) void lookAtKey(app, used, kms, undefined);
    vscode.window.setStatusBarMessage(`$(check) KMS: ${summary}`, 4000);
    app.log.info(logLine(operation, `${summary}; ${bytes} bytes`, circumstances, requestIds, started));
    return "done";
  } catch (thrown) {
    const error = await withDeletionDate(toKmsSelectionError(thrown), kms, circumstances.keyId);
    if (used) app.decryptDenials.learn(operation, used, error);
    const description = describeFailure(error, circumstances);
    const { code } = error.failure;
    const { name, httpStatus, requestId } = error.source ?? {};
    const outcome = [
      `failed: ${code}`,
      name,
      httpStatus && `HTTP ${httpStatus}`,
      requestId && `request ${requestId}`,
    ];
    const line = logLine(operation, outcome.filter(Boolean).join(", "), circumstances, requestIds, started);
    if (!description) {
      app.log.info(line);
      return "cancelled";
    }
    app.log.error(line);
    app.statusBar.setFailure(description.message);
    if (kms && used) void lookAtKey(app, used, kms, code);
    // Not awaited: the command is over, and its message may stay for as long as the person likes.
    void offerActions(app, error, description, circumstances, again);
    return { message: description.message };
  }
}

/** Milliseconds. The message is worth more than the date in it. */
const DESCRIBE_TIMEOUT = 3000;

/** KMS leaves the date out of its refusal; it is added where the key may be looked at. */
async function withDeletionDate(
  error: KmsSelectionError,
  kms: Connected["kms"] | undefined,
  keyId: string | undefined,
): Promise<KmsSelectionError> {
  if (error.failure.code !== "key-pending-deletion" || !kms || !keyId) return error;
  const { DeletionDate } = await kms
    .describeKey(keyId, AbortSignal.timeout(DESCRIBE_TIMEOUT))
    .catch((): { DeletionDate?: Date } => ({}));
  if (!DeletionDate) return error;
  const { cause, source, selection } = error;
  return new KmsSelectionError(
    { ...error.failure, deletionDate: DeletionDate },
    { cause, source, selection },
  );
}

function snapshot(editor: vscode.TextEditor | undefined): string {
  return JSON.stringify(
    editor && [editor.document.uri.toString(), editor.document.version, editor.selections],
  );
}
