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

/** `undefined`: dismissed. */
export function pickProfile(app: App, title: string): Promise<string | undefined> {
  return pickOrType({
    title,
    placeholder: "Choose a profile of ~/.aws/config and ~/.aws/credentials, or type its name",
    offered: listProfiles(),
    recent: app.choices.recent("profile"),
    validate: () => undefined,
  });
}

async function* listProfiles(): AsyncGenerator<Offered[]> {
  const connection = await import("../../aws/connection");
  const profiles = await connection.listProfiles();
  yield profiles.map(({ name, kind, region, problem }) => ({
    value: name,
    description: [kind, region].filter(Boolean).join(", "),
    unusable: problem === undefined ? undefined : sentence(problem),
  }));
}
