/** Says it before encrypting when the credentials belong to another person than the identity names; once. */
import * as vscode from "vscode";
import { isClaim, otherPerson } from "../core/claimedIdentity";
import { KmsSelectionError } from "../core/errors";
import type { Caller } from "../core/keyAccess";
import type { Settings } from "../core/settings";
import type { Target } from "../core/target";
import type { App } from "./app";
import { chooseProfile } from "./commands/chooseProfile";
import { switchIdentity } from "./commands/switchIdentity";
import type { Connected } from "./connections";
import { inForce } from "./inForce";

const KEY = "confirmedCallers";

/** Milliseconds. Who does not answer by then is not waited for; the next encryption has the answer. */
const TIMEOUT = 1500;

/** Who calls, asked for while other things are prepared. `undefined`: STS does not tell, or it does not matter. */
export function findCaller(app: App, target: Target, { caller }: Connected): Promise<Caller | undefined> {
  if (!caller || !isClaim(target, settingsOf(app))) return Promise.resolve(undefined);
  return caller(AbortSignal.timeout(TIMEOUT)).catch(() => undefined);
}

/** Asks once for each identity and caller in a workspace. Throws `cancelled`, also when something else was chosen. */
export async function confirmCaller(app: App, target: Target, caller: Caller | undefined): Promise<void> {
  const name = caller && otherPerson(target, settingsOf(app), caller);
  if (!caller || name === undefined) return;
  const identity = target.identity.value;
  const id = JSON.stringify([identity, caller.arn]);
  const confirmed = app.workspaceState.get<readonly string[]>(KEY, []);
  if (confirmed.includes(id)) return;
  const anyway = `Encrypt as ${identity} Anyway`;
  const answer = await vscode.window.showWarningMessage(
    `You are ${name}, and will encrypt as ${identity}.`,
    {
      modal: true,
      detail: [
        `AWS says that your credentials belong to ${caller.arn}.`,
        "",
        `The text will be bound to the identity ${identity}: whoever decrypts it has to use that identity. Whether you may use it is for the policies to say.`,
      ].join("\n"),
    },
    anyway,
    "Switch Identity",
    "Choose Profile",
  );
  if (answer === anyway) {
    await app.workspaceState.update(KEY, [...confirmed, id]);
    return;
  }
  if (answer === "Switch Identity") await switchIdentity(app);
  if (answer === "Choose Profile") await chooseProfile(app);
  throw new KmsSelectionError({ code: "cancelled" });
}

/** For the identities: they are about this machine, the same in every folder. */
function settingsOf({ choices }: App): Settings {
  return inForce(choices, vscode.window.activeTextEditor?.document).settings;
}
