/** Asks what a re-encryption is to change: a form of quick picks that always shows from where to where. */
import * as vscode from "vscode";
import { KmsSelectionError } from "../../core/errors";
import {
  describeSpareKeys,
  describeWish,
  targetAs,
  type Wish,
  type World,
} from "../../core/reEncryptionWish";
import type { App } from "../app";
import type { InForce } from "../inForce";
import { escapeIcons, sentence } from "../labels";
import { pickKey } from "./chooseKey";
import { pickProfile } from "./chooseProfile";
import { pickIdentity } from "./switchIdentity";

/** A row of the form; `change` answers with what it makes of the wish, `undefined` when dismissed. */
interface Row extends vscode.QuickPickItem {
  readonly change?: () => Promise<Wish | undefined>;
}

/** Shown until the person starts it. Throws `cancelled`. */
export async function askWish(
  app: App,
  title: string,
  first: Wish,
  now: InForce & { readonly world: World },
): Promise<Wish> {
  for (let wish = first; ;) {
    const row = await vscode.window.showQuickPick(rows(app, wish, now), {
      title,
      placeHolder: describeWish(wish, now.world),
      ignoreFocusOut: true,
    });
    if (!row) throw new KmsSelectionError({ code: "cancelled" });
    if (!row.change) return wish;
    wish = (await row.change()) ?? wish;
  }
}

function rows(app: App, wish: Wish, now: InForce & { readonly world: World }): Row[] {
  const { sandbox } = now.target;
  const row = (label: string, value: string, change: NonNullable<Row["change"]>): Row => ({
    label,
    description: escapeIcons(value),
    change,
  });
  const separator = (label: string): Row => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const { fromIdentity, toIdentity, format, toBlobs, profile } = wish;
  const spareKeys = describeSpareKeys(wish, now.world);
  const stays = fromIdentity === undefined ? "each keeps its own" : "the same";
  return [
    {
      label: "Re-encrypt",
      description: escapeIcons(describeWish(wish, now.world)),
      iconPath: new vscode.ThemeIcon("play"),
    },
    separator("To"),
    ...(sandbox ? [] : [row("To key", wish.toKey, () => askToKey(app, wish))]),
    row("To identity", toIdentity ?? stays, () => askToIdentity(wish, now)),
    ...(spareKeys === undefined ? [] : [row("Opens also with", spareKeys, tellOfSettings)]),
    separator("From"),
    ...(sandbox ? [] : [row("From key", wish.fromKey ?? ANY_KEY, () => askFromKey(app, wish, now))]),
    row("From identity", fromIdentity ?? EACH_IDENTITY, () => askFromIdentity(wish, now)),
    separator("Form"),
    row("Written as", format ?? AS_BEFORE, () => askFormat(wish)),
    spareKeys === undefined
      ? row("Messages", toBlobs ? TO_BLOBS : STAY_MESSAGES, () => askForm(wish))
      : row("KMS ciphertexts", TO_MESSAGES, tellOfSettings),
    ...(sandbox
      ? []
      : [separator("Credentials"), row("Profile", profileWords(profile, now), () => askProfile(app, wish))]),
  ];
}

const ANY_KEY = "whichever key it is under (KMS finds it)";
const EACH_IDENTITY = "each that is set up on this machine";
const AS_BEFORE = "as before";
const STAY_MESSAGES = "stay messages, opened and sealed in memory";
const TO_BLOBS = "become KMS ciphertexts where they fit, opened in memory";
const TO_MESSAGES = "become messages, opened and sealed in memory: they open with one key alone";

/** They are no wish of the moment: what is encrypted next is sealed to them as well. */
function tellOfSettings(): Promise<undefined> {
  void vscode.window.showInformationMessage(
    "The settings kmsSelection.additionalKeys and kmsSelection.recoveryPublicKey name the keys that each text is sealed to besides.",
  );
  return Promise.resolve(undefined);
}

