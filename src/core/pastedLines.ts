/** A field of one line takes the line breaks out of what is pasted into it. */

export interface PastedLines {
  /** What the field made of it. */
  readonly asOneLine: string;
  /** With line feeds. */
  readonly lines: string;
}

/**
 * What was pasted where `now` came of `before` by pasting what the clipboard has; `undefined`: that has no line breaks, or
 * something else was typed. Browsers leave out those at the end, and put a space for each of the others, or nothing.
 */
export function pastedLines(before: string, now: string, clipboard: string): PastedLines | undefined {
  const lines = clipboard.replace(/\r\n|\r/g, "\n").replace(/\n+$/, "");
  if (!lines.includes("\n")) return undefined;
  for (const inPlace of [" ", ""]) {
    const asOneLine = lines.replaceAll("\n", inPlace);
    for (let at = now.indexOf(asOneLine); at !== -1; at = now.indexOf(asOneLine, at + 1)) {
      const [start, end] = [now.slice(0, at), now.slice(at + asOneLine.length)];
      const isAround =
        before.startsWith(start) && before.endsWith(end) && start.length + end.length <= before.length;
      if (isAround) return { asOneLine, lines };
    }
  }
  return undefined;
}
