/** A code of a multi-factor device, which STS asks for before it gives the credentials of a role. */

/** What AWS did not take: the code, or that the device is the caller's. */
export type MfaRefusal = "code" | "device";

export interface MfaQuestion {
  readonly profile: string;
  /** The profile's mfa_serial: an ARN, or the serial number of a hardware device. */
  readonly device: string;
  /** Of the code that was given before. */
  readonly refused: MfaRefusal | undefined;
}

/** Answers with the six digits. Throws `cancelled`. */
export type AskMfaCode = (question: MfaQuestion) => Promise<string>;

/** The digits of what was typed, which may be in groups; `undefined`: it is no code. */
export function parseMfaCode(text: string): string | undefined {
  const digits = text.replace(/\s/g, "");
  // Every device of IAM shows six: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html, TokenCode
  return /^\d{6}$/.test(digits) ? digits : undefined;
}

export function explainMfaRefusal(refusal: MfaRefusal): string {
  return refusal === "code"
    ? "AWS did not take this code. Wait for the next one: each works once"
    : "AWS could not check this code. Is the mfa_serial of the profile a device of yours, and its clock right?";
}
