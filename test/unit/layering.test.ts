/** Who may import what. A folder of src/ is named for the one import that it may have. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { builtinModules } from "node:module";
import { join, normalize } from "node:path/posix";
import ts from "typescript";
import { root } from "../host/paths";

interface Import {
  /** As it is written; a file of ours as its path below src/, without its extension. */
  readonly of: string;
  /** Nothing of it is left when the code runs. */
  readonly isType: boolean;
  readonly isDynamic: boolean;
}

interface Source {
  /** Path below src/, without its extension. */
  readonly name: string;
  /** The first folder, or the name of a file that is in none. */
  readonly layer: string;
  readonly imports: readonly Import[];
  /** What it exports again of what it imports. */
  readonly reExports: readonly string[];
  /** It declares something itself. */
  readonly declares: boolean;
}

const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => readSource(file.replaceAll("\\", "/")));

function readSource(file: string): Source {
  return parseSource(file.replace(/\.ts$/, ""), readFileSync(join(root, "src", file), "utf8"));
}

function parseSource(name: string, text: string): Source {
  const imports: Import[] = [];
  const reExports: string[] = [];
  const add = (specifier: ts.Node | undefined, isType: boolean, isDynamic = false): string => {
    assert.ok(specifier && ts.isStringLiteralLike(specifier), `${name} imports what is not said in its text`);
    const of = specifier.text.startsWith(".") ? normalize(join(name, "..", specifier.text)) : specifier.text;
    imports.push({ of, isType, isDynamic });
    return of;
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
      reExports.push(add(node.moduleSpecifier, node.isTypeOnly));
    } else if (ts.isImportEqualsDeclaration(node)) {
      assert.fail(`${name} uses import =`);
    } else if (ts.isImportTypeNode(node)) {
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false, true);
    } else if (
      ts.isCallExpression(node) &&
      ts.isIdentifier(node.expression) &&
      ["require", "createRequire"].includes(node.expression.text)
    ) {
      assert.fail(`${name} calls ${node.expression.text}`);
    }
    ts.forEachChild(node, visit);
  };
  const file = ts.createSourceFile(`${name}.ts`, text, ts.ScriptTarget.Latest, true);
  visit(file);
  const declares = file.statements.some(
    (statement) => !ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement),
  );
  return { name, layer: name.split("/")[0] ?? name, imports, reExports, declares };
}

const names = new Set(sources.map(({ name }) => name));
const isNode = (of: string): boolean => of.startsWith("node:");
const isAws = (of: string): boolean => /^(?:@aws-sdk|@smithy|@aws-crypto)\//.test(of);
const isOurs = (of: string): boolean => names.has(of);
const layerOf = (of: string): string => of.split("/")[0] ?? of;

/** Which import of which file breaks a rule. */
function offenders(
  among: readonly Source[],
  layers: readonly string[],
  isAllowed: (each: Import, source: Source) => boolean,
): string[] {
  return among
    .filter(({ layer }) => layers.includes(layer))
    .flatMap((source) =>
      source.imports
        .filter((each) => !isAllowed(each, source))
        .map(({ of, isType }) => `${source.name} imports ${isType ? "a type of " : ""}${of}`),
    );
}

/** The direction: extension → vscode → { aws, sandbox } → core. Type imports count: they tie the layers as well. */
const MAY_IMPORT: Readonly<Record<string, (of: string) => boolean>> = {
  core: (of) => isNode(of) || (isOurs(of) && layerOf(of) === "core"),
  aws: (of) => isNode(of) || isAws(of) || (isOurs(of) && ["core", "aws"].includes(layerOf(of))),
  sandbox: (of) => isNode(of) || (isOurs(of) && ["core", "sandbox"].includes(layerOf(of))),
  vscode: (of) =>
    isNode(of) ||
    of === "vscode" ||
    of === "ignore" ||
    (isOurs(of) && ["core", "aws", "sandbox", "vscode"].includes(layerOf(of))),
  extension: (of) => isNode(of) || of === "vscode" || (isOurs(of) && layerOf(of) === "vscode"),
};

function outOfDirection(among: readonly Source[]): string[] {
  return Object.entries(MAY_IMPORT).flatMap(([layer, may]) => offenders(among, [layer], ({ of }) => may(of)));
}

/** Values of these are loaded when they are first needed: activation does not pay for them. */
function loadedTooEarly(among: readonly Source[]): string[] {
  return offenders(
    among,
    ["vscode", "extension"],
    ({ of, isType, isDynamic }) => !["aws", "sandbox"].includes(layerOf(of)) || isType || isDynamic,
  );
}

/**
 * Files that import each other in a circle, by what is loaded along with a file. Not types, which nothing loads, and
 * not `import()`, which waits until all is loaded.
 */
function cycles(among: readonly Source[]): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    const seen = path.indexOf(name);
    if (seen !== -1) {
      found.push([...path.slice(seen), name].join(" → "));
      return;
    }
    if (done.has(name)) return;
    const source = among.find((each) => each.name === name);
    for (const { of, isType, isDynamic } of source?.imports ?? []) {
      if (!isType && !isDynamic) visit(of, [...path, name]);
    }
    done.add(name);
  };
  for (const { name } of among) visit(name, []);
  return found;
}

/** A file and all that is loaded along with it. */
function loadedWith(first: string, among: readonly Source[]): Set<string> {
  const loaded = new Set([first]);
  for (const name of loaded) {
    const source = among.find((each) => each.name === name);
    for (const { of, isType, isDynamic } of source?.imports ?? []) {
      if (!isType && !isDynamic && isOurs(of)) loaded.add(of);
    }
  }
  return loaded;
}

