/** A person's hands and eyes in a VS Code window. Everything waits until it is so; nothing sleeps. */
import type { Locator } from "playwright-core";
import type { VsCode } from "../host/types";
import { Editor } from "./editor";
import { Dialog, StatusItem, Toast } from "./parts";
import { QuickInput } from "./quickInput";
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
    await this.quickInput.fill(`>${title}`);
    await this.quickInput.choose(title);
    await this.quickInput.leftPalette();
  }

  /** The commands that the palette offers for this text. Leaves the palette. */
  async commandsFor(text: string): Promise<string[]> {
    await this.quickInput.open("F1");
    await this.quickInput.fill(`>${text}`);
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
    await this.quickInput.fill(name);
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
   * notification center, where a person finds them as well.
   */
  async toast(text: string | RegExp, timeout?: number): Promise<Toast> {
    const holds = (found: string): boolean =>
      typeof text === "string" ? found.includes(text) : text.test(found);
    const drawn = await until(
      () => this.toasts(),
      (toasts) => toasts.some((toast) => holds(toast.text)),
      `a toast with ${String(text)}`,
      timeout,
    ).catch((error: unknown) => error);
    if (!(drawn instanceof Error))
      return new Toast(this.page.locator(".notification-toast").filter({ hasText: text }).first());
    await this.runCommand("Notifications: Show Notifications");
    const listed = this.page.locator(".notifications-center .notification-list-item");
    const messages = await listed.locator(".notification-list-item-message").allTextContents();
    if (messages.some(holds)) return new Toast(listed.filter({ hasText: text }).first());
    throw new Error(`${drawn.message}; the notification center has ${JSON.stringify(messages)}`);
  }

  /** Takes all toasts away, those too that come while it is at it. */
  async clearToasts(): Promise<void> {
    const isClear = (toasts: unknown[]): boolean => toasts.length === 0;
    // While the notification center is open, no toast comes.
    const center = this.page.locator(".notifications-center.visible");
    const shown = async (): Promise<unknown[]> => [...(await this.toasts()), ...(await center.all())];
    await until(
      async () => {
        if (isClear(await shown())) return [];
        await this.runCommand("Notifications: Clear All Notifications");
        return until(shown, isClear, "no toasts", 2000);
      },
      isClear,
      "no toasts",
      45_000,
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
