/** The Chromium inside @sparticuz/chromium. It brings its own libraries, so that no system package is needed. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { type BrowserContext, chromium } from "playwright-core";
import { packageFolder, readJson, root } from "../paths";
import { putOnce } from "./installation";

/** The package's own JavaScript is made for AWS Lambda (fixed names in /tmp, no process sandboxing); only its files are used. */
export async function launchChromium(
  data: string,
  viewport: { width: number; height: number },
): Promise<BrowserContext> {
  const source = packageFolder("@sparticuz/chromium");
  const { version } = readJson(join(source, "package.json")) as { version: string };
  const folder = join(root, `node_modules/.cache/kms-selection/chromium-${version}`);
  putOnce(folder, (target) => {
    mkdirSync(target);
    const unpacked = (name: string): Buffer => brotliDecompressSync(readFileSync(join(source, "bin", name)));
    writeFileSync(join(target, "chromium"), unpacked("chromium.br"), { mode: 0o755 });
    for (const archive of ["al2023", "fonts", "swiftshader"])
      execFileSync("tar", ["-xf", "-", "-C", target], { input: unpacked(`${archive}.tar.br`) });
  });
  // A profile on disk, as a person has one, so that a test can look at what is kept there.
  return chromium.launchPersistentContext(join(data, "browser"), {
    viewport,
    permissions: ["clipboard-read", "clipboard-write"],
    executablePath: join(folder, "chromium"),
    // Nothing but the server on this machine can be reached.
    args: ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"],
    env: {
      ...process.env,
      TMPDIR: join(data, "tmp"),
      LD_LIBRARY_PATH: join(folder, "lib"),
      FONTCONFIG_FILE: fontConfig(data, folder),
    },
    handleSIGINT: false, // cleanup.ts
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}

/** With no chance to clean up. */
export async function killChromium(context: BrowserContext): Promise<void> {
  const session = await context.browser()?.newBrowserCDPSession();
  const { processInfo = [] } = (await session?.send("SystemInfo.getProcessInfo")) ?? {};
  const gone = new Promise((resolve) => context.once("close", resolve));
  for (const { type, id } of processInfo) if (type === "browser") process.kill(id, "SIGKILL");
  await gone;
}

/** Chromium ends when it finds no font at all, and the editor needs one whose letters are all of one width. */
function fontConfig(data: string, chromiumFolder: string): string {
  const file = join(data, "fonts.conf");
  const alias = (family: string, prefer: string): string =>
    `<alias><family>${family}</family><prefer><family>${prefer}</family></prefer></alias>`;
  writeFileSync(
    file,
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(packageFolder("dejavu-fonts-ttf"), "ttf")}</dir>
  <dir>${join(chromiumFolder, "fonts")}</dir>
  <cachedir>${join(data, "fontcache")}</cachedir>
  ${alias("monospace", "DejaVu Sans Mono")}
  ${alias("sans-serif", "Open Sans")}
</fontconfig>
`,
  );
  return file;
}
