/** Offers a secret that was just generated: for a minute only, because whoever cannot decrypt it has no other chance. */
import * as vscode from "vscode";
import type { App } from "../app";
import { copiedSecret } from "../copiedSecret";

/** Milliseconds. */
const OFFER_TIME = 60_000;

export async function offerGenerated(app: App, text: string, clipboardSeconds: number): Promise<void> {
  const held: { text?: string } = { text };
  const timer = setTimeout(() => {
    delete held.text;
  }, OFFER_TIME);
  const answer = await vscode.window.showInformationMessage(
    "A secret was generated, and is encrypted. For a minute it can be copied from here.",
    "Copy",
  );
  clearTimeout(timer);
  if (answer === undefined) return;
  if (held.text !== undefined) await copiedSecret(app).copy(held.text, clipboardSeconds);
  else
    void vscode.window.showInformationMessage(
      "The minute is over. Put the cursor into the token and run KMS: Copy Secret.",
    );
}
