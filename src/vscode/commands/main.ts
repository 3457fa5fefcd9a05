/** Every command of the manifest and what it does. Loaded with the first command: activation does not pay for them. */
import type { App, Services } from "../app";
import { DecryptedValues } from "../decryptedValues";
import { KeptUnsealed } from "../keptUnsealed";
import { reportingFailure } from "../offerActions";
import { RestoreUnsealed } from "../restoreUnsealed";
import { startSealing } from "../sealing";
import { UnsealedRecord } from "../unsealedRecord";
import { chooseKey } from "./chooseKey";
import { chooseProfile } from "./chooseProfile";
import { chooseRegion } from "./chooseRegion";
import { copySecret } from "./copySecret";
import { decryptAllInFile } from "./decryptAllInFile";
import { decryptSelection } from "./decryptSelection";
import { deployKeyStack } from "./deployKeyStack";
import { editSecret } from "./editSecret";
import { encryptAllMarked } from "./encryptAllMarked";
import { encryptSelection } from "./encryptSelection";
import { generateSecret } from "./generateSecret";
import { insertSecret } from "./insertSecret";
import { openKeyTemplate, openReplicaTemplate } from "./openKeyTemplate";
import { openSettings } from "./openSettings";
import { findTokensUnderOtherKeys } from "./findTokensUnderOtherKeys";
import { reEncryptFile } from "./reEncryptFile";
import { reEncryptSelection } from "./reEncryptSelection";
import { reEncryptWorkspace } from "./reEncryptWorkspace";
import { hideSecrets, revealSecret, revealVisibleSecrets } from "./revealSecret";
import { sealAll } from "./sealAll";
import { leaveSandbox, trySandbox } from "./sandbox";
import { showMenu } from "./showMenu";
import { showUnsealed } from "./showUnsealed";
import { switchIdentity } from "./switchIdentity";
import { testKeyAccess } from "./testKeyAccess";
import { useExistingStack } from "./useExistingStack";

const commands: Readonly<Record<string, (app: App) => unknown>> = {
  "kmsSelection.encryptSelection": encryptSelection,
  "kmsSelection.decryptSelection": (app) => decryptSelection(app),
  "kmsSelection.decryptAllInFile": decryptAllInFile,
  "kmsSelection.encryptAllMarked": encryptAllMarked,
  "kmsSelection.revealSecret": (app) => revealSecret(app),
  "kmsSelection.revealVisibleSecrets": revealVisibleSecrets,
  "kmsSelection.hideSecrets": hideSecrets,
  "kmsSelection.sealAll": sealAll,
  "kmsSelection.showUnsealed": showUnsealed,
  "kmsSelection.editSecret": (app) => editSecret(app),
  "kmsSelection.copySecret": (app) => copySecret(app),
  "kmsSelection.insertSecret": insertSecret,
  "kmsSelection.generateSecret": generateSecret,
  "kmsSelection.reEncryptSelection": (app) => reEncryptSelection(app),
  "kmsSelection.reEncryptFile": reEncryptFile,
  "kmsSelection.reEncryptWorkspace": (app) => reEncryptWorkspace(app),
  "kmsSelection.findTokensUnderOtherKeys": findTokensUnderOtherKeys,
  "kmsSelection.showMenu": showMenu,
  "kmsSelection.switchIdentity": switchIdentity,
  "kmsSelection.chooseKey": chooseKey,
  "kmsSelection.chooseProfile": chooseProfile,
  "kmsSelection.chooseRegion": chooseRegion,
  "kmsSelection.testKeyAccess": testKeyAccess,
  "kmsSelection.useSettings": (app) => app.choices.set({}),
  "kmsSelection.trySandbox": trySandbox,
  "kmsSelection.leaveSandbox": leaveSandbox,
  "kmsSelection.deployKeyStack": (app) => deployKeyStack(app),
  "kmsSelection.useExistingStack": useExistingStack,
  "kmsSelection.openKeyTemplate": openKeyTemplate,
  "kmsSelection.openReplicaTemplate": openReplicaTemplate,
  "kmsSelection.openSettings": openSettings,
  "kmsSelection.showLog": ({ log }) => {
    log.show();
  },
};

/** Commands report their failures themselves. */
export async function runCommand(id: string, app: App): Promise<void> {
  await reportingFailure(app, () => commands[id]?.(app));
}

export function createApp(services: Services): App {
  const decryptedValues: DecryptedValues = new DecryptedValues(() => startSealing(app));
  services.subscriptions.push(decryptedValues);
  const unsealedRecord = new UnsealedRecord(services.workspaceState, services.secrets);
  const app: App = { ...services, decryptedValues, keptUnsealed: new KeptUnsealed(), unsealedRecord };
  services.subscriptions.push(new RestoreUnsealed(app));
  return app;
}
