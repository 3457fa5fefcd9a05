/** The result of Test Key Access as a document: Markdown that reads well as it is, and holds no secret. */
import { explainFailure } from "./describeFailure";
import { showContext } from "./encryptionContext";
import type { KmsSelectionError } from "./errors";
import {
  deniedOperations,
  doneForReal,
  isExplicitDeny,
  missingStatements,
  verdictOf,
  type Answer,
  type KeyAccess,
  type ProfileAccess,
  type TestedOperation,
} from "./keyAccess";
import type { KeyMetadata } from "./keyDescription";

/** What KMS's operations are good for here. */
const PURPOSES: Readonly<Record<TestedOperation, string>> = {
  Encrypt: "encrypt texts of up to 4,096 bytes",
  GenerateDataKey: "encrypt longer texts, and many at once",
  Decrypt: "decrypt",
  ReEncrypt: "re-encrypt, from this key and to it",
  DescribeKey: "look at the key",
};

export function accessReport(access: KeyAccess, now: Date): string {
  const { keyId, identity, context } = access;
  const sections = [
    [
      `# Key access of ${code(identity)}`,
      `- Key: ${code(keyId)}`,
      `- Encryption context: ${code(showContext(context))}`,
      `- Tested: ${now.toISOString().slice(0, 16).replace("T", " ")} UTC`,
    ],
    aboutDryRun(access),
    ...access.profiles.map((profile) => profileSection(access, profile)),
    keySection(access),
    ...access.profiles.map((profile) => missingSection(access, profile)),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map(([title, ...lines]) => [title, ...(title?.startsWith("#") ? [""] : []), ...lines].join("\n"))
    .join("\n\n")}\n`;
}

/** Of a profile, in a few words: for a notification. `undefined`: nothing is missing. */
export function missingInWords(access: KeyAccess, profile: ProfileAccess): string | undefined {
  const denied = deniedOperations(access, profile);
  return denied.length === 0
    ? undefined
    : `${capital(nameOf(profile))} is not allowed ${denied.map((each) => `kms:${each}`).join(", ")} with ${access.keyId}.`;
}

function aboutDryRun(access: KeyAccess): string[] {
  const done = doneForReal(access);
  return done.length === 0
    ? ["KMS was asked whether it would do this (DryRun). It encrypted and decrypted nothing."]
    : [
        `**This KMS does not know DryRun.** It did for real what it was only asked about (${done.join(", ")}), with a test text of this extension. What came of it was thrown away. What is marked with ? is not known.`,
      ];
}

function profileSection(access: KeyAccess, profile: ProfileAccess): string[] {
  const tested = Object.entries(profile.answers) as [TestedOperation, Answer][];
  return [
    `## ${capital(nameOf(profile))}${profile.direction ? `, to ${profile.direction}` : ""}`,
    `- Caller: ${callerOf(profile)}`,
    ...tested.map(([operation, answer]) => verdictLine(access, profile, operation, answer)),
  ];
}

function verdictLine(
  access: KeyAccess,
  { profile }: ProfileAccess,
  operation: TestedOperation,
  answer: Answer,
): string {
  const verdict = verdictOf(access, operation, answer);
  const what = `${operation} (${PURPOSES[operation]})`;
  switch (verdict.kind) {
    case "allowed":
      return `- ✓ ${what}: allowed`;
    case "denied":
      return `- ✗ ${what}: not allowed${refusal(verdict.error)}`;
    case "failed":
      return `- ✗ ${what}: ${plain(explainFailure(verdict.error, { profile }))}`;
    case "not-known":
      return `- ? ${what}: not known`;
  }
}

function refusal({ failure }: KmsSelectionError): string {
  if (failure.code !== "access-denied") return "";
  const action = failure.action === "kms:ReEncryptFrom" || failure.action === "kms:ReEncryptTo";
  const parts = [action ? failure.action : undefined, failure.reason].filter(Boolean);
  return parts.length > 0 ? `: ${plain(parts.join(", "))}` : "";
}

