/** Runs mocha inside the extension host of a VS Code that has the packed extension installed. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testEnvironment } from "./environment";
import { launchNpm } from "./npm/launch";
import { readJson, temporaryFolder } from "./paths";
import { writeSettings } from "./settings";
import type { Installation, LaunchOptions, NpmInstallation } from "./types";

export interface TestCount {
  passed: number;
  failed: number;
}

export interface ExtensionTestOptions extends LaunchOptions {
  /** The module in whose `run()` the tests are. */
  tests: string;
  timeout?: number;
}

/**
 * The proof of success is the file that the tests write at their end. The exit code is none: a window whose extension
 * host ended at the start reports 0 as well. Throws when that file does not come.
 */
export async function runExtensionTests(
  installation: Installation,
  options: ExtensionTestOptions,
): Promise<TestCount> {
  const timeout = options.timeout ?? 300_000;
  const work = temporaryFolder();
  const log = join(work.path, "log");
  const result = join(work.path, "result.json");
  // VS Code runs tests only for an extension under development; this one does nothing, so that the packed one is tested.
  const development = join(work.path, "development");
  const folder = options.folder ?? join(work.path, "workspace");
  for (const path of [development, folder, join(work.path, "home")]) mkdirSync(path, { recursive: true });
  const manifest = {
    name: "tests",
    publisher: "kms-selection-tests",
    version: "0.0.0",
    engines: { vscode: "*" },
  };
  writeFileSync(join(development, "package.json"), JSON.stringify(manifest));
  writeFileSync(log, "");

  let shown = 0;
  const show = (): void => {
    const text = readFileSync(log);
    process.stdout.write(text.subarray(shown));
    shown = text.length;
  };
  const timer = setInterval(show, 100);
  try {
    const all = {
      home: join(work.path, "home"),
      ...options,
      folder,
      env: { ...options.env, KMS_SELECTION_TEST_LOG: log, KMS_SELECTION_TEST_RESULT: result },
    };
    const report =
      installation.kind === "npm"
        ? await runOnNpm(installation, all, development, timeout)
        : await runOnDesktop(installation.executable, all, development, timeout);
    show();
    if (!existsSync(result)) throw new Error(`The extension host gave no result: ${report}`);
    return readJson(result) as TestCount; // written by test/integration/index.ts
  } finally {
    clearInterval(timer);
    work.remove();
  }
}

async function runOnNpm(
  installation: NpmInstallation,
  options: ExtensionTestOptions,
  development: string,
  timeout: number,
): Promise<string> {
  let end: (why: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => (end = resolve));
  const code = await launchNpm(installation, options, {
    payload: [
      ["extensionDevelopmentPath", development],
      ["extensionTestsPath", options.tests],
    ],
    prepare: async (page) => {
      page.on("crash", () => {
        end("the page crashed");
      });
      // VS Code calls these two in a window with the smoke test driver.
      await page.exposeFunction("codeAutomationExit", (exitCode: number) => {
        end(`it ended with ${exitCode}`);
      });
      await page.exposeFunction("codeAutomationLog", () => undefined);
    },
  });
  const timer = setTimeout(() => {
    end(`nothing within ${timeout} ms`);
  }, timeout);
  try {
    const why = await ended;
    return [why, code.log().slice(-3000), ...code.console.slice(-15)].join("\n");
  } finally {
    clearTimeout(timer);
    await code.close();
  }
}

async function runOnDesktop(
  executable: string,
  options: ExtensionTestOptions,
  development: string,
  timeout: number,
): Promise<string> {
  const { desktopArguments, runDesktop } = await import("./desktop");
  const data = temporaryFolder();
  try {
    writeSettings(data.path, options.settings ?? {}, "desktop");
    const args = [
      ...desktopArguments(data.path, options),
      `--extensionDevelopmentPath=${development}`,
      `--extensionTestsPath=${options.tests}`,
    ];
    const env = testEnvironment(process.env, options.home ?? data.path, options.env);
    return (await runDesktop(executable, args, env, timeout)).slice(-3000);
  } finally {
    data.remove();
  }
}
