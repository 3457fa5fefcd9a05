/** New secrets, by the operating system's random numbers. */
import { randomInt } from "node:crypto";

const LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** By the name that a person chooses. No character twice, or it would come up more often than the others. */
export const alphabets: Readonly<Record<string, string>> = {
  "Letters and digits": LETTERS_AND_DIGITS,
  "Letters, digits and symbols": `${LETTERS_AND_DIGITS}!#%()*+,-./:;<=>?@[]^_{|}~`,
  "URL-safe (base64url)": `${LETTERS_AND_DIGITS}-_`,
  Hexadecimal: "0123456789abcdef",
  Digits: "0123456789",
};

export const MAX_LENGTH = 1024;

/** `randomInt` throws away what would favour the first characters; a remainder of random bytes would not. */
export function generateSecret(length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}

/** How many bits an attacker has to guess, rounded down. */
export function entropyBits(length: number, alphabet: string): number {
  return Math.floor(length * Math.log2(alphabet.length));
}

/** `undefined`: not a length. */
export function parseLength(text: string): number | undefined {
  const length = /^\d{1,4}$/.test(text.trim()) ? Number(text) : 0;
  return length >= 1 && length <= MAX_LENGTH ? length : undefined;
}