function callerOf({ caller, profile }: ProfileAccess): string {
  if (caller === undefined) return "nobody, the sandbox asks for no credentials";
  if ("arn" in caller) return code(caller.arn);
  return `not known. ${plain(explainFailure(caller, { profile }))}`;
}

function keySection({ metadata, rotation, profiles }: KeyAccess): string[] {
  if (!metadata) return ["## Key", "Not known, because KMS does not show it to this caller."];
  const { Arn, AWSAccountId, KeyState, KeySpec, KeyUsage, DeletionDate } = metadata;
  const accounts = profiles.flatMap(({ caller }) => (caller && "arn" in caller ? caller.account : []));
  const isForeign = AWSAccountId !== undefined && accounts.some((account) => account !== AWSAccountId);
  return [
    "## Key",
    `- ARN: ${code(Arn ?? "not known")}`,
    `- Account: ${AWSAccountId ?? "not known"}${isForeign ? ", another one than the caller's: the key's policy and a policy of the caller must both allow what is done" : ""}`,
    `- State: ${KeyState ?? "not known"}${DeletionDate ? `, will be deleted on ${day(DeletionDate)}` : ""}`,
    `- Kind: ${[KeySpec, KeyUsage].filter(Boolean).join(", ")}`,
    `- Rotation: ${rotationInWords(rotation)}`,
    `- Multi-Region: ${multiRegionInWords(metadata)}`,
  ];
}

function rotationInWords(rotation: KeyAccess["rotation"]): string {
  if (rotation === undefined) return "not known";
  if (!("enabled" in rotation)) {
    return rotation.failure.code === "access-denied"
      ? "not known (kms:GetKeyRotationStatus is not allowed)"
      : "not known";
  }
  if (!rotation.enabled) return "off";
  const { periodInDays, next } = rotation;
  return ["on", periodInDays && `every ${periodInDays} days`, next && `next on ${day(next)}`]
    .filter(Boolean)
    .join(", ");
}

function multiRegionInWords({ MultiRegion, MultiRegionConfiguration }: KeyMetadata): string {
  if (!MultiRegion) return "no";
  const { MultiRegionKeyType, PrimaryKey, ReplicaKeys } = MultiRegionConfiguration ?? {};
  const regions = ReplicaKeys?.map(({ Region }) => Region).filter(Boolean) ?? [];
  return [
    "yes",
    MultiRegionKeyType === "REPLICA" ? "a replica" : "the primary key",
    PrimaryKey?.Region && `primary in ${PrimaryKey.Region}`,
    regions.length > 0 ? `replicas in ${regions.join(", ")}` : "no replicas",
  ]
    .filter(Boolean)
    .join(", ");
}

function missingSection(access: KeyAccess, profile: ProfileAccess): string[] {
  const denied = deniedOperations(access, profile);
  if (denied.length === 0) return [];
  const statements = missingStatements(access, profile);
  const forbidden = denied.filter((operation) => isExplicitDeny(profile.answers[operation]));
  return [
    `## What ${nameOf(profile)} is missing`,
    ...(forbidden.length > 0
      ? [`A policy denies ${forbidden.join(", ")}. Only a change to that policy helps.`]
      : []),
    ...(statements === undefined
      ? []
      : [
          "This allows what is missing, and no more. It belongs into a policy of the caller, or with a Principal into the key's policy:",
          "",
          "```json",
          statements,
          "```",
        ]),
  ];
}

function nameOf({ profile, caller }: ProfileAccess): string {
  if (caller === undefined) return "the sandbox";
  return profile === undefined ? "the default credentials" : `profile ${plain(profile)}`;
}

const day = (date: Date): string => date.toISOString().slice(0, 10);

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** Names come from files: none may end a line, or become a link or a picture where the document is previewed. */
const plain = (text: string): string => text.replace(/\s+/g, " ").replace(/[[\]<>`]/g, "");

const code = (text: string): string => `\`${text.replace(/\s+/g, " ").replaceAll("`", "'")}\``;
