/** Test Key Access: what the identity in force may do with its key. KMS tells it without doing it. */
import * as vscode from "vscode";
import { accessReport, missingInWords } from "../../core/accessReport";
import { actionTitles, describeFailure, type Circumstances } from "../../core/describeFailure";
import type { EncryptionContext } from "../../core/encryptionContext";
import { toKmsSelectionError, type KmsSelectionError, type Operation } from "../../core/errors";
import {
  isRefusal,
  missingStatements,
  testedOperations,
  verdictOf,
  type Answer,
  type KeyAccess,
  type ProfileAccess,
  type TestedOperation,
} from "../../core/keyAccess";
import type { KeyMetadata } from "../../core/keyDescription";
import { healthOf } from "../../core/keyHealth";
import type { Target } from "../../core/target";
import type { App } from "../app";
import { connectionOf, keyIdOf, profileFor, type Connected } from "../connections";
import { contextFor, inForce } from "../inForce";
import { escapeLinks } from "../labels";
import { offerActions } from "../offerActions";
import { cancellable } from "../progress";
import { signingIn } from "../signIn";

export async function testKeyAccess(app: App): Promise<void> {
  const circumstances: { -readonly [Name in keyof Circumstances]: Circumstances[Name] } = {
    operation: "encrypt",
    doing: "test the key access",
  };
  try {
    const document = app.accessReport.subject;
    const { target } = inForce(app.choices, document);
    circumstances.sandbox = target.sandbox;
    circumstances.identity = target.identity.value;
    circumstances.profile = profileFor(target, "encrypt") ?? process.env.AWS_PROFILE;
    const keyId = (circumstances.keyId = keyIdOf(target));
    if (!target.sandbox) circumstances.region = (await connectionOf(target, "encrypt", keyId)).region;
    const context = (circumstances.context = contextFor(target, document));
    const callers: TestedCaller[] = [];
    for (const direction of directionsOf(target)) {
      const connected = await app.connections.connect(target, direction ?? "encrypt", keyId, () => undefined);
      const authenticated = signingIn(app, connected, circumstances, () =>
        app.connections.authenticate(connected),
      );
      // Why there are none is an answer as well.
      callers.push({ direction, connected, withoutCredentials: (await settled(authenticated)) ?? undefined });
    }
    const access = await app.statusBar.during(() =>
      cancellable(`Testing what ${target.identity.value} may do with ${keyId}…`, (signal) =>
        test(callers, target, keyId, context, signal),
      ),
    );
    const { metadata, rotation } = access;
    const rotates = rotation && "enabled" in rotation ? rotation.enabled : undefined;
    if (metadata && !target.sandbox) app.statusBar.setHealth(target, healthOf(metadata, rotates));
    learnAboutDecrypting(app, target, access);
    app.log.info(`test access: key ${keyId}; identity ${target.identity.value}`);
    await app.accessReport.show(accessReport(access, new Date()), document);
    for (const profile of access.profiles) void offerStatement(access, profile);
  } catch (thrown) {
    const error = toKmsSelectionError(thrown);
    const description = describeFailure(error, circumstances);
    if (!description) return;
    app.log.error(`test access: failed: ${error.failure.code}`);
    void offerActions(app, error, description, circumstances, () => testKeyAccess(app));
  }
}

/** `undefined`: one profile for everything. */
function directionsOf({ encryptProfile, decryptProfile }: Target): readonly (Operation | undefined)[] {
  return encryptProfile === decryptProfile ? [undefined] : ["encrypt", "decrypt"];
}

interface TestedCaller {
  readonly direction: Operation | undefined;
  readonly connected: Connected;
  /** Why the profile has none. */
  readonly withoutCredentials: KmsSelectionError | undefined;
}

