/** Where a stack is: the profile that may look after it, its Region, and its name. Remembered for the workspace. */
import * as vscode from "vscode";
import { checkStackName, DEFAULT_STACK_NAME } from "../../core/keyTemplate";
import type { Place } from "../../core/shellCommands";
import type { App } from "../app";
import { pickProfile } from "../commands/chooseProfile";
import { pickRegion } from "../commands/chooseRegion";

const KEY = "keyStack";

interface Remembered extends Place {
  readonly name: string;
}

/** `undefined`: dismissed. What is chosen here is for the stack alone: its administrator need not be who encrypts. */
export async function askForPlace(app: App, title: string): Promise<Place | undefined> {
  const last = app.workspaceState.get<Remembered>(KEY);
  const profile = await pickProfile(app, `${title}: Profile`, {
    placeholder: "Choose a profile that may look after stacks, keys and users, or type its name",
    recent: [...(last ? [last.profile] : []), ...app.choices.recent("profile")],
    first: [
      {
        value: "",
        label: "No profile",
        description:
          "the AWS SDK's own order: AWS_PROFILE, environment variables, default, the machine's role",
      },
    ],
  });
  if (profile === undefined) return undefined;
  const ofProfile = await regionOf(profile);
  const region = await pickRegion({
    title: `${title}: Region`,
    placeholder: "Choose the Region of the key, or type its code",
    recent: [last?.region, ofProfile, ...app.choices.recent("region")].filter((each) => each !== undefined),
  });
  return region === undefined ? undefined : { profile, region };
}

/** A file that cannot be read was told about in the list of profiles. */
async function regionOf(profile: string): Promise<string | undefined> {
  const { listProfiles } = await import("../../aws/connection");
  const profiles = await listProfiles().catch(() => []);
  return profiles.find(({ name }) => name === profile)?.region;
}

/** `undefined`: dismissed. */
export async function askForStackName(
  app: App,
  title: string,
  proposed = app.workspaceState.get<Remembered>(KEY)?.name ?? DEFAULT_STACK_NAME,
): Promise<string | undefined> {
  return vscode.window.showInputBox({
    title: `${title}: Name`,
    prompt: "The name of the stack. The name of one that is there updates it",
    value: proposed,
    ignoreFocusOut: true,
    validateInput: checkStackName,
  });
}

export async function rememberStack(app: App, place: Place, name: string): Promise<void> {
  await app.workspaceState.update(KEY, { ...place, name } satisfies Remembered);
}
