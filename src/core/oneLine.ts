/** A secret as it is shown on one line: nothing in it goes unseen, and nothing in it steers how it is shown. */

/** Of a decoration; more would push what is behind it out of sight. */
const MAX_SHOWN_CHARACTERS = 200;

/** Spaces between words are the same for the eye; all other white space, controls and formats are spelled out. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}]/gu;

/** Unicode's control pictures: https://www.unicode.org/charts/PDF/U2400.pdf */
const FIRST_PICTURE = 0x2400;
const PICTURE_OF_DELETE = "␡";

export function oneLine(text: string): string {
  if (text === "") return "(empty)";
  const shown = text.replace(UNSEEN, showUnseen);
  const characters = Array.from(shown);
  if (characters.length <= MAX_SHOWN_CHARACTERS) return shown;
  const count = characters.length - MAX_SHOWN_CHARACTERS;
  return `${characters.slice(0, MAX_SHOWN_CHARACTERS).join("")}… (${count} more)`;
}

function showUnseen(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  // Style sheets make one space of several, so that it has to be one that does not break.
  if (character === " ") return "\u00a0";
  if (character === "\n") return "↵";
  if (character === "\t") return "⇥";
  if (code < 0x20) return String.fromCodePoint(FIRST_PICTURE + code);
  if (code === 0x7f) return PICTURE_OF_DELETE;
  return `‹U+${code.toString(16).toUpperCase().padStart(4, "0")}›`;
}
