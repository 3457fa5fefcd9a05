/** Installs another extension beside ours, and asks it what VS Code tells it. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { root, temporaryFolder } from "../host/paths";
import { installVsix, pack, packVsix } from "../host/vsix";
import { until } from "./until";

const MANIFEST = {
  name: "spy",
  publisher: "kms-selection-tests",
  version: "0.0.0",
  repository: "https://example.com",
  engines: { vscode: "^1.100.0" },
  activationEvents: ["onStartupFinished"],
  main: "./spy.js",
};

export class Spy {
  private readonly folder = temporaryFolder();
  private readonly seen = join(this.folder.path, "seen");
  /** For the extension host. */
  readonly env = { KMS_SELECTION_SPY: this.seen };

  /** Answers with an extensions folder that holds it and ours. */
  async install(): Promise<string> {
    const source = join(this.folder.path, "source");
    const extensions = join(this.folder.path, "extensions");
    for (const path of [source, extensions]) mkdirSync(path);
    writeFileSync(join(source, "package.json"), JSON.stringify(MANIFEST));
    writeFileSync(join(source, "README.md"), "# Spy\n\nLooks at documents, for tests.\n");
    copyFileSync(join(root, "out/support/spy.js"), join(source, "spy.js"));
    const vsix = join(this.folder.path, "spy.vsix");
    pack(vsix, source);
    for (const each of [packVsix(), vsix]) await installVsix(each, extensions);
    return extensions;
  }

  /** All that it can ask for now, and all that it was ever told by events. */
  look(): Promise<string> {
    return this.ask("everything");
  }

  /** In a browser this can be read only while the window itself has the focus, and no panel in it. */
  clipboard(): Promise<string> {
    return this.ask("clipboard");
  }

  /** All that files had right after they were saved, one after the other. */
  saved(): string {
    return readFileSync(`${this.seen}.saved`, "utf8");
  }

  private async ask(what: "everything" | "clipboard"): Promise<string> {
    rmSync(this.seen, { force: true });
    writeFileSync(`${this.seen}.wanted`, what);
    renameSync(`${this.seen}.wanted`, `${this.seen}.ask`);
    await until(
      () => existsSync(this.seen),
      (isThere) => isThere,
      "the other extension to answer",
      30_000,
    );
    return readFileSync(this.seen, "utf8");
  }

  remove(): void {
    this.folder.remove();
  }
}
