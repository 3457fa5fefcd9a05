/** Switch Identity: who the text is encrypted for, remembered for the workspace. */
import * as vscode from "vscode";
import { chooseIdentity, offeredIdentities } from "../../core/target";
import type { App } from "../app";
import { inForce, type InForce } from "../inForce";
import { pickOrType } from "../pickOrType";

/** `false`: dismissed. */
export async function switchIdentity(app: App): Promise<boolean> {
  const now = inForce(app.choices, vscode.window.activeTextEditor?.document);
  const identity = await pickIdentity(now, "Switch Identity");
  if (identity === undefined) return false;
  await app.choices.set(chooseIdentity(app.choices.get(), identity, now.settings));
  return true;
}

/** `undefined`: dismissed. */
export function pickIdentity({ settings, target }: InForce, title: string): Promise<string | undefined> {
  const current = target.identity.value;
  const names = new Set([...offeredIdentities(settings, target.sandbox), current]);
  const offered = [...names].map((value) => {
    const profile = settings.identities.value[value]?.profile;
    const description = [value === current && "current", profile && `profile ${profile}`]
      .filter(Boolean)
      .join(", ");
    return { value, description };
  });
  return pickOrType({
    title,
    placeholder: "Choose an identity, or type a name",
    offered: [offered],
    validate: (text) => (text.length > 256 ? "A name has at most 256 characters" : undefined),
  });
}
