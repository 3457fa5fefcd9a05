/**
 * `npm run bench`: what the extension takes beside a floor of the same run, as a table, a page and a picture. A number
 * behind it says how many windows: `npm run bench -- 1` is the shortest.
 */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { root } from "../host/paths";
import { packVsix } from "../host/vsix";
import { startKmsServer } from "../support/kmsServer";
import type { Figure } from "./figures";
import { measureOtherClients } from "./otherClients";
import { picture, profiles, table } from "./report";
import { measureTexts } from "./texts";
import { measureTyping } from "./typing";
import { measureWindows } from "./windows";

const WINDOWS = 5;
const PAGE = join(root, "docs/speed.md");

async function main(windows: number): Promise<void> {
  const server = await startKmsServer();
  try {
    // First, while this process holds nothing else.
    const texts = await measureTexts();
    const inWindows = await measureWindows(server.url, windows);
    const direct = inWindows.find(({ title }) => title.startsWith("encrypt 1,000 selections, a request"));
    const others = await measureOtherClients(server.url, direct?.own ?? []);
    const figures = [...inWindows, ...others, ...texts, ...(await measureTyping()), packageSize()];
    const [model = "unknown"] = cpus().map((cpu) => cpu.model.trim());
    const where = `${cpus().length} cores (${model}), Node ${process.versions.node}, ${windows} windows, ${new Date().toISOString().slice(0, 10)}.`;
    const shown = `${where}\n\n${table(figures)}`;
    console.log(`\n${shown}`);
    const page = readFileSync(PAGE, "utf8");
    writeFileSync(PAGE, filled(filled(page, "figures", shown), "profiles", profiles(figures)));
    writeFileSync(join(root, "docs/speed.svg"), picture(figures));
  } finally {
    await server.close();
  }
}

/** The page with this text between the marks of that name. */
function filled(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [before = "", rest = ""] = page.split(begin);
  const [, after = ""] = rest.split(end);
  return `${before}${begin}\n\n${text}\n\n${end}${after}`;
}

function packageSize(): Figure {
  const kilobytes = (file: string): number => statSync(file).size / 1024;
  const files = [
    "extension",
    "commands",
    "hints",
    "aws",
    "messages",
    "messageHeader",
    "connection",
    "stacks",
    "sandbox",
  ];
  const code = files.reduce((sum, name) => sum + kilobytes(join(root, `dist/${name}.js`)), 0);
  const limit = { of: "own", most: 500 } as const;
  const floor = "its code, not compressed";
  return { title: "the .vsix", floor, unit: "KB", own: [kilobytes(packVsix())], base: [code], limit };
}

main(Number(process.argv[2] ?? WINDOWS)).then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
