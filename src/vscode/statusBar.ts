/** The key indicator: which key and identity are in force, always in view. */
import * as vscode from "vscode";
import type { RegionRule } from "../aws/connection";
import { explainFailure } from "../core/describeFailure";
import { showContext } from "../core/encryptionContext";
import { toKmsSelectionError } from "../core/errors";
import { KeyHealths, type KeyHealth } from "../core/keyHealth";
import { shortKeyId } from "../core/keyId";
import type { Origin, Target } from "../core/target";
import type { ChoiceStore } from "./choiceStore";
import { connectionOf, profileFor } from "./connections";
import { contextFor, inForce } from "./inForce";
import { escapeIcons, escapeMarkdown } from "./labels";
import type { RegionsInUse } from "./regionsInUse";

/** What is shown of a target; a failure to tell is shown as such. */
interface Shown {
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

/** Milliseconds. A spinner that goes again at once tells nothing, and the window would draw it before it makes the edit. */
const SPINNER_DELAY = 150;

export class StatusBar implements vscode.Disposable {
  /** Of the keys that operations have used. The status bar itself looks at none. */
  readonly healths = new KeyHealths();
  private readonly item: vscode.StatusBarItem;
  private readonly choices: ChoiceStore;
  private readonly regionsInUse: RegionsInUse;
  private readonly subscriptions: readonly { dispose(): unknown }[];
  private working = 0;
  private failure: string | undefined;
  private shown: Shown = { icon: "key", label: "KMS", lines: [] };
  /** Counts refreshes, so that a slow look into the config files does not overwrite a later one. */
  private refreshes = 0;

  constructor(choices: ChoiceStore, regionsInUse: RegionsInUse) {
    this.choices = choices;
    this.regionsInUse = regionsInUse;
    this.item = vscode.window.createStatusBarItem("kmsSelection.key", vscode.StatusBarAlignment.Right, 100);
    this.item.name = "KMS Key";
    this.item.command = "kmsSelection.showMenu";
    const refresh = (): void => {
      this.refresh();
    };
    // Reading the settings takes longer than all the rest of activation, and nothing waits for it.
    const first = setImmediate(refresh);
    this.subscriptions = [
      this.item,
      new vscode.Disposable(() => {
        clearImmediate(first);
      }),
      choices.onDidChange(() => {
        this.failure = undefined;
        this.refresh();
      }),
      regionsInUse.onDidChange(refresh),
      vscode.window.onDidChangeActiveTextEditor(refresh),
      vscode.workspace.onDidChangeWorkspaceFolders(refresh),
      vscode.workspace.onDidGrantWorkspaceTrust(refresh),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("kmsSelection")) this.refresh();
      }),
      // The AWS config files may have been changed meanwhile.
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused) this.refresh();
      }),
    ];
    this.item.show();
  }

  /** Shows the spinner until the work ends, if that takes a moment. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = work();
    const timer = setTimeout(() => void this.spinUntil(result), SPINNER_DELAY);
    try {
      return await result;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The last operation's failure, in words; `undefined` after a success. */
  setFailure(message: string | undefined): void {
    if (message === this.failure) return;
    this.failure = message;
    this.render();
  }

  setHealth(target: Target, health: KeyHealth | undefined): void {
    this.healths.set(target, health, Date.now());
    this.refresh();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private async spinUntil(settled: Promise<unknown>): Promise<void> {
    this.working++;
    this.render();
    await Promise.allSettled([settled]);
    this.working--;
    this.render();
  }

  private refresh(): void {
    const refresh = ++this.refreshes;
    const document = vscode.window.activeTextEditor?.document;
    let target: Target | undefined;
    let shown: Shown;
    try {
      ({ target } = inForce(this.choices, document));
      shown = show(target, document, this.healths.get(target));
    } catch (error) {
      shown = {
        icon: "warning",
        label: "KMS: settings",
        lines: [["Settings", explainFailure(toKmsSelectionError(error))]],
        background: "warning",
      };
    }
    void vscode.commands.executeCommand("setContext", "kmsSelection.sandbox", target?.sandbox ?? false);
    this.show(shown);
    if (target?.key && !target.sandbox) void this.addConnection(refresh, target, shown);
  }

  /** Region and endpoint are decided with the config files, which are read without holding up anything. */
  private async addConnection(refresh: number, target: Target, shown: Shown): Promise<void> {
    const { regions, lines } = await connectionsOf(target);
    if (refresh !== this.refreshes) return;
    const withLines = { ...shown, lines: [...shown.lines, ...lines] };
    const region = regions.find((each) => this.regionsInUse.insteadOf(each) !== undefined);
    const substitute = region && this.regionsInUse.insteadOf(region);
    const isFallback = substitute && target.fallbackRegions.value.includes(substitute);
    this.show(isFallback ? withFallback(withLines, region, substitute) : withLines);
  }

  private show(shown: Shown): void {
    this.shown = shown;
    this.render();
  }

  private render(): void {
    const { icon, label, lines, background } = this.shown;
    const failed = this.failure !== undefined && this.working === 0;
    const image = this.working > 0 ? "sync~spin" : failed ? "error" : icon;
    this.item.text = `$(${image}) ${escapeIcons(label)}`;
    const color = failed ? "error" : background;
    this.item.backgroundColor = color ? new vscode.ThemeColor(`statusBarItem.${color}Background`) : undefined;
    const all =
      this.failure === undefined ? lines : [...lines, ["Last operation failed", this.failure] as const];
    this.item.tooltip = tooltip(all);
    const spoken = all.map(([name, value]) => `${name}: ${value}`).join(", ");
    this.item.accessibilityInformation = { label: `KMS key ${label}. ${spoken}`, role: "button" };
  }
}

function show(
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

function withFallback(shown: Shown, region: string, substitute: string): Shown {
  const line = ["Fallback", `KMS in ${region} cannot be reached; using ${substitute}`] as const;
  return {
    icon: "globe",
    label: `${shown.label} · ${substitute}`,
    lines: [line, ...shown.lines],
    background: "warning",
  };
}

async function connectionsOf(target: Target): Promise<{ regions: string[]; lines: [string, string][] }> {
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
function tooltip(lines: readonly (readonly [string, string])[]): vscode.MarkdownString {
  const items = lines.map(([name, value]) => `- ${name}: ${escapeMarkdown(value.replace(/\s+/g, " "))}`);
  return new vscode.MarkdownString(["**KMS Selection**", "", ...items].join("\n"));
}
