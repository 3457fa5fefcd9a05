/** What is published: small, the same from the same sources, and with the licences of what is in it. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { openPromise } from "yauzl";
import { readJson, root, temporaryFolder } from "../../host/paths";
import { pack, packVsix } from "../../host/vsix";

suite("Package", () => {
  const folder = temporaryFolder();
  const vsix = join(folder.path, "kms-selection.vsix");
  suiteTeardown(() => {
    folder.remove();
  });

  test("packed twice, at other times and in another time zone: the same bytes, 500 KB at most", function () {
    this.timeout(60_000);
    const hash = (): string => createHash("sha256").update(readFileSync(vsix)).digest("hex");
    const zone = process.env.TZ;
    pack(vsix);
    const first = hash();
    try {
      process.env.TZ = "Pacific/Kiritimati";
      utimesSync(join(root, "dist/extension.js"), new Date(0), new Date("2001-02-03"));
      pack(vsix);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
    assert.equal(hash(), first);
    assert.ok(statSync(vsix).size <= 500 * 1024);
  });

  test("both templates are in it, as they are here", async () => {
    const packed = await textsIn(packVsix(), /\.yaml$/);
    assert.deepEqual([...packed.keys()].sort(), ["extension/infra-replica.yaml", "extension/infra.yaml"]);
    for (const [name, content] of packed)
      assert.equal(content, readFileSync(join(root, name.replace("extension/", "")), "utf8"));
  });

  test("every package that is bundled is named in it with its licence, which is a permissive one", async () => {
    const [notices = ""] = (await textsIn(packVsix(), /NOTICES/)).values();
    const named = [...notices.matchAll(/^((?:@[\w-]+\/)?[\w.-]+) [\d.]+ \(([^)]+)\)$/gm)];
    const names = new Set(named.map(([, name]) => name));
    const bundled = bundledPackages();
    assert.ok(bundled.has("@aws-crypto/decrypt-node"));
    assert.deepEqual(
      [...bundled].filter((name) => !names.has(name)),
      [],
    );
    assert.match(notices, /Apache License\s+Version 2\.0/);
    const permissive = ["Apache-2.0", "MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "0BSD"];
    assert.deepEqual(
      named.filter(([, , licence]) => !permissive.includes(licence ?? "")).map(([line]) => line),
      [],
    );
  });

  test("no code of a package is run when this is installed, and no package is installed with it", () => {
    const manifest = readJson(join(root, "package.json")) as Record<string, unknown>; // our own file
    assert.equal(manifest.dependencies, undefined);
    const scripts = Object.keys(manifest.scripts as object);
    assert.deepEqual(
      scripts.filter((name) => /^(?:pre|post)|^(?:install|prepare|vscode:)/.test(name)),
      [],
    );
    assert.match(readFileSync(join(root, ".npmrc"), "utf8"), /^ignore-scripts=true$/m);
  });
});

/** The files of a package whose names match. */
async function textsIn(vsix: string, wanted: RegExp): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  const zip = await openPromise(vsix);
  for await (const entry of zip.eachEntry())
    if (wanted.test(entry.fileName))
      texts.set(entry.fileName, await text(await zip.openReadStreamPromise(entry)));
  return texts;
}

/** By the maps of the bundles, which name the file of each piece of code. */
function bundledPackages(): Set<string> {
  const maps = readdirSync(join(root, "dist")).filter((name) => name.endsWith(".js.map"));
  const sources = maps.flatMap(
    (name) => (readJson(join(root, "dist", name)) as { sources: string[] }).sources,
  );
  return new Set(sources.flatMap((source) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []));
}
