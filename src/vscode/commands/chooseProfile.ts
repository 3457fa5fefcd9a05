/** Choose Profile: an AWS named profile of this machine, remembered for the workspace. */
import type { App } from "../app";
import { sentence } from "../labels";
import { pickOrType, type Offered } from "../pickOrType";

/** `false`: dismissed. Choosing a profile leaves the sandbox. */
export async function chooseProfile(app: App): Promise<boolean> {
  const profile = await pickProfile(app, "Choose Profile");
  if (profile === undefined) return false;
  await app.choices.choose("profile", profile);
  return true;
}

interface Shown {
  readonly placeholder?: string;
  readonly recent?: readonly string[];
  /** Before the profiles of this machine. */
  readonly first?: readonly Offered[];
}

/** `undefined`: dismissed. */
export function pickProfile(
  app: App,
  title: string,
  {
    placeholder = "Choose a profile of ~/.aws/config and ~/.aws/credentials, or type its name",
    recent = app.choices.recent("profile"),
    first = [],
  }: Shown = {},
): Promise<string | undefined> {
  return pickOrType({ title, placeholder, offered: listProfiles(first), recent, validate: () => undefined });
}

async function* listProfiles(first: readonly Offered[]): AsyncGenerator<Offered[]> {
  if (first.length > 0) yield [...first];
  const connection = await import("../../aws/connection");
  const profiles = await connection.listProfiles();
  const listed = profiles.map(({ name, kind, region, problem }) => ({
    value: name,
    description: [kind, region].filter(Boolean).join(", "),
    unusable: problem === undefined ? undefined : sentence(problem),
  }));
  yield [...first.filter(({ value }) => !listed.some((each) => each.value === value)), ...listed];
}
