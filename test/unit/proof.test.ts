/** docs/proof.md shows the faults that are tested, and names commands and files that there are. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readJson, root } from "../host/paths";
import { faultTable } from "../support/faultTable";

suite("The page of proof", () => {
  const page = readFileSync(join(root, "docs/proof.md"), "utf8");

  test("shows each fault with its words", () => {
    const rows = faultTable.map(({ title, words }) => `| ${title} | ${words} |`);
    const table = ["| fault | message, after “Can't decrypt:” |", "|---|---|", ...rows].join("\n");
    assert.ok(page.includes(`\n\n${table}\n\n`), table);
  });

  test("names scripts and files that there are", () => {
    const { scripts } = readJson(join(root, "package.json")) as { scripts: Record<string, string> };
    for (const [, script] of page.matchAll(/`npm run ([\w:]+)/g)) assert.ok(scripts[script!], script);
    for (const [, file] of page.matchAll(/`(test\/[\w./]+\.ts)`/g))
      assert.ok(existsSync(join(root, file!)), file);
    for (const [, file] of page.matchAll(/\]\(([\w.]+\.md)\)/g))
      assert.ok(existsSync(join(root, "docs", file!)), file);
  });
});
