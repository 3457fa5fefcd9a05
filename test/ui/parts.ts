/** Small parts of the window: a status item, a toast, a modal dialog. */
import type { Locator, Page } from "playwright-core";
import type { VsCode } from "../host/types";
import { until } from "./until";

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

  async gone(): Promise<void> {
    await this.item.waitFor({ state: "hidden" });
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
    await hideHovers(this.toast.page());
    await this.toast.locator(".monaco-button").getByText(button, { exact: true }).click();
  }

  async dismiss(): Promise<void> {
    await hideHovers(this.toast.page());
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

/**
 * A status item that has the focus, or the mouse, shows its hover, which lies over the toasts. Without both, a key that
 * does nothing closes it.
 */
async function hideHovers(page: Page): Promise<void> {
  const hovers = page.locator(".workbench-hover:visible");
  await page.mouse.move(500, 300);
  await page.evaluate(() => document.querySelector<HTMLElement>(".statusbar :focus")?.blur());
  await until(
    async () => {
      const count = await hovers.count();
      if (count > 0) await page.keyboard.press("ScrollLock");
      return count;
    },
    (count) => count === 0,
    "no hovers",
  );
}
