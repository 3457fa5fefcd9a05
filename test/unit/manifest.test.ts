/** The manifest and the code say the same: commands, settings, files, versions. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSettings, settingNames, type Scoped, type SettingName } from "../../src/core/settings";
import { readJson, root } from "../host/paths";

interface Property {
  readonly type: string;
  readonly scope: string;
  readonly order: number;
  readonly default: unknown;
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
  readonly description?: string;
  readonly markdownDescription?: string;
  readonly additionalProperties?: { readonly properties?: Readonly<Record<string, unknown>> };
}

interface Step {
  readonly id: string;
  readonly description: string;
  readonly media: { readonly markdown: string };
  readonly completionEvents: readonly string[];
}

interface Manifest {
  readonly version: string;
  readonly main: string;
  readonly icon: string;
  readonly engines: { readonly vscode: string };
  readonly activationEvents: readonly string[];
  readonly extensionKind: readonly string[];
  readonly capabilities: {
    readonly virtualWorkspaces: boolean;
    readonly untrustedWorkspaces: {
      readonly supported: string;
      readonly restrictedConfigurations: readonly string[];
    };
  };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly contributes: {
    readonly commands: readonly {
      readonly command: string;
      readonly category: string;
      readonly title: string;
    }[];
    readonly menus: Readonly<Record<string, readonly { readonly command: string; readonly when?: string }[]>>;
    readonly walkthroughs: readonly { readonly id: string; readonly steps: readonly Step[] }[];
    readonly configuration: { readonly properties: Readonly<Record<string, Property>> };
  };
}

const manifest = readJson(join(root, "package.json")) as Manifest; // our own file; these tests look after it
const { commands, menus, walkthroughs, configuration } = manifest.contributes;
const ids = commands.map(({ command }) => command);
const properties = Object.entries(configuration.properties);
const steps = walkthroughs.flatMap((walkthrough) => walkthrough.steps);
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const sorted = (texts: Iterable<string>): string[] => [...texts].sort();

suite("Manifest", () => {
  suite("commands", () => {
    /** The module imports vscode and cannot be loaded without it, so its text is read. */
    function registered(): string[] {
      const text = read("src/vscode/commands/main.ts");
      const table = /const commands\b.*? = \{\n(.*?)^\};/ms.exec(text)?.[1] ?? "";
      return [...table.matchAll(/^ {2}"([^"]+)":/gm)].map(([, id]) => id!);
    }

    test("every command is registered, and every one that is registered is a command", () => {
      assert.ok(ids.length >= 12);
      assert.deepEqual(sorted(registered()), sorted(ids));
      assert.equal(new Set(ids).size, ids.length);
    });

    test("those that hints on tokens offer are among them", () => {
      const offered = [...read("src/vscode/hints/actions.ts").matchAll(/command: "([^"]+)"/g)];
      assert.ok(offered.length >= 2);
      for (const [, id] of offered) assert.ok(ids.includes(id!), id);
    });

    test("each has our prefix, our category and a title of its own", () => {
      for (const { command, category, title } of commands) {
        assert.match(command, /^kmsSelection\.[a-z][A-Za-z]+$/);
        assert.equal(category, "KMS");
        assert.match(title, /^[A-Z][A-Za-z ()-]+…?$/);
      }
      assert.equal(new Set(commands.map(({ title }) => title)).size, commands.length);
    });

    test("menus name commands that are there", () => {
      for (const [menu, items] of Object.entries(menus)) {
        assert.ok(items.length > 0);
        for (const { command } of items) assert.ok(ids.includes(command), `${menu}: ${command}`);
      }
    });

    test("the editor's menu offers what is written in editors that can be written to alone", () => {
      const offered = menus["editor/context"]?.map(({ command, when }) => [
        command,
        when?.includes("!editorReadonly"),
      ]);
      assert.deepEqual(offered, [
        ["kmsSelection.encryptSelection", true],
        ["kmsSelection.decryptSelection", true],
        ["kmsSelection.revealSecret", false],
        ["kmsSelection.copySecret", false],
        ["kmsSelection.editSecret", true],
      ]);
    });

    test("commands that the code names are there", () => {
      for (const file of [
        "src/vscode/statusBar.ts",
        "src/vscode/offerActions.ts",
        "src/vscode/commands/showMenu.ts",
      ]) {
        for (const [, id] of read(file).matchAll(/command = "(kmsSelection\.[A-Za-z]+)"/g)) {
          assert.ok(ids.includes(id!), `${file}: ${id}`);
        }
      }
    });

    test("context keys of when clauses are set by the code", () => {
      const keys = Object.values(menus)
        .flat()
        .flatMap(({ when = "" }) => [...when.matchAll(/kmsSelection\.[A-Za-z]+/g)].map(([key]) => key));
      assert.ok(keys.length > 0);
      const code = ["statusBar", "revealedSecrets", "decryptDenials"]
        .map((name) => read(`src/vscode/${name}.ts`))
        .join("");
      for (const key of keys) assert.ok(code.includes(`"setContext", "${key}"`), key);
    });
  });

  suite("walkthroughs", () => {
    test("their commands are there", () => {
      const linked = steps.flatMap(({ description }) =>
        [...description.matchAll(/\(command:([^)]+)\)/g)].map(([, id]) => id!),
      );
      const completing = steps.flatMap(({ completionEvents }) =>
        completionEvents.flatMap((event) =>
          event.startsWith("onCommand:") ? [event.slice("onCommand:".length)] : [],
        ),
      );
      assert.ok(linked.length >= 4 && completing.length >= 4);
      for (const id of [...linked, ...completing])
        assert.ok(id.startsWith("workbench.") || ids.includes(id), id);
    });

    test("their settings are there", () => {
      for (const { completionEvents } of steps) {
        for (const event of completionEvents) {
          assert.match(event, /^on(?:Command|SettingChanged):/);
          if (!event.startsWith("onSettingChanged:")) continue;
          assert.ok(Object.hasOwn(configuration.properties, event.slice("onSettingChanged:".length)), event);
        }
      }
    });

    test("their pages are there, with the commands that they link to and the pictures that they show", () => {
      for (const { media } of steps) {
        const text = read(media.markdown);
        for (const [, id] of text.matchAll(/\(command:([^)?]+)/g)) assert.ok(ids.includes(id!), id);
        for (const [, file] of text.matchAll(/!\[[^\]]*\]\((?!https:)([^)]+)\)/g)) {
          assert.ok(existsSync(join(root, media.markdown, "..", file!)), file);
        }
      }
    });
  });

  suite("settings", () => {
    /** As the design has them; a new one has to be put here as well. */
    const SCOPES: Readonly<Record<SettingName, "resource" | "machine">> = {
      keyAlias: "resource",
      identity: "resource",
      region: "resource",
      encryptionContext: "resource",
      outputFormat: "resource",
      envelope: "resource",
      additionalKeys: "resource",
      recoveryPublicKey: "resource",
      fallbackRegions: "resource",
      encryptInFallbackRegions: "resource",
      dataKeyCaching: "machine",
      allowUncommittedMessages: "machine",
      profile: "machine",
      identities: "machine",
      sandbox: "machine",
      sealOnSave: "machine",
      revealSeconds: "machine",
      clipboardSeconds: "machine",
      hover: "resource",
      codeLens: "resource",
    };

    test("those of the manifest are those of the code", () => {
      assert.deepEqual(
        sorted(properties.map(([name]) => name)),
        sorted(settingNames.map((name) => `kmsSelection.${name}`)),
      );
    });

    test("each has its scope", () => {
      assert.deepEqual(
        Object.fromEntries(properties.map(([name, { scope }]) => [name.replace("kmsSelection.", ""), scope])),
        SCOPES,
      );
    });

    test("the code takes no machine setting from a workspace", () => {
      const listed = /MACHINE_SETTINGS[^=]*= new Set\(\[([^\]]*)\]\)/.exec(
        read("src/vscode/readSettings.ts"),
      )?.[1];
      const machine = Object.entries(SCOPES).flatMap(([name, scope]) => (scope === "machine" ? [name] : []));
      assert.deepEqual(
        sorted([...(listed ?? "").matchAll(/"([^"]+)"/g)].map(([, name]) => name!)),
        sorted(machine),
      );
    });

    test("the defaults are valid, and of the type that is said", () => {
      const raw = Object.fromEntries(
        settingNames.map((name): [string, Scoped<unknown>] => [
          name,
          { value: configuration.properties[`kmsSelection.${name}`]?.default, scope: "default" },
        ]),
      ) as Record<SettingName, Scoped<unknown>>;
      const parsed = parseSettings(raw);
      for (const name of settingNames) assert.deepEqual(parsed[name], raw[name], name);
      for (const [name, { default: value, type }] of properties) {
        assert.equal(Array.isArray(value) ? "array" : typeof value, type, name);
      }
    });

    test("every value that is offered is valid, and described", () => {
      for (const [name, { enum: values, enumDescriptions }] of properties) {
        if (!values) continue;
        assert.equal(enumDescriptions?.length, values.length, name);
        for (const value of values) {
          const raw = Object.fromEntries(
            settingNames.map((each): [string, Scoped<unknown>] => [
              each,
              {
                value:
                  `kmsSelection.${each}` === name
                    ? value
                    : configuration.properties[`kmsSelection.${each}`]?.default,
                scope: "user",
              },
            ]),
          ) as Record<SettingName, Scoped<unknown>>;
          parseSettings(raw);
        }
      }
    });

    test("the members of an identity are those of the code", () => {
      const members =
        configuration.properties["kmsSelection.identities"]?.additionalProperties?.properties ?? {};
      const text = read("src/core/settings.ts");
      const declared = /interface IdentityEntry \{(.*?)^\}/ms.exec(text)?.[1] ?? "";
      assert.deepEqual(
        sorted(Object.keys(members)),
        sorted([...declared.matchAll(/readonly (\w+)\?:/g)].map(([, name]) => name!)),
      );
    });

    test("every one is restricted in a folder that is not trusted", () => {
      const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
      assert.equal(supported, "limited");
      assert.deepEqual(sorted(restrictedConfigurations), sorted(properties.map(([name]) => name)));
    });

    test("none steers the endpoint", () => {
      for (const [name, property] of properties) {
        assert.doesNotMatch(
          name + JSON.stringify(property.additionalProperties ?? {}),
          /endpoint|url|proxy/i,
        );
      }
    });

    test("each is described and in order, and links to settings that are there", () => {
      assert.deepEqual(
        properties.map(([, { order }]) => order),
        properties.map((_, n) => n + 1),
      );
      for (const [name, { description, markdownDescription }] of properties) {
        const text = description ?? markdownDescription ?? "";
        assert.match(text, /\.(?:\*\*)?$/, name);
        for (const [, linked] of text.matchAll(/`#([^#`]+)#`/g)) {
          assert.ok(Object.hasOwn(configuration.properties, linked!), `${name}: ${linked}`);
        }
      }
    });

    test("every variable of the context is described, and no other", () => {
      const described = configuration.properties["kmsSelection.encryptionContext"]?.markdownDescription ?? "";
      const text = read("src/core/encryptionContext.ts");
      const declared = /interface ContextVariables \{(.*?)^\}/ms.exec(text)?.[1] ?? "";
      assert.deepEqual(
        sorted([...described.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!)),
        sorted([...declared.matchAll(/readonly (\w+):/g)].map(([, name]) => name!)),
      );
    });
  });

  suite("versions and files", () => {
    test("the oldest VS Code that is promised is the oldest that is tested", () => {
      const [, minor] = /^\^1\.(\d+)\.0$/.exec(manifest.engines.vscode) ?? [];
      assert.ok(minor, manifest.engines.vscode);
      // code-server 4.N.x holds VS Code 1.N.
      assert.match(
        manifest.devDependencies["code-server-oldest"] ?? "",
        new RegExp(`^npm:code-server@4\\.${minor}\\.\\d+$`),
      );
      const [, types] = /^1\.(\d+)\.\d+$/.exec(manifest.devDependencies["@types/vscode"] ?? "") ?? [];
      assert.ok(Number(types) <= Number(minor), "types of a newer VS Code would let newer APIs through");
    });

    test("dependencies have one version each", () => {
      for (const [name, version] of Object.entries({
        ...manifest.dependencies,
        ...manifest.devDependencies,
        ...manifest.optionalDependencies,
      })) {
        assert.match(version, /^(?:npm:[\w@/.-]+@)?\d+\.\d+\.\d+$/, name);
      }
    });

    test("the lock file fits the manifest, and says nowhere where a package is loaded from", () => {
      const text = read("package-lock.json");
      assert.doesNotMatch(text, /"resolved"/);
      const { packages } = JSON.parse(text) as { packages: Record<string, Record<string, unknown>> };
      // npm puts optional packages among the others as well.
      const all = ({ dependencies, devDependencies, optionalDependencies }: Partial<Manifest>) => ({
        ...dependencies,
        ...devDependencies,
        ...optionalDependencies,
      });
      const locked = packages[""] ?? {};
      assert.deepEqual(all(locked as Partial<Manifest>), all(manifest));
      assert.equal(locked.version, manifest.version);
      for (const [name, { link, version, integrity }] of Object.entries(packages)) {
        if (name === "" || link === true) continue;
        assert.equal(typeof version, "string", name);
        assert.match(String(integrity), /^sha512-/, name);
      }
    });

    test("files that the manifest names are there", () => {
      assert.equal(manifest.icon, "media/icon.png");
      for (const file of [
        manifest.icon,
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
        ...steps.map(({ media }) => media.markdown),
      ]) {
        assert.ok(existsSync(join(root, file)), file);
      }
      const icon = readFileSync(join(root, manifest.icon));
      assert.equal(icon.subarray(1, 4).toString(), "PNG");
      // The Marketplace asks for 128 pixels or more: width and height are the first of the IHDR chunk.
      assert.ok(icon.readUInt32BE(16) >= 128 && icon.readUInt32BE(20) >= 128);
      assert.match(read("esbuild.mjs"), /entryPoints: \{ extension: "src\/extension\.ts"/);
      assert.equal(manifest.main, "./dist/extension.js");
    });

    test("it starts with the first file, or when VS Code has; runs where the files are, and in virtual workspaces", () => {
      // A save asks only those that have started.
      assert.deepEqual(manifest.activationEvents, ["onLanguage", "onStartupFinished"]);
      assert.deepEqual(manifest.extensionKind, ["workspace"]);
      assert.equal(manifest.capabilities.virtualWorkspaces, true);
    });

    test("this version is in the changelog", () => {
      assert.ok(read("CHANGELOG.md").includes(manifest.version));
    });
  });
});
