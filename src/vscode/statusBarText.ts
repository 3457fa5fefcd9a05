/** What the status bar says of the key and the identity in force, in words. */
import * as vscode from "vscode";
import type { RegionRule } from "../aws/connection";
import { explainFailure } from "../core/describeFailure";
import { showContext } from "../core/encryptionContext";
import { toKmsSelectionError } from "../core/errors";
import type { KeyHealth } from "../core/keyHealth";
import { shortKeyId } from "../core/keyId";
import type { Origin, Target } from "../core/target";
import { connectionOf, profileFor } from "./connections";
import { contextFor } from "./inForce";
import { escapeMarkdown } from "./labels";

/** What is shown of a target; a failure to tell is shown as such. */
export interface Shown {
  readonly icon: string;
  readonly label: string;
  readonly lines: readonly (readonly [name: string, value: string])[];
  readonly background?: string;
}

const ORIGINS: Record<Origin, string> = {
  choice: "chosen in the status bar",
  identity: "from the identity",
  folder: "from the folder's settings",
  workspace: "from the workspace's settings",
  user: "from your settings",
  default: "by default",
  sandbox: "of the sandbox",
};

/** Without what the AWS config files decide. */
export function describeTarget(
  target: Target,
  document: vscode.TextDocument | undefined,
  health: KeyHealth | undefined,
): Shown {
  const { key, identity, sandbox, region } = target;
  if (!key) {
    return {
      icon: "key",
      label: "KMS: no key",
      lines: [["Key", "not set. Click to choose one, to try the sandbox, or to create a key"]],
    };
  }
  const lines: [string, string][] = [
    ["Key", `${key.value} (${ORIGINS[key.origin]})`],
    ["Identity", `${identity.value} (${ORIGINS[identity.origin]})`],
    ["Context", contextOrReason(target, document)],
    ...otherKeys(target),
  ];
  if (sandbox) {
    lines.unshift(["Sandbox", "nothing is sent to AWS; for trying out only"]);
    return { icon: "beaker", label: `sandbox · ${identity.value}`, lines };
  }
  lines.push(["Profile", profiles(target)]);
  const fallback = target.fallbackRegions;
  if (fallback.value.length > 0)
    lines.push(["Fallback Regions", `${fallback.value.join(", ")} (${ORIGINS[fallback.origin]})`]);
  if (region)
    lines.push([
      region.origin === "choice" ? "Chosen Region" : "Region setting",
      `${region.value} (${ORIGINS[region.origin]})`,
    ]);
  if (health) lines.splice(1, 0, ["Key state", health.words]);
  return {
    icon: "key",
    label: `${shortKeyId(key.value)} · ${identity.value}`,
    lines,
    ...(health?.isUsable === false && { icon: "circle-slash", background: "error" }),
  };
}

/** What opens the texts besides the key. */
function otherKeys({ additionalKeys, recoveryPublicKey }: Target): [string, string][] {
  const lines = additionalKeys.value.map((arn): [string, string] => [
    "Additional key",
    `${arn} (${ORIGINS[additionalKeys.origin]})`,
  ]);
  if (recoveryPublicKey.value === "") return lines;
  return [...lines, ["Recovery key", ORIGINS[recoveryPublicKey.origin]]];
}

function contextOrReason(target: Target, document: vscode.TextDocument | undefined): string {
  try {
    return showContext(contextFor(target, document));
  } catch (error) {
    return explainFailure(toKmsSelectionError(error));
  }
}

function profiles({ encryptProfile, decryptProfile }: Target): string {
  const name = (profile: string | undefined): string =>
    profile ?? process.env.AWS_PROFILE ?? "the AWS SDK's default";
  return encryptProfile === decryptProfile
    ? name(encryptProfile)
    : `${name(encryptProfile)} to encrypt, ${name(decryptProfile)} to decrypt`;
}

export function withFallback(shown: Shown, region: string, substitute: string): Shown {
  const line = ["Fallback", `KMS in ${region} cannot be reached; using ${substitute}`] as const;
  return {
    icon: "globe",
    label: `${shown.label} · ${substitute}`,
    lines: [line, ...shown.lines],
    background: "warning",
  };
}

/** Region and endpoint, by each of the profiles. */
export async function describeConnections(
  target: Target,
): Promise<{ regions: string[]; lines: [string, string][] }> {
  const isSplit = target.encryptProfile !== target.decryptProfile;
  const regions: string[] = [];
  const lines: [string, string][] = [];
  for (const operation of isSplit ? (["encrypt", "decrypt"] as const) : (["encrypt"] as const)) {
    const suffix = isSplit ? ` to ${operation}` : "";
    try {
      const { region, regionRule, endpoint } = await connectionOf(target, operation, target.key?.value ?? "");
      regions.push(region);
      lines.push([`Region${suffix}`, `${region} (${ruleOf(regionRule, target)})`]);
      if (endpoint) lines.push([`Custom endpoint${suffix}`, `${endpoint.url} (${endpoint.origin})`]);
    } catch (error) {
      const profile = profileFor(target, operation);
      lines.push([`Region${suffix}`, explainFailure(toKmsSelectionError(error), { profile })]);
    }
  }
  return { regions, lines };
}

/** Which rule chose the Region. */
function ruleOf(rule: RegionRule, { region }: Target): string {
  if (rule !== "setting") return `chosen by the ${rule === "ARN" ? "key's ARN" : rule}`;
  if (region?.origin === "choice") return ORIGINS.choice;
  return region?.origin === "identity" ? "chosen by the identity" : "chosen by the setting";
}

/** A list of plain text: nothing that comes from a file is taken for Markdown. */
export function tooltip(lines: readonly (readonly [string, string])[]): vscode.MarkdownString {
  const items = lines.map(([name, value]) => `- ${name}: ${escapeMarkdown(value.replace(/\s+/g, " "))}`);
  return new vscode.MarkdownString(["**KMS Selection**", "", ...items].join("\n"));
}
