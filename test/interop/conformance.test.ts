/** The sandbox and other people's KMS: one table of requests against each, and docs/conformance.md lists what differs. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { readManifest } from "../host/paths";
import { answerOf, difference } from "./conformance/case";
import { type Column, groups, keyOf, listed, page, render } from "./conformance/table";
import { findEmulators } from "./emulators";
import { emulatorWorld, sandboxWorld, type World } from "./worlds";

const { found, missing } = findEmulators();
for (const why of missing) console.log(`  ${why}`);

const writing = process.env.KMS_SELECTION_WRITE !== undefined;

interface Implementation extends Omit<Column, "differences"> {
  readonly open: () => Promise<World>;
}

const implementations: Implementation[] = [
  { name: "sandbox", version: readManifest().version, open: sandboxWorld },
  ...found.map((emulator) => ({ ...emulator, open: () => emulatorWorld(emulator) })),
];

const columns: (Column & { differences: Map<string, string> })[] = implementations.map(
  ({ name, version, home }) => ({
    name,
    version,
    ...(home === undefined ? {} : { home }),
    differences: new Map<string, string>(),
  }),
);

suite("one table of what KMS does", function () {
  this.timeout(120_000);
  for (const [n, { name, open }] of implementations.entries()) {
    suite(name, () => {
      let world: World;
      suiteSetup(async () => {
        world = await open();
      });
      suiteTeardown(() => world.close());

      for (const [group, cases] of groups) {
        for (const each of cases) {
          const key = keyOf(group, each.title);
          test(key, async () => {
            const differs = difference(each.documented, await answerOf(each, world));
            columns[n]?.differences.set(key, differs);
            if (name === "sandbox" && !each.sandbox) assert.equal(differs, "", each.source);
            // What is found and not listed, and what is listed and was not found.
            if (!writing)
              assert.equal(differs, listed(name, group, each), `docs/conformance.md, ${each.source}`);
          });
        }
      }
    });
  }
});

// Apart, because the tests of a suite run before the suites in it.
suite("the page of what KMS does", () => {
  test("docs/conformance.md is what was found", () => {
    if (missing.length > 0) {
      console.log("  The page is compared by its cells alone, because an implementation is left out.");
      return;
    }
    const rendered = render(columns);
    if (writing) writeFileSync(page, rendered);
    else if (!process.env.KMS_SELECTION_GREP)
      assert.equal(existsSync(page) ? readFileSync(page, "utf8") : "", rendered);
  });
});
