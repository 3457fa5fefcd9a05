/** A window of the npm kind: the server, and a Chromium that has opened it. */
import type { Page } from "playwright-core";
import { testEnvironment } from "../environment";
import { temporaryFolder } from "../paths";
import type { LaunchOptions, NpmInstallation, VsCode } from "../types";
import { killChromium, launchChromium } from "./chromium";
import { startServer } from "./server";

export interface Driver {
  /** Files and folders for the window: extensionDevelopmentPath, extensionTestsPath. */
  payload: [name: string, path: string][];
  /** Called before the window loads. */
  prepare(page: Page): Promise<void>;
}

export async function launchNpm(
  installation: NpmInstallation,
  options: LaunchOptions,
  driver?: Driver,
): Promise<VsCode> {
  const data = temporaryFolder();
  const home = options.home ? undefined : temporaryFolder();
  const homePath = options.home ?? home?.path ?? "";
  const closers: (() => unknown)[] = [
    () => home?.remove(),
    () => {
      data.remove();
    },
  ];
  const close = async (): Promise<void> => {
    for (const step of closers.splice(0).reverse()) await step();
  };
  try {
    const env = testEnvironment(process.env, homePath, options.env);
    const server = await startServer(installation, {
      ...options,
      data: data.path,
      env,
      driver: driver !== undefined,
    });
    closers.push(server.close);
    const context = await launchChromium(data.path, options.viewport ?? { width: 1200, height: 800 });
    closers.push(() => context.close());
    const page = context.pages()[0] ?? (await context.newPage());
    const lines: string[] = [];
    page.on("console", (message) => lines.push(`${message.type()}: ${message.text()}`));
    await driver?.prepare(page);
    const url = server.url(driver?.payload);
    await page.goto(url);
    return {
      kind: "npm",
      version: installation.version,
      url,
      page,
      home: homePath,
      data: data.path,
      log: server.log,
      console: lines,
      crash: async () => {
        await Promise.all([server.crash(), killChromium(context)]);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