async function test(
  callers: readonly TestedCaller[],
  target: Target,
  keyId: string,
  context: EncryptionContext,
  signal: AbortSignal,
): Promise<KeyAccess> {
  const tested = await Promise.all(callers.map((caller) => testCaller(caller, keyId, context, signal)));
  const errors = tested.flatMap(({ access }) => Object.values(access.answers));
  // Without credentials, or a way to KMS, nothing was found out; one message then says why, with the button that helps.
  if (errors.every((answer) => typeof answer === "object" && !isRefusal(answer))) {
    throw errors.find((answer) => typeof answer === "object") ?? new Error("nothing was tested");
  }
  return {
    keyId,
    identity: target.identity.value,
    context,
    metadata: tested.find(({ metadata }) => metadata)?.metadata,
    rotation: tested.find(({ metadata }) => metadata)?.rotation,
    profiles: tested.map(({ access }) => access),
  };
}

interface Tested extends Pick<KeyAccess, "metadata" | "rotation"> {
  readonly access: ProfileAccess;
}

/** All requests at once. */
async function testCaller(
  { direction, connected, withoutCredentials }: TestedCaller,
  keyId: string,
  context: EncryptionContext,
  signal: AbortSignal,
): Promise<Tested> {
  const { kms, caller, connection } = connected;
  const operations = testedOperations(direction);
  const profile = connection?.profile;
  if (withoutCredentials) {
    const answers = Object.fromEntries(operations.map((operation) => [operation, withoutCredentials]));
    const access = { direction, profile, caller: withoutCredentials, answers };
    return { metadata: undefined, rotation: undefined, access };
  }
  const ask = async (tested: TestedOperation): Promise<readonly [TestedOperation, Answer]> => {
    if (tested === "DescribeKey") {
      const described = await key;
      return [tested, "metadata" in described ? "would-succeed" : described.error];
    }
    return [tested, await settled(kms.dryRun(tested, keyId, context, signal))];
  };
  const key = describe(connected, keyId, signal);
  const [answers, who, described] = await Promise.all([
    Promise.all(operations.map(ask)),
    caller && settled(caller(signal, { anew: true })),
    key,
  ]);
  signal.throwIfAborted();
  return {
    ...("metadata" in described ? described : { metadata: undefined, rotation: undefined }),
    access: { direction, profile, caller: who, answers: Object.fromEntries(answers) },
  };
}

async function describe(
  { kms }: Connected,
  keyId: string,
  signal: AbortSignal,
): Promise<{ metadata: KeyMetadata; rotation: KeyAccess["rotation"] } | { error: KmsSelectionError }> {
  const metadata = await settled(kms.describeKey(keyId, signal));
  if ("failure" in metadata) return { error: metadata };
  const { Arn } = metadata;
  return { metadata, rotation: Arn === undefined ? undefined : await settled(kms.rotation(Arn, signal)) };
}

/** What is refused is as good an answer as what is granted. Throws `cancelled`. */
async function settled<Result>(request: Promise<Result>): Promise<Result | KmsSelectionError> {
  try {
    return await request;
  } catch (thrown) {
    const error = toKmsSelectionError(thrown);
    if (error.failure.code === "cancelled") throw error;
    return error;
  }
}

function learnAboutDecrypting(app: App, target: Target, access: KeyAccess): void {
  const answers = access.profiles.flatMap(({ answers: { Decrypt } }) => Decrypt ?? []);
  const verdicts = new Set(answers.map((answer) => verdictOf(access, "Decrypt", answer).kind));
  if (verdicts.has("denied") || verdicts.has("allowed"))
    app.decryptDenials.set(target, verdicts.has("denied"));
}

async function offerStatement(access: KeyAccess, profile: ProfileAccess): Promise<void> {
  const words = missingInWords(access, profile);
  if (words === undefined) return;
  const statements = missingStatements(access, profile);
  const button = actionTitles["copy-policy-statement"];
  const buttons = statements === undefined ? [] : [button];
  const chosen = await vscode.window.showWarningMessage(escapeLinks(words), ...buttons);
  if (chosen === button && statements !== undefined) await vscode.env.clipboard.writeText(statements);
}
