/**
 * A workspace may name the key and the Region, so that a team shares them. Before the first use of what a workspace
 * named, the person sees where the text would go.
 */
import * as vscode from "vscode";
import { KmsSelectionError, toKmsSelectionError } from "../core/errors";
import type { Decided, Target } from "../core/target";
import type { Connected } from "./connections";

const KEY = "trustedTargets";

const isOfWorkspace = (decided: Decided<unknown> | undefined): boolean =>
  decided?.origin === "workspace" || decided?.origin === "folder";

/** Asks once for each key, Region, endpoint and profile. Throws `cancelled` when the person does not agree. */
export async function confirmWorkspaceTarget(
  state: vscode.Memento,
  target: Target,
  keyId: string,
  { kms, connection }: Connected,
  describe: <Result>(task: (signal: AbortSignal) => Promise<Result>) => Promise<Result>,
): Promise<void> {
  if (!connection) return;
  const keyIsOfWorkspace = isOfWorkspace(target.key);
  const regionIsOfWorkspace = connection.regionRule === "setting" && isOfWorkspace(target.region);
  if (!keyIsOfWorkspace && !regionIsOfWorkspace) return;
  const id = JSON.stringify([keyId, connection.region, connection.endpoint?.url, connection.profile]);
  const trusted = state.get<readonly string[]>(KEY, []);
  if (trusted.includes(id)) return;

  const arn = await describe((signal) => kms.describeKey(keyId, signal)).then(
    ({ Arn }) => Arn,
    (error: unknown) => {
      // Whoever may encrypt need not be allowed to look at the key; every other failure is the operation's own.
      if (toKmsSelectionError(error).failure.code === "access-denied") return undefined;
      throw error;
    },
  );
  const named =
    keyIsOfWorkspace && regionIsOfWorkspace ? "key and Region" : keyIsOfWorkspace ? "key" : "Region";
  const answer = await vscode.window.showWarningMessage(
    `The settings of this workspace name the ${named} for KMS Selection. Use ${keyId} in ${connection.region}?`,
    {
      modal: true,
      detail: [
        `Key: ${keyId}`,
        `Key ARN: ${arn ?? "not known (kms:DescribeKey is not allowed)"}`,
        `Account: ${arn?.split(":")[4] ?? "not known"}`,
        `Region: ${connection.region}`,
        ...(connection.endpoint ? [`Custom endpoint: ${connection.endpoint.url}`] : []),
        "",
        "Text that you encrypt is sent there, and whoever controls this key can decrypt it. You are asked again when this changes.",
      ].join("\n"),
    },
    "Use This Key",
  );
  if (answer !== "Use This Key") throw new KmsSelectionError({ code: "cancelled" });
  await state.update(KEY, [...trusted, id]);
}