/** KMS re-encrypts with one set of credentials, which needs both permissions. */
function profileWords(profile: string | undefined, { target }: InForce): string {
  const name = profile ?? "the AWS SDK's default";
  return target.encryptProfile === target.decryptProfile
    ? name
    : `${name}; it needs kms:ReEncryptFrom and kms:ReEncryptTo`;
}

/** `undefined`: dismissed. */
async function pick<Value>(
  title: string,
  choices: readonly (readonly [label: string, value: Value, detail?: string])[],
): Promise<{ readonly value: Value } | undefined> {
  const items = choices.map(([label, value, detail]) => ({
    label: escapeIcons(label),
    value,
    ...(detail && { detail }),
  }));
  return vscode.window.showQuickPick(items, { title, ignoreFocusOut: true });
}

/** Stands for what is picked in a list of its own. */
const another = Symbol("another");

async function askToKey(app: App, wish: Wish): Promise<Wish | undefined> {
  const toKey = await pickKey(app, "Re-encrypt to Key");
  return toKey === undefined ? undefined : { ...wish, toKey };
}

async function askFromKey(app: App, wish: Wish, { target }: InForce): Promise<Wish | undefined> {
  const inForce = target.key?.value;
  const picked = await pick<string | undefined | typeof another>("Re-encrypt from Key", [
    ...(inForce === undefined ? [] : ([[inForce, inForce, "The key in force"]] as const)),
    [sentence(ANY_KEY), undefined, "For a moved alias, and for several keys. The report names them."],
    ["Another key…", another],
  ]);
  if (!picked) return undefined;
  if (picked.value !== another) return { ...wish, fromKey: picked.value };
  const fromKey = await pickKey(app, "Re-encrypt from Key");
  return fromKey === undefined ? undefined : { ...wish, fromKey };
}

async function askToIdentity(wish: Wish, now: InForce): Promise<Wish | undefined> {
  if (wish.toIdentity !== undefined) return { ...wish, toIdentity: undefined };
  const toIdentity = await pickIdentity(now, "Re-encrypt to Identity");
  return toIdentity === undefined ? undefined : { ...wish, toIdentity };
}

/** What another identity reads with goes along. */
async function askFromIdentity(
  wish: Wish,
  now: InForce & { readonly world: World },
): Promise<Wish | undefined> {
  const picked = await pick<undefined | typeof another>("Re-encrypt from Identity", [
    ["One identity…", another],
    [
      sentence(EACH_IDENTITY),
      undefined,
      "A message names its context. A KMS ciphertext does not: each identity is tried in turn.",
    ],
  ]);
  if (!picked) return undefined;
  if (picked.value === undefined) return { ...wish, fromIdentity: undefined };
  const fromIdentity = await pickIdentity(now, "Re-encrypt from Identity");
  if (fromIdentity === undefined) return undefined;
  const { key, decryptProfile } = targetAs(fromIdentity, now.world);
  return { ...wish, fromIdentity, fromKey: key?.value ?? wish.fromKey, profile: decryptProfile };
}

async function askFormat(wish: Wish): Promise<Wish | undefined> {
  const picked = await pick<Wish["format"]>("Written As", [
    [sentence(AS_BEFORE), undefined],
    ["base64", "base64"],
    ["ENC[KMS]", "ENC[KMS]"],
  ]);
  return picked && { ...wish, format: picked.value };
}

async function askForm(wish: Wish): Promise<Wish | undefined> {
  const picked = await pick("Messages", [
    [
      sentence(STAY_MESSAGES),
      false,
      "KMS ciphertexts stay what they are: made a message, their text would have to leave KMS.",
    ],
    [sentence(TO_BLOBS), true, "A text of more than 4,096 bytes stays a message."],
  ]);
  return picked && { ...wish, toBlobs: picked.value };
}

async function askProfile(app: App, wish: Wish): Promise<Wish | undefined> {
  const profile = await pickProfile(app, "Re-encrypt with Profile");
  return profile === undefined ? undefined : { ...wish, profile };
}
