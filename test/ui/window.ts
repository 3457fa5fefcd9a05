/** One VS Code window for the tests of a suite, pictured when a test fails. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before } from "mocha";
import { type LaunchOptions, launch } from "../host/launch";
import { root } from "../host/paths";
import { packedExtension } from "../host/vsix";
import { Workbench } from "./workbench";

const failures = join(root, "out/failures");

/** A window with the packed extension, ready to be used. */
export async function openWorkbench(options: LaunchOptions): Promise<Workbench> {
  const extensionsDir = options.extensionsDir ?? (await packedExtension(options.version));
  const workbench = new Workbench(await launch({ ...options, extensionsDir }));
  try {
    await workbench.ready();
    return workbench;
  } catch (error) {
    await picture(workbench, "start");
    await workbench.code.close();
    throw error;
  }
}

/**
 * To be called in the body of a suite: its window is opened before the first test and closed after the last. `options`
 * is called just before, so that it can make the files that are opened. The answer gives the window to a test.
 */
export function useWorkbench(options: () => LaunchOptions | Promise<LaunchOptions>): () => Workbench {
  let workbench: Workbench | undefined;
  before(async function () {
    this.timeout(120_000);
    workbench = await openWorkbench(await options());
  });
  afterEach(async function () {
    // One whose hook failed has no state of its own.
    const test = this.currentTest;
    if (!workbench || !test || test.isPassed() || test.isPending()) return;
    await picture(workbench, test.fullTitle());
  });
  after(async () => {
    await workbench?.code.close();
  });
  return () => {
    if (!workbench) throw new Error("The window is open in tests only.");
    return workbench;
  };
}

/** Keeps what the window shows and what it logged. A picture that fails must not hide why the test did. */
async function picture({ code, page }: Workbench, title: string): Promise<void> {
  const path = join(failures, `${title.replaceAll(/[^\w-]+/g, "-").slice(0, 100)}.png`);
  mkdirSync(failures, { recursive: true });
  try {
    await page.screenshot({ path });
    console.log(`      picture: ${path}`);
  } catch (error) {
    console.log(`      no picture: ${String(error)}`);
  }
  const errors = code.console.filter((line) => line.startsWith("error"));
  console.log([...errors.slice(-10), code.log().slice(-1000)].join("\n").trim());
}
