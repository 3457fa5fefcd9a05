/** Searches all that was written, for secrets that must not be there, in every form in which a program may write them. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** The files below `root` that hold the text. */
export function filesWith(root: string, text: string): string[] {
  return filesWithSome(root, { text }).map(([path]) => path);
}

/** The files below `root` that hold some of the texts, in their content or their path; each with the names of these. */
export function filesWithSome(root: string, texts: Readonly<Record<string, string>>): [string, string[]][] {
  const wanted = Object.entries(texts).map(([name, text]) => ({ name, forms: formsOf(text) }));
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((name) => join(root, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .flatMap((path): [string, string[]][] => {
      const content = Buffer.concat([Buffer.from(path), contentOf(path)]);
      const found = wanted.filter(({ forms }) => forms.some((form) => content.includes(form)));
      return found.length === 0 ? [] : [[path, found.map(({ name }) => name)]];
    });
}

export function holds(content: string, text: string): boolean {
  const bytes = Buffer.from(content);
  return formsOf(text).some((form) => bytes.includes(form));
}

/** UTF-8 and UTF-16, each also as hexadecimal digits and in base64; and what JSON makes of it. */
function formsOf(text: string): Buffer[] {
  const encoded = [Buffer.from(text), Buffer.from(text, "utf16le")];
  const written = encoded.flatMap((bytes) => [
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    ...base64Of(bytes),
    ...base64Of(bytes).map((base64) => base64.replaceAll("+", "-").replaceAll("/", "_")),
  ]);
  const all = [
    ...encoded,
    ...[...written, JSON.stringify(text).slice(1, -1)].map((form) => Buffer.from(form)),
  ];
  return all.filter((form, n) => all.findIndex((other) => other.equals(form)) === n);
}

/** Of any bytes that hold these: they can begin at the first, second or third byte of a group. */
function base64Of(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const base64 = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    // Without the characters that also tell of what is before or behind.
    return base64.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
}

/** What goes away while it is looked for holds nothing. */
function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