suite("Layers", () => {
  test("every file is in a layer", () => {
    assert.ok(sources.length > 30, `only ${sources.length} files were found`);
    assert.deepEqual(
      sources.filter(({ layer }) => !Object.hasOwn(MAY_IMPORT, layer)).map(({ name }) => name),
      [],
    );
    for (const layer of Object.keys(MAY_IMPORT)) assert.ok(sources.some((source) => source.layer === layer));
  });

  test("imports go from extension to vscode to aws and sandbox to core, and out only where they may", () => {
    assert.deepEqual(outOfDirection(sources), []);
  });

  test("Node's modules are named with node:", () => {
    const isBuiltin = (of: string): boolean => builtinModules.includes(of) && !isNode(of);
    assert.deepEqual(
      offenders(sources, Object.keys(MAY_IMPORT), ({ of }) => !isBuiltin(of)),
      [],
    );
  });

  test("what is imported of our own is there", () => {
    const missing = sources.flatMap(({ name, imports }) =>
      imports
        .filter(({ of }) => !isOurs(of) && !isNode(of) && !isAws(of) && !["vscode", "ignore"].includes(of))
        .map(({ of }) => `${name}: ${of}`),
    );
    assert.deepEqual(missing, []);
  });

  test("the AWS code and the sandbox are loaded on first use", () => {
    assert.deepEqual(loadedTooEarly(sources), []);
    const lazy = sources.flatMap(({ imports }) =>
      imports.filter(({ isDynamic }) => isDynamic).map(({ of }) => of),
    );
    assert.deepEqual([...new Set(lazy)].sort(), [
      "aws/connection",
      "aws/main",
      "aws/messageHeader",
      "aws/messages",
      "aws/stacks",
      "sandbox/main",
      "vscode/commands/main",
      "vscode/hints/main",
    ]);
  });

  test("VS Code's API is required once by each bundle", () => {
    for (const name of ["extension", "commands", "hints"]) {
      const bundle = readFileSync(join(root, `dist/${name}.js`), "utf8");
      assert.equal(bundle.match(/require\("vscode"\)/g)?.length, 1, name);
    }
  });

  test("activation loads no command, and 40 KB at most", () => {
    const loaded = loadedWith("extension", sources);
    assert.ok(loaded.has("vscode/statusBar"));
    assert.deepEqual(
      [...loaded].filter((name) => name.startsWith("vscode/commands/")),
      [],
    );
    assert.ok(statSync(join(root, "dist/extension.js")).size <= 40 * 1024);
  });

  test("no file is loaded in a circle", () => {
    assert.deepEqual(cycles(sources), []);
  });

  test("no barrels: only the entries of the lazy bundles export what they import, and no file exports all of another", () => {
    const barrels = sources.filter(({ reExports, declares }) => reExports.length > 0 && !declares);
    assert.deepEqual(
      barrels.map(({ name }) => name),
      ["sandbox/main"],
    );
    assert.deepEqual(
      sources.filter(({ name }) => name.endsWith("/index")).map(({ name }) => name),
      [],
    );
    const all = sources.filter(({ name }) =>
      /^export \*/m.test(readFileSync(join(root, "src", `${name}.ts`), "utf8")),
    );
    assert.deepEqual(all, []);
  });

  // The rules above, each broken once.
  const broken: [name: string, text: string, rule: (among: readonly Source[]) => string[]][] = [
    ["core/x", 'import * as vscode from "vscode";', outOfDirection],
    ["core/x", 'import type * as vscode from "vscode";', outOfDirection],
    ["core/x", 'import { x } from "@aws-sdk/client-kms";', outOfDirection],
    ["core/x", 'import { x } from "../aws/main";', outOfDirection],
    ["core/x", 'let x: import("../sandbox/main").X;', outOfDirection],
    ["core/x", 'import minimist from "minimist";', outOfDirection],
    ["aws/x", 'import { x } from "../sandbox/main";', outOfDirection],
    ["aws/x", 'import { x } from "../vscode/app";', outOfDirection],
    ["aws/x", 'import * as vscode from "vscode";', outOfDirection],
    ["sandbox/x", 'import type { x } from "../aws/main";', outOfDirection],
    ["sandbox/x", 'export { x } from "@smithy/types";', outOfDirection],
    ["vscode/x", 'import type { x } from "@aws-sdk/client-kms";', outOfDirection],
    ["vscode/commands/x", 'import { x } from "../../extension";', outOfDirection],
    ["extension", 'import { x } from "./aws/main";', outOfDirection],
    ["vscode/x", 'import { x } from "../aws/main";', loadedTooEarly],
    ["vscode/x", 'import { type X, x } from "../sandbox/main";', loadedTooEarly],
    ["vscode/commands/x", 'export { x } from "../../aws/connection";', loadedTooEarly],
    ["core/x", 'import { x } from "./x";', cycles],
    ["core/x", 'export { x } from "../core/x";', cycles],
  ];
  for (const [name, text, rule] of broken) {
    test(`would be found: ${text} in ${name}`, () => {
      assert.equal(rule([parseSource(name, text)]).length, 1);
    });
  }

  test("would be found: a circle of three; types and import() make none", () => {
    const circle = (last: string) => [
      parseSource("core/a", 'import { b } from "./b";'),
      parseSource("core/b", 'import { c } from "./c";'),
      parseSource("core/c", last),
    ];
    assert.deepEqual(cycles(circle('import { a } from "./a";')), ["core/a → core/b → core/c → core/a"]);
    assert.deepEqual(cycles(circle('import type { a } from "./a";')), []);
    assert.deepEqual(cycles(circle('const a = import("./a");')), []);
  });
});
