/** A person's hands and eyes in a VS Code window. Everything waits until it is so; nothing sleeps. */
import type { Locator } from "playwright-core";
import type { VsCode } from "../host/types";
import { Editor } from "./editor";
import { until } from "./until";

/** The status item of this extension, as VS Code names it in the window. */
export const keyItem = "kms-selection.kms-selection.kmsSelection.key";

const loadTimeout = 60_000;

export class Workbench {
  readonly code: VsCode;
  readonly editor: Editor;
  readonly quickInput: QuickInput;
  readonly dialog: Dialog;

  constructor(code: VsCode) {
    this.code = code;
    this.editor = new Editor(code);
    this.quickInput = new QuickInput(code);
    this.dialog = new Dialog(code);
  }

  get page(): VsCode["page"] {
    return this.code.page;
  }

  /** Waits until the extension has shown its status item. */
  async ready(): Promise<void> {
    await this.page.locator(`.statusbar-item[id="${keyItem}"]`).waitFor({ timeout: loadTimeout });
  }

  /** Runs a command from the palette by the title that it has there, as "KMS: Encrypt Selection". */
  async runCommand(title: string): Promise<void> {
    await this.quickInput.open("F1");
    await this.quickInput.type(title);
    await this.quickInput.choose(title);
    await this.quickInput.leftPalette();
  }

  /** The commands that the palette offers for this text. Leaves the palette. */
  async commandsFor(text: string): Promise<string[]> {
    await this.quickInput.open("F1");
    await this.quickInput.type(text);
    const rows = await until(
      () => this.quickInput.rows(),
      (found) => found.length > 0,
      "rows in the palette",
    );
    await this.quickInput.escape();
    return rows;
  }

  /** Opens a file of the workspace by its name, and waits until its editor is the active one. */
  async openFile(name: string): Promise<void> {
    await this.quickInput.open(`${this.editor.modifier}+p`);
    await this.quickInput.type(name);
    await this.quickInput.choose(name);
    await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
    await this.editor.focus();
  }

  /** Opens the context menu of the editor where the cursor is. Answers with its entries. */
  async openContextMenu(): Promise<string[]> {
    await this.editor.focus();
    await this.page.keyboard.press("Shift+F10");
    await this.menuEntries().first().waitFor();
    return this.menuEntries().allInnerTexts();
  }

  /** Clicks an entry of the context menu of the editor. */
  async contextMenu(entry: string): Promise<void> {
    await this.openContextMenu();
    const wanted = this.menuEntries().filter({ hasText: entry }).first();
    // A click within the first moments of a menu is taken for the one that opened it.
    await until(
      async () => {
        if (await wanted.isVisible()) await wanted.click({ timeout: 1000 }).catch(() => undefined);
        return wanted.isVisible();
      },
      (open) => !open,
      `the menu to close on ${entry}`,
    );
  }

  private menuEntries(): Locator {
    return this.page.locator(".monaco-menu .action-label:not(.separator)");
  }

  statusItem(id = keyItem): StatusItem {
    return new StatusItem(this.code, this.page.locator(`.statusbar-item[id="${id}"]`));
  }

  /** The toasts that are up, the newest first. */
  async toasts(): Promise<{ text: string; buttons: string[] }[]> {
    return this.page.locator(".notification-toast").evaluateAll((toasts) =>
      toasts.map((toast) => ({
        text: toast.querySelector(".notification-list-item-message")?.textContent ?? "",
        buttons: [...toast.querySelectorAll(".notification-list-item-buttons-container .monaco-button")].map(
          (button) => button.textContent,
        ),
      })),
    );
  }

  /**
   * Waits for a toast whose text holds `text`. VS Code shows three within 0.8 s at most; more of them go straight to the
   * notification center.
   */
  async toast(text: string | RegExp): Promise<Toast> {
    const locator = this.page.locator(".notification-toast").filter({ hasText: text }).first();
    await until(
      () => this.toasts(),
      (toasts) =>
        toasts.some((toast) =>
          typeof text === "string" ? toast.text.includes(text) : text.test(toast.text),
        ),
      `a toast with ${String(text)}`,
    );
    return new Toast(locator);
  }

