/**
 * A workspace may name the key, the Region, the identity and the context, so that a team shares them. Before the first
 * use of what a workspace named, the person sees where the text would go.
 */
import * as vscode from "vscode";
import { showContext, type EncryptionContext } from "../core/encryptionContext";
import { KmsSelectionError, toKmsSelectionError } from "../core/errors";
import { parseKeyId } from "../core/keyId";
import type { Decided, Target } from "../core/target";
import type { Connected } from "./connections";

const KEY = "trustedTargets";

const isOfWorkspace = (decided: Decided<unknown> | undefined): boolean =>
  decided?.origin === "workspace" || decided?.origin === "folder";

/** Where a text would go, and for whom. */
export interface Destination extends Connected {
  readonly target: Target;
  readonly keyId: string;
  readonly context: EncryptionContext;
}

/** What the workspace's settings decide of it, in words. */
function decidedByWorkspace({ target, connection }: Destination): string[] {
  return [
    ...(isOfWorkspace(target.key) ? ["key"] : []),
    ...(connection?.regionRule === "setting" && isOfWorkspace(target.region) ? ["Region"] : []),
    ...(isOfWorkspace(target.identity) ? ["identity"] : []),
    ...(isOfWorkspace(target.contextTemplate) ? ["encryption context"] : []),
    ...(isOfWorkspace(target.additionalKeys) ? ["additional keys"] : []),
    ...(isOfWorkspace(target.recoveryPublicKey) ? ["recovery key"] : []),
    ...(isOfWorkspace(target.fallbackRegions) || isOfWorkspace(target.encryptInFallbackRegions)
      ? ["fallback Regions"]
      : []),
  ];
}

/**
 * Whoever else could read the text, and where else it would go, each in a line; a workspace that names none may have put
 * out the person's own.
 */
function otherDestinations({ target, recoveryKey }: Destination): string[] {
  const additional = target.additionalKeys;
  const recovery = target.recoveryPublicKey;
  const regions = target.fallbackRegions.value.join(", ");
  const use = target.encryptInFallbackRegions.value ? "to encrypt and decrypt" : "to decrypt";
  return [
    ...(regions ? [`Fallback Regions: ${regions}, ${use}`] : []),
    ...additional.value.map((arn) => `Additional key: ${arn}`),
    ...(isOfWorkspace(additional) && additional.value.length === 0 ? ["Additional keys: none"] : []),
    ...(recovery.value !== "" ? [`Recovery key: ${fingerprintOf(recoveryKey)}`] : []),
    ...(isOfWorkspace(recovery) && recovery.value === "" ? ["Recovery key: none"] : []),
  ];
}

function fingerprintOf(recoveryKey: Destination["recoveryKey"]): string {
  const isUsable = recoveryKey && "fingerprint" in recoveryKey;
  return isUsable ? `RSA, SHA-256 ${recoveryKey.fingerprint}` : "cannot be read";
}

/** Whether nobody has to be asked. */
export function isConfirmed(state: vscode.Memento, destination: Destination): boolean {
  if (!destination.connection || decidedByWorkspace(destination).length === 0) return true;
  return trusted(state).includes(idOf(destination));
}

function trusted(state: vscode.Memento): readonly string[] {
  return state.get<readonly string[]>(KEY, []);
}

function idOf(destination: Destination): string {
  const { target, keyId, connection } = destination;
  return JSON.stringify([
    keyId,
    connection?.region,
    connection?.endpoint?.url,
    connection?.profile,
    target.identity.value,
    // The template, not what it gives for one file.
    target.contextTemplate.value,
    ...otherDestinations(destination),
  ]);
}

/** Asks once for each destination. Throws `cancelled` when the person does not agree. */
export async function confirmWorkspaceTarget(
  state: vscode.Memento,
  destination: Destination,
  describe: <Result>(task: (signal: AbortSignal) => Promise<Result>) => Promise<Result>,
): Promise<void> {
  const { kms, connection, target, keyId, context } = destination;
  if (!connection || isConfirmed(state, destination)) return;
  const decided = decidedByWorkspace(destination);
  const { region, endpoint } = connection;
  const others = otherDestinations(destination);

  const arn = await describe((signal) => kms.describeKey(keyId, signal)).then(
    ({ Arn }) => Arn,
    (error: unknown) => {
      // Whoever may encrypt need not be allowed to look at the key; every other failure is the operation's own.
      if (toKmsSelectionError(error).failure.code === "access-denied") return undefined;
      throw error;
    },
  );
  const named = decided.join(", ").replace(/, ([^,]*)$/, " and $1");
  const answer = await vscode.window.showWarningMessage(
    `The settings of this workspace name the ${named} for KMS Selection. Use ${keyId} in ${region} as ${target.identity.value}?`,
    {
      modal: true,
      detail: [
        `Key: ${keyId}`,
        `Key ARN: ${arn ?? "not known (kms:DescribeKey is not allowed)"}`,
        `Account: ${arn?.split(":")[4] ?? parseKeyId(keyId)?.account ?? "not known"}`,
        `Region: ${region}`,
        ...(endpoint ? [`Custom endpoint: ${endpoint.url}`] : []),
        `Identity: ${target.identity.value}`,
        `Encryption context: ${showContext(context)}`,
        ...others,
        "",
        "Text that you encrypt is sent there, and whoever controls a key that is named here can decrypt it. You are asked again when this changes.",
      ].join("\n"),
    },
    "Use This Key",
  );
  if (answer !== "Use This Key") throw new KmsSelectionError({ code: "cancelled" });
  await state.update(KEY, [...trusted(state), idOf(destination)]);
}
