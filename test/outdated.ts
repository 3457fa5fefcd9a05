/** `npm run outdated`: which packages have newer versions, those that users get first; and which are held back on purpose. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./host/paths";

const HELD: Readonly<Record<string, string>> = {
  "@types/vscode": "the oldest VS Code that engines.vscode promises",
  "code-server-oldest": "the oldest VS Code that engines.vscode promises",
  "proxy-agent-oldest": "what the oldest VS Code was made with",
  "@types/node": "the oldest Node that engines.node promises",
};

interface Outdated {
  readonly current?: string;
  readonly latest: string;
}

function main(): void {
  const { stdout, stderr } = spawnSync("npm", ["outdated", "--json"], {
    cwd: root,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  // npm ends with 1 where something is outdated; what it writes tells the two cases apart.
  if (!stdout.trimStart().startsWith("{")) throw new Error(`npm did not answer:\n${stderr}`);
  const found = JSON.parse(stdout) as Record<string, Outdated | { readonly error: unknown }>; // npm's own format
  if ("error" in found) throw new Error(`npm did not answer: ${stdout}`);
  const notices = readFileSync(join(root, "dist/THIRD-PARTY-NOTICES.txt"), "utf8");
  const isBundled = (name: string): boolean => notices.includes(`\n${name} `);
  const rows = (Object.entries(found) as [string, Outdated][])
    .map(([name, versions]) => [name.replace(/:.*/, ""), versions] as const)
    // A registry's "latest" may be an older line that is still kept.
    .filter(([, { current = "0", latest }]) => current.localeCompare(latest, "en", { numeric: true }) < 0)
    .map(([name, { current = "none", latest }]) => {
      const held = HELD[name];
      const place = held ? `held: ${held}` : isBundled(name) ? "packed: users get it" : "tool";
      return { place, line: `| ${name} | ${current} | ${latest} | ${place} |` };
    })
    .sort((a, b) => (a.place < b.place ? -1 : 1));
  if (rows.length === 0) console.log("All packages are the newest.");
  else
    console.log(
      ["| package | now | newest | |", "|---|---|---|---|", ...rows.map(({ line }) => line)].join("\n"),
    );
}

main();
