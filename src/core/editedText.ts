/** A text on its way through a text area, which makes every line break a line feed. */

export function asTyped(text: string): string {
  return text.replace(/\r\n|\r/g, "\n");
}

/** Whether the line breaks that come back may differ from those of the text. */
export function hasMixedLineBreaks(text: string): boolean {
  return kindsOf(text).size > 1;
}

/** What was typed, with the line breaks that the text had; the text itself where nothing else was typed. */
export function editedText(text: string, typed: string): string {
  if (typed === asTyped(text)) return text;
  const [lineBreak = "\n", ...others] = kindsOf(text);
  return others.length > 0 ? typed : typed.replaceAll("\n", lineBreak);
}

function kindsOf(text: string): Set<string> {
  return new Set(text.match(/\r\n|\r|\n/g));
}
