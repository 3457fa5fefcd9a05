/** What `.gitignore` files leave out: https://git-scm.com/docs/gitignore */
import ignore, { type Ignore } from "ignore";

/** The text of a `.gitignore` in a folder, given by its names from the top; `undefined`: there is none. */
export type ReadRules = (folder: readonly string[]) => Promise<string | undefined>;

/** The rules of all folders from the top down. Each file of rules is read once. */
export class GitIgnore {
  private readonly read: ReadRules;
  private readonly rules = new Map<string, Promise<Ignore | undefined>>();
  private readonly folders = new Map<string, Promise<boolean>>();

  constructor(read: ReadRules) {
    this.read = read;
  }

  /** What is in an ignored folder is ignored, whatever other rules say. */
  async ignores(file: readonly string[]): Promise<boolean> {
    const folder = file.slice(0, -1);
    return (folder.length > 0 && (await this.ignoresFolder(folder))) || this.decides(file, "");
  }

  private ignoresFolder(folder: readonly string[]): Promise<boolean> {
    const name = folder.join("/");
    let answer = this.folders.get(name);
    if (!answer) {
      const above = folder.slice(0, -1);
      const decide = async (): Promise<boolean> =>
        (above.length > 0 && (await this.ignoresFolder(above))) || this.decides(folder, "/");
      answer = decide();
      this.folders.set(name, answer);
    }
    return answer;
  }

  /** The rules that are closest have the last word. */
  private async decides(path: readonly string[], ending: "" | "/"): Promise<boolean> {
    for (let depth = path.length - 1; depth >= 0; depth--) {
      const rules = await this.rulesIn(path.slice(0, depth));
      const { ignored, unignored } =
        rules?.test(path.slice(depth).join("/") + ending) ?? ({ ignored: false, unignored: false } as const);
      if (ignored || unignored) return ignored;
    }
    return false;
  }

  private rulesIn(folder: readonly string[]): Promise<Ignore | undefined> {
    const name = folder.join("/");
    let rules = this.rules.get(name);
    if (!rules) {
      rules = this.read(folder).then((text) => (text === undefined ? undefined : ignore().add(text)));
      this.rules.set(name, rules);
    }
    return rules;
  }
}
