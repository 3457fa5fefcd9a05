/** The quick pick and the input box, and the palette, which is a quick pick. */
import type { Locator } from "playwright-core";
import type { VsCode } from "../host/types";
import { until } from "./until";

interface Row {
  /** What a screen reader says: label, description, detail. */
  name: string;
  /** The label as it is seen. */
  text: string;
  focused: boolean;
}

export class QuickInput {
  private readonly code: VsCode;
  private readonly widget: Locator;

  constructor(code: VsCode) {
    this.code = code;
    this.widget = code.page.locator(".quick-input-widget");
  }

  /** Presses the key that opens it, until it is open: a key that comes while the window starts is lost. */
  async open(key: string): Promise<void> {
    await this.escape();
    await until(
      async () => {
        await this.code.page.keyboard.press(key);
        await this.visible(2000);
        return true;
      },
      (opened) => opened,
      `quick input by ${key}`,
      30_000,
    );
  }

  /** Waits until it is there. */
  async visible(timeout = 15_000): Promise<void> {
    await this.widget.waitFor({ timeout });
  }

  async hidden(): Promise<void> {
    await this.widget.waitFor({ state: "hidden" });
  }

  /** Waits until the palette has given way to what its command shows, which may be a quick input of its own. */
  async leftPalette(): Promise<void> {
    await until(
      async () => (await this.widget.isVisible()) && (await this.field().inputValue()).startsWith(">"),
      (palette) => !palette,
      "the palette to close",
    );
  }

  /** The title, "" if it has none. */
  async title(): Promise<string> {
    await this.visible();
    return this.widget.locator(".quick-input-title").innerText();
  }

  /** Waits for the quick input with this title: another one may be on its way out. */
  waitForTitle(title: RegExp): Promise<string> {
    return until(
      () => this.title(),
      (found) => title.test(found),
      `the title ${String(title)}`,
    );
  }

  /** The rows in sight as "label, description, detail". */
  async rows(): Promise<string[]> {
    return (await this.look()).map(({ name }) => name);
  }

  private async look(): Promise<Row[]> {
    await this.visible();
    return this.widget.locator(".monaco-list-row").evaluateAll((rows) =>
      rows.map((row) => ({
        name: row.getAttribute("aria-label") ?? "",
        text: row.querySelector(".label-name")?.textContent ?? "",
        focused: row.classList.contains("focused"),
      })),
    );
  }

  /** Waits for rows and answers with them. */
  waitForRows(holds: (rows: string[]) => boolean = (rows) => rows.length > 0): Promise<string[]> {
    return until(() => this.rows(), holds, "rows");
  }

  /** Types into the field, after what it holds. */
  async type(text: string): Promise<void> {
    await this.visible();
    await this.code.page.keyboard.insertText(text);
  }

  /** Puts `text` in place of what the field holds. */
  async fill(text: string): Promise<void> {
    await this.visible();
    await this.field().fill(text);
  }

  /**
   * Waits for the row with this label and takes it, by the keyboard: rows are moved and filled anew while a list is
   * filtered, so that a click may meet another one. (A file's label goes on with its folder.)
   */
  async choose(label: string): Promise<void> {
    const isIt = ({ text, name }: Row): boolean =>
      text === label || name === label || name.startsWith(`${label},`) || name.startsWith(`${label} `);
    await until(
      async () => {
        const rows = await this.look();
        const wanted = rows.find(({ name }) => name === label) ?? rows.find(isIt);
        if (wanted?.focused) {
          await this.accept();
          return undefined;
        }
        // Also when it is not in sight, because it may be further down.
        if (rows.length > 0) await this.code.page.keyboard.press("ArrowDown");
        return rows.map(({ name }) => name).join(" | ");
      },
      (others) => others === undefined,
      `a row "${label}"`,
    );
  }

  /** What the field holds. */
  async value(): Promise<string> {
    await this.visible();
    return this.field().inputValue();
  }

  /** The prompt of an input box, and what it says against its value. */
  async message(): Promise<string> {
    await this.visible();
    return this.widget.locator(".quick-input-message").innerText();
  }

  /** Whether the field hides what is typed. */
  async isMasked(): Promise<boolean> {
    return (await this.field().getAttribute("type")) === "password";
  }

  private field(): Locator {
    return this.widget.locator("input").first();
  }

  async accept(): Promise<void> {
    await this.code.page.keyboard.press("Enter");
  }

  async escape(): Promise<void> {
    if (!(await this.widget.isVisible())) return;
    await this.code.page.keyboard.press("Escape");
    await this.hidden();
  }
}
