/** Try in Sandbox, Leave Sandbox. */
import type { App } from "../app";

export async function trySandbox(app: App): Promise<void> {
  await app.choices.set({ ...app.choices.get(), sandbox: true });
}

/** Chosen rather than unset: the setting may ask for the sandbox. */
export async function leaveSandbox(app: App): Promise<void> {
  await app.choices.set({ ...app.choices.get(), sandbox: false });
}
