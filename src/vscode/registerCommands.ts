/** The commands of the manifest, each loaded when one of them is first run. */
import * as vscode from "vscode";
import type { App, Services } from "./app";
import { hasUnsealedRecord } from "./unsealedRecord";

/** What is read of the manifest. */
export interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

/**
 * Commands act on the active editor alone, take no arguments and answer nothing: another extension, or a link, cannot
 * use them to have a ciphertext of its own decrypted.
 */
export function registerCommands({ contributes }: Manifest, services: Services): vscode.Disposable {
  let app: App | undefined;
  const load = async () => {
    const { createApp, runCommand } = await import("./commands/main");
    app ??= createApp(services);
    return { app, runCommand };
  };
  // Making it looks for decrypted text that VS Code shows again.
  if (hasUnsealedRecord(services.workspaceState)) void load();
  return vscode.Disposable.from(
    ...contributes.commands.map(({ command }) =>
      vscode.commands.registerCommand(command, async () => {
        const loaded = await load();
        await loaded.runCommand(command, loaded.app);
      }),
    ),
  );
}