  /** Takes all toasts away. */
  async clearToasts(): Promise<void> {
    const close = this.page.locator(".notification-toast .codicon-notifications-clear");
    await until(
      async () => {
        const toast = this.page.locator(".notification-toast").first();
        if ((await toast.count()) === 0) return 0;
        await toast.hover({ timeout: 1000 });
        await close.first().click({ timeout: 1000 });
        return this.page.locator(".notification-toast").count();
      },
      (count) => count === 0,
      "no toasts",
    );
  }

  /** Loads the window anew, as a person does with "Developer: Reload Window". */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  async screenshot(path: string): Promise<void> {
    await this.page.screenshot({ path });
  }
}

export class StatusItem {
  private readonly code: VsCode;
  private readonly item: Locator;

  constructor(code: VsCode, item: Locator) {
    this.code = code;
    this.item = item;
  }

  text(): Promise<string> {
    return this.item.innerText();
  }

  /** What a screen reader says. */
  label(): Promise<string | null> {
    return this.item.locator("[aria-label]").or(this.item).first().getAttribute("aria-label");
  }

  waitForText(text: string | RegExp): Promise<string> {
    return until(
      () => this.text(),
      (found) => (typeof text === "string" ? found.includes(text) : text.test(found)),
      `the status item to say ${String(text)}`,
    );
  }

  /** The text of the hover. Leaves it closed, because it would lie over other things. */
  async tooltip(): Promise<string> {
    await this.item.hover();
    // Other hovers may be on their way out.
    const hover = this.code.page.locator(".workbench-hover").filter({ hasText: "KMS Selection" }).last();
    const text = await until(
      () => hover.innerText({ timeout: 2000 }),
      (found) => found.trim() !== "",
      "a tooltip",
    );
    await this.code.page.mouse.move(500, 300);
    await hover.waitFor({ state: "hidden" });
    return text;
  }

  async click(): Promise<void> {
    await this.item.click();
    await this.code.page.mouse.move(500, 300);
  }
}

export class Toast {
  private readonly toast: Locator;

  constructor(toast: Locator) {
    this.toast = toast;
  }

  text(): Promise<string> {
    return this.toast.locator(".notification-list-item-message").innerText();
  }

  async click(button: string): Promise<void> {
    await this.toast.locator(".monaco-button").getByText(button, { exact: true }).click();
  }

  async dismiss(): Promise<void> {
    await this.toast.hover();
    await this.toast.locator(".codicon-notifications-clear").click();
    await this.gone();
  }

  async gone(): Promise<void> {
    await this.toast.waitFor({ state: "hidden" });
  }
}

/** A modal dialog. */
export class Dialog {
  private readonly box: Locator;

  constructor(code: VsCode) {
    this.box = code.page.locator(".monaco-dialog-box");
  }

  /** Waits for it. The message and its detail. */
  async text(): Promise<string> {
    await this.box.waitFor();
    return (await this.box.locator(".dialog-message, .dialog-message-detail").allInnerTexts()).join("\n");
  }

  async buttons(): Promise<string[]> {
    await this.box.waitFor();
    return this.box.locator(".dialog-buttons .monaco-button").allInnerTexts();
  }

  async click(button: string): Promise<void> {
    await this.box.locator(".dialog-buttons .monaco-button").getByText(button, { exact: true }).click();
    await this.box.waitFor({ state: "hidden" });
  }
}

/** The quick pick and the input box, and the palette, which is a quick pick. */
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

  /** The rows in sight as "label, description, detail". */
  async rows(): Promise<string[]> {
    await this.visible();
    return this.widget
      .locator(".monaco-list-row")
      .evaluateAll((rows) => rows.map((row) => row.getAttribute("aria-label") ?? ""));
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

  /** Waits for the row with this label and takes it. (A file's label goes on with its folder.) */
  async choose(label: string): Promise<void> {
    const isIt = (row: string): boolean =>
      row === label || row.startsWith(`${label},`) || row.startsWith(`${label} `);
    const index = await until(
      async () => {
        const rows = await this.rows();
        return rows.includes(label) ? rows.indexOf(label) : rows.findIndex(isIt);
      },
      (found) => found >= 0,
      `a row "${label}"`,
    ).catch(async (error: unknown) => {
      throw new Error(`There is no row "${label}", but: ${(await this.rows()).join(" | ")}`, {
        cause: error,
      });
    });
    await this.widget.locator(".monaco-list-row").nth(index).click();
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
