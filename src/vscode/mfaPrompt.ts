/** Asks the person for the code of a multi-factor device: one box at a time, whoever waits for it. */
import * as vscode from "vscode";
import { KmsSelectionError } from "../core/errors";
import { explainMfaRefusal, parseMfaCode, type AskMfaCode, type MfaQuestion } from "../core/mfa";

export class MfaPrompt {
  private asked = 0;
  /** Settles when no box is open any more: a second one would close the first. */
  private closed: Promise<unknown> = Promise.resolve();

  /** Whether the person is being asked, or will be. */
  get isOpen(): boolean {
    return this.asked > 0;
  }

  readonly ask: AskMfaCode = async (question) => {
    this.asked++;
    const answer = this.closed.then(() => showBox(question));
    this.closed = answer.catch(() => undefined);
    try {
      return await answer;
    } finally {
      this.asked--;
    }
  };
}

async function showBox({ profile, device, refused }: MfaQuestion): Promise<string> {
  const text = await vscode.window.showInputBox({
    title: `MFA Code for Profile ${profile}, Device ${device}`,
    prompt: refused ? explainMfaRefusal(refused) : "Type the six digits that the device shows",
    // The code is on another screen, or in another window.
    ignoreFocusOut: true,
    validateInput: (typed) => (parseMfaCode(typed) ? undefined : "Six digits"),
  });
  const code = parseMfaCode(text ?? "");
  if (code === undefined) throw new KmsSelectionError({ code: "cancelled" });
  return code;
}
