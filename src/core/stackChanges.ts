/** A change set in words: what it creates, changes, replaces and removes, and what that means for IAM and for the key. */

export interface StackChange {
  readonly action: string;
  readonly resource: string;
  readonly type: string;
  readonly replacement: string;
}

/** Of the types that the key template has; others keep the name that CloudFormation gives them. */
const TYPES: Readonly<Record<string, string>> = {
  "AWS::KMS::Key": "KMS key",
  "AWS::KMS::Alias": "KMS alias",
  "AWS::IAM::ManagedPolicy": "IAM policy",
  "AWS::IAM::Group": "IAM group",
  "AWS::IAM::User": "IAM user",
  "AWS::IAM::AccessKey": "IAM access key",
  "AWS::SecretsManager::Secret": "secret in Secrets Manager",
  "AWS::SecretsManager::ResourcePolicy": "policy of a secret",
};

const wordFor = (type: string): string => TYPES[type] ?? type;

type Effect = "Creates" | "Changes" | "May replace" | "Replaces" | "Removes";

const EFFECTS: readonly Effect[] = ["Creates", "Changes", "May replace", "Replaces", "Removes"];

function effectOf({ action, replacement }: StackChange): Effect {
  if (action === "Add" || action === "Import") return "Creates";
  if (action === "Remove") return "Removes";
  if (replacement === "True") return "Replaces";
  return replacement === "Conditional" || action === "Dynamic" ? "May replace" : "Changes";
}

/** Lines of text for a person who decides. */
export function describeChanges(changes: readonly StackChange[]): string[] {
  const lines = EFFECTS.flatMap((effect) => {
    const affected = changes.filter((change) => effectOf(change) === effect);
    return affected.length === 0 ? [] : [`${effect}:`, ...listByType(affected)];
  });
  return [...lines, "", ...warnings(changes)];
}

/** "• IAM user: EncryptorUser, DecryptorUser" */
function listByType(changes: readonly StackChange[]): string[] {
  const types = [...new Set(changes.map(({ type }) => type))].sort(byKind);
  return types.map((type) => {
    const names = changes.filter((change) => change.type === type).map(({ resource }) => resource);
    return `• ${wordFor(type)}: ${names.join(", ")}`;
  });
}

/** The key first. */
function byKind(one: string, other: string): number {
  const order = Object.keys(TYPES);
  const place = (type: string): number => (order.includes(type) ? order.indexOf(type) : order.length);
  return place(one) - place(other) || one.localeCompare(other);
}

function warnings(changes: readonly StackChange[]): string[] {
  const lost = changes.some(
    (change) =>
      change.type === "AWS::KMS::Key" && ["Replaces", "May replace", "Removes"].includes(effectOf(change)),
  );
  return [
    ...(lost
      ? [
          "Another key takes the place of the present one. What is encrypted now needs the present key; it stays in the account, without its alias.",
        ]
      : []),
    iam(changes),
  ];
}

/** What `CAPABILITY_IAM` acknowledges. */
function iam(changes: readonly StackChange[]): string {
  const types = [...new Set(changes.map(({ type }) => type))].filter((type) => type.startsWith("AWS::IAM::"));
  if (types.length === 0) return "It changes nothing in IAM.";
  const named = types
    .sort(byKind)
    .map((type) => wordFor(type).replace("IAM ", ""))
    .map((word) => (word === "policy" ? "policies" : `${word}s`));
  const list = named.join(", ").replace(/, ([^,]*)$/, " and $1");
  return `It changes who may do what in this account (CAPABILITY_IAM): IAM ${list}. By the template they give the right to encrypt or decrypt with this key and to list aliases, and no other; their names are made by CloudFormation.`;
}
