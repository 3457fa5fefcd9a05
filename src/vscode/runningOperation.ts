/** What an operation does before its first request and after its last: the only place that connects and reports. */
import * as vscode from "vscode";
import { describeFailure, type Circumstances } from "../core/describeFailure";
import type { EncryptionContext } from "../core/encryptionContext";
import { KmsSelectionError, toKmsSelectionError, type Operation } from "../core/errors";
import type { Source } from "../core/kms";
import type { Ciphers } from "../core/messages";
import type { Target } from "../core/target";
import type { Token } from "../core/tokens";
import { refuseSandboxTokens, type Part } from "../core/transform";
import type { App } from "./app";
import { confirmCaller, findCaller } from "./confirmCaller";
import { keyIdOf, profileFor, type Connected } from "./connections";
import { lookAtKey } from "./lookAtKey";
import { offerActions } from "./offerActions";
import { logLine } from "./operationLog";
import { cancellable } from "./progress";
import { signingIn } from "./signIn";
import { confirmWorkspaceTarget } from "./trustOnFirstUse";

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

/** Where requests go. */
export interface Way {
  readonly from?: Journey["from"];
  readonly to: Target;
  readonly context: EncryptionContext;
  readonly tokens?: readonly Part<Token>[];
}

/** An operation from its command to its end. What it learns on the way is for the message and the log. */
export class RunningOperation {
  private readonly app: App;
  private readonly operation: Operation;
  private readonly started = performance.now();
  private readonly requestIds: string[] = [];
  private readonly circumstances: { -readonly [Name in keyof Circumstances]: Circumstances[Name] };
  /** What was asked last, once nobody has to be asked for leave any more. */
  private used: { readonly kms: Connected["kms"]; readonly target: Target } | undefined;

  constructor(app: App, operation: Operation) {
    this.app = app;
    this.operation = operation;
    this.circumstances = { operation };
  }

  know(target: Target): void {
    this.circumstances.sandbox = target.sandbox;
    this.circumstances.identity = target.identity.value;
    this.circumstances.profile = profileFor(target, this.operation) ?? process.env.AWS_PROFILE;
    this.circumstances.region = target.region?.value;
  }

  /** `check` comes before anything that takes time. */
  async connect(
    { from, to: target, context, tokens = [] }: Way,
    check?: () => Promise<void>,
  ): Promise<Prepared> {
    const { app, operation, circumstances } = this;
    this.know(target);
    const keyId = keyIdOf(target);
    if (from) circumstances.identity = from.identity;
    circumstances.keyId = from?.keyId ?? keyId;
    circumstances.context = from?.context ?? context;
    if (from) circumstances.destination = { keyId, context };
    await check?.();
    const connected = await app.connections.connect(target, operation, keyId, (id) =>
      this.requestIds.push(id),
    );
    const { kms, connection } = connected;
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
    this.used = { kms, target };
    const ciphers: Ciphers = { kms, messages: () => (messages ??= connected.messages()) };
    return { ciphers, kms, region: connection?.region, isAws, keyId, context, request };
  }

  succeeded({ summary, bytes }: Outcome): Ending {
    const { app, used } = this;
    app.statusBar.setFailure(undefined);
    if (used) {
      app.decryptDenials.learn(this.operation, used.target);
      void lookAtKey(app, used.target, used.kms, undefined);
    }
    vscode.window.setStatusBarMessage(`$(check) KMS: ${summary}`, 4000);
    app.log.info(this.logLine(`${summary}; ${bytes} bytes`));
    return "done";
  }

  /** `again` is for the buttons of the message. */
  async failed(thrown: unknown, again: (options?: AgainOptions) => Promise<void>): Promise<Ending> {
    const { app, used, circumstances } = this;
    const error = await withDeletionDate(toKmsSelectionError(thrown), used?.kms, circumstances.keyId);
    if (used) app.decryptDenials.learn(this.operation, used.target, error);
    const description = describeFailure(error, circumstances);
    const { code } = error.failure;
    const { name, httpStatus, requestId } = error.source ?? {};
    const outcome = [
      `failed: ${code}`,
      name,
      httpStatus && `HTTP ${httpStatus}`,
      requestId && `request ${requestId}`,
    ];
    const line = this.logLine(outcome.filter(Boolean).join(", "));
    if (!description) {
      app.log.info(line);
      return "cancelled";
    }
    app.log.error(line);
    app.statusBar.setFailure(description.message);
    if (used) void lookAtKey(app, used.target, used.kms, code);
    // Not awaited: the command is over, and its message may stay for as long as the person likes.
    void offerActions(app, error, description, circumstances, again);
    return { message: description.message };
  }

  private logLine(outcome: string): string {
    return logLine(this.operation, outcome, this.circumstances, this.requestIds, this.started);
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
