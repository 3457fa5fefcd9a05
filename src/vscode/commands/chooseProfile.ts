/** Choose Profile: an AWS named profile of this machine, remembered for the workspace. */
import type { App } from "../app";
import { pickOrType, type Offered } from "../pickOrType";

/** `false`: dismissed. Choosing a profile leaves the sandbox. */
export async function chooseProfile(app: App): Promise<boolean> {
  const profile = await pickOrType({
    title: "Choose Profile",
    placeholder: "Choose a profile of ~/.aws/config and ~/.aws/credentials, or type its name",
    offered: listProfiles(),
    validate: () => undefined,
  });
  if (profile === undefined) return false;
  await app.choices.set({ ...app.choices.get(), profile, sandbox: false });
  return true;
}

async function listProfiles(): Promise<Offered[]> {
  const connection = await import("../../aws/connection");
  return (await connection.listProfiles()).map((value) => ({ value }));
}
