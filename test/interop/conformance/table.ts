/** The table of what KMS does as a page, docs/conformance.md: written from what was found, and read to compare. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../host/paths";
import { type Case, words } from "./case";
import { dataKeyCases } from "./dataKeys";
import { decryptCases } from "./decrypt";
import { encryptCases } from "./encrypt";
import { describeKeyCases, listCases, rotationCases } from "./keys";
import { reEncryptCases } from "./reEncrypt";

export const groups: readonly (readonly [title: string, cases: readonly Case[]])[] = [
  ["Encrypt", encryptCases],
  ["Decrypt", decryptCases],
  ["ReEncrypt", reEncryptCases],
  ["GenerateDataKey", dataKeyCases],
  ["DescribeKey", describeKeyCases],
  ["Lists", listCases],
  ["Rotation", rotationCases],
];

/** One implementation, and its differences by `keyOf(group, case)`; empty where it does what AWS documents. */
export interface Column {
  readonly name: string;
  readonly version: string;
  readonly home?: string;
  readonly differences: ReadonlyMap<string, string>;
}

export const page = join(root, "docs/conformance.md");
export const keyOf = (group: string, title: string): string => `${group}: ${title}`;

const SAME = "✓";

export function render(columns: readonly Column[]): string {
  const head = columns.map(({ name }) => name);
  return [
    "# Conformance",
    "",
    "<!-- Written by `KMS_SELECTION_WRITE=1 npm run test:interop`; `npm run test:interop` compares it with what it finds. -->",
    "",
    "One table of requests, each sent by the AWS SDK for JavaScript over HTTP to the extension's sandbox and to three emulators of AWS KMS that other people wrote, each of another code base. Nothing was sent to AWS.",
    "",
    "The column *AWS documents* gives the documented answer and links to the page of AWS's documentation that says so. ✓ is that answer. Any other cell is what the implementation answers instead: **by the linked page AWS is right, and the implementation is not.** `succeeds` means that it should have refused.",
    "",
    "A ciphertext of a key that is not here was made by a second server of the same kind.",
    "",
    ...table(
      ["", "version", "as documented", "otherwise"],
      columns.map((column) => {
        const otherwise = [...column.differences.values()].filter(Boolean).length;
        return [
          column.home ? `[${column.name}](${column.home})` : column.name,
          column.version,
          String(column.differences.size - otherwise),
          String(otherwise),
        ];
      }),
    ),
    ...groups.flatMap(([group, cases]) => [
      `## ${group}`,
      "",
      ...table(
        ["request", "AWS documents", ...head],
        cases.map((each) => [
          each.title,
          `[${words(each.documented)}](${each.source})`,
          ...columns.map(({ name, differences }) => {
            const found = differences.get(keyOf(group, each.title));
            return found ? `${found}${name === "sandbox" && each.sandbox ? `: ${each.sandbox}` : ""}` : SAME;
          }),
        ]),
      ),
    ]),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

/** What the page says about an implementation; undefined where it has no such cell. */
export function listed(name: string, group: string, { title, sandbox }: Case): string | undefined {
  const cell = cells().get(group)?.get(title)?.get(name);
  if (cell === undefined || cell === SAME) return cell && "";
  return name === "sandbox" && sandbox ? cell.replace(`: ${sandbox}`, "") : cell;
}

let read: Map<string, Map<string, Map<string, string>>> | undefined;

/** By group, request and implementation. */
function cells(): Map<string, Map<string, Map<string, string>>> {
  if (read) return read;
  read = new Map();
  if (!existsSync(page)) return read;
  for (const section of readFileSync(page, "utf8").split(/^## /m).slice(1)) {
    const [group = "", ...lines] = section.split("\n");
    const [head = [], , ...rows] = lines
      .filter((line) => line.startsWith("|"))
      .map((line) =>
        line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    const entries = rows.map((row): [string, Map<string, string>] => [
      row[0] ?? "",
      new Map(head.map((name, n) => [name, row[n] ?? ""])),
    ]);
    read.set(group.trim(), new Map(entries));
  }
  return read;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${head.map(() => "---|").join("")}`, ...rows.map(line), ""];
}
