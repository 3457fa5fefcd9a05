/** The Regions that are offered. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { listRegions } from "../../../src/aws/connection";
import { REGIONS } from "../../../src/aws/regions";
import { region } from "../../../src/core/settings";
import { packageFolder } from "../../host/paths";
import { useHome } from "./home";

suite("Regions", () => {
  const home = useHome();

  test("they are those that the SDK knows", () => {
    const file = "dist-es/submodules/client/util-endpoints/lib/aws/partitions.js";
    const text = readFileSync(join(packageFolder("@aws-sdk/core"), file), "utf8");
    const { partitions } = JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1)) as {
      partitions: { regions: Record<string, { description: string }> }[];
    };
    const known = partitions.flatMap(({ regions }) => Object.entries(regions));
    const expected = known.filter(([name]) => !name.endsWith("-global"));
    assert.ok(expected.length > 30);
    assert.deepEqual(
      { ...REGIONS },
      Object.fromEntries(expected.map(([name, { description }]) => [name, description])),
    );
  });

  test("each is a Region that a setting may have", () => {
    for (const name of Object.keys(REGIONS)) assert.equal(region(name, "region"), name);
  });

  test("those of the profiles come first, one time each", async () => {
    home.config(
      "[default]\nregion = us-west-2\n[profile a]\nregion = eu-west-1\n[profile b]\nregion = us-west-2\n[profile c]\nregion = local\n",
    );
    const regions = await listRegions();
    assert.deepEqual(regions.slice(0, 3), [
      { region: "eu-west-1", description: "Europe (Ireland), of profile a" },
      { region: "local", description: "of profile c" },
      { region: "us-west-2", description: "US West (Oregon), of profile b, default" },
    ]);
    const names = regions.map(({ region: name }) => name);
    assert.deepEqual(new Set(names), new Set([...Object.keys(REGIONS), "local"]));
    assert.equal(new Set(names).size, names.length);
  });
});
