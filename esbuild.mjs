// Builds dist/ (what is packed) and out/ (tests, and the tools that start VS Code). `--watch` keeps building.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join, relative } from "node:path";
import * as esbuild from "esbuild";
import { parse } from "yaml";

const watch = process.argv.includes("--watch");

/** Parts that are loaded on first use, each a bundle of its own: activation does not pay for them. */
const lazyBundles = {
  commands: "src/vscode/commands/main.ts",
  hints: "src/vscode/hints/main.ts",
  aws: "src/aws/main.ts",
  messages: "src/aws/messages.ts",
  messageHeader: "src/aws/messageHeader.ts",
  connection: "src/aws/connection.ts",
  stacks: "src/aws/stacks.ts",
  sandbox: "src/sandbox/main.ts",
};

const lazyLoading = {
  name: "lazy-loading",
  setup(build) {
    build.onResolve({ filter: /^\./ }, ({ path, kind, importer, resolveDir }) => {
      if (kind !== "dynamic-import" || importer.includes("node_modules")) return undefined;
      const source = `${relative(".", join(resolveDir, path))}.ts`;
      const [name] = Object.entries(lazyBundles).find(([, entry]) => entry === source) ?? [];
      return name
        ? { path: `./${name}.js`, external: true }
        : { errors: [{ text: `No bundle for ${source}` }] };
    });
  },
};

/** Its client is always given credentials; the providers are in the AWS bundle, and need not come twice. */
const withoutCredentialProviders = {
  name: "without-credential-providers",
  setup(build) {
    build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ importer }) =>
      importer.includes("client-cloudformation")
        ? { path: "credential-provider-node", namespace: "none" }
        : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "none" }, () => ({
      contents: "export const defaultProvider = undefined;",
    }));
  },
};

/**
 * VS Code's API is one CommonJS object. Imported as a namespace, each file would copy its hundreds of members, which takes
 * longer than all the rest of activation. Required by each file, VS Code would look each time whose file it is.
 */
const withoutCopiesOfVscode = {
  name: "without-copies-of-vscode",
  setup(build) {
    build.onResolve({ filter: /^vscode$/ }, ({ namespace }) =>
      namespace === "once" ? { path: "vscode", external: true } : { path: "vscode", namespace: "once" },
    );
    build.onLoad({ filter: /.*/, namespace: "once" }, () => ({
      contents: 'module.exports = require("vscode");',
    }));
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(
        'import * as vscode from "vscode";',
        'import vscode = require("vscode");',
      ),
      loader: "ts",
    }));
  },
};

const node = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  // `import()` becomes `require()`: all bundles are CommonJS, as extension hosts load them.
  supported: { "dynamic-import": false },
  // VS Code waits for esbuild to say that a watched build is finished.
  logLevel: watch ? "info" : "warning",
};

/** @type {esbuild.BuildOptions} */
const extension = {
  ...node,
  entryPoints: { extension: "src/extension.ts", ...lazyBundles },
  outdir: "dist",
  external: ["vscode"],
  // Of packages that come both ways, the modules: what nobody uses of them is left out.
  mainFields: ["module", "main"],
  plugins: [lazyLoading, withoutCredentialProviders, withoutCopiesOfVscode],
  minify: !watch,
  // Beside the bundles, for `npm run coverage`; they are not packed.
  sourcemap: watch || "external",
  // Their notices are in a file of their own, written below.
  legalComments: "none",
  metafile: true,
};

/** Runs in a page of a panel, and is written into it. */
const pageScripts = {
  bundle: true,
  format: "iife",
  target: "es2023",
  logLevel: node.logLevel,
  entryPoints: { editPage: "src/vscode/editPageScript/script.ts" },
  outdir: "dist",
  minify: !watch,
};

/** The licences of all packages that have code in the bundles: their terms ask for the texts to come along. */
function thirdPartyNotices({ inputs }) {
  const folders = Object.keys(inputs).flatMap(
    (input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? [],
  );
  const notices = [...new Set(folders)].map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    if (!license) throw new Error(`${folder} names no licence`);
    const texts = readdirSync(folder)
      .filter((file) => /^(?:licen[cs]e|notice|copying)/i.test(file))
      .sort()
      .map((file) => readFileSync(join(folder, file), "utf8").trim());
    return [`${name} ${version} (${license})`, ...texts].join("\n\n");
  });
  const rule = `\n\n${"-".repeat(80)}\n\n`;
  return `KMS Selection contains code of these packages.${rule}${notices.sort().join(rule)}\n`;
}

/** What the key template says about its parameters, for the dialogs that ask for them: no parser of YAML is shipped. */
function keyTemplate() {
  const { Parameters, Metadata } = parse(readFileSync("infra.yaml", "utf8"), { logLevel: "error" });
  return JSON.stringify({ Parameters, Metadata });
}

const testFiles = existsSync("test")
  ? readdirSync("test", { recursive: true })
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
      .map((file) => join("test", file))
  : [];

/** @type {esbuild.BuildOptions} */
const tests = {
  ...node,
  entryPoints: testFiles,
  outbase: "test",
  outdir: "out",
  // Tests bundle the sources that they test; packages stay outside and are found in node_modules.
  packages: "external",
  external: ["vscode", ...builtinModules],
  sourcemap: "inline",
};

for (const folder of ["dist", "out"]) rmSync(folder, { recursive: true, force: true });
if (watch) {
  for (const options of [extension, pageScripts, tests]) await (await esbuild.context(options)).watch();
} else {
  const [{ metafile }] = await Promise.all(
    [extension, pageScripts, tests].map((options) => esbuild.build(options)),
  );
  writeFileSync("dist/THIRD-PARTY-NOTICES.txt", thirdPartyNotices(metafile));
}
writeFileSync("dist/keyTemplate.json", keyTemplate());
