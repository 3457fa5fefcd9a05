/** The panel in which a secret of several lines is typed or edited: a page in a frame within a frame. */
import type { FrameLocator, Locator } from "playwright-core";
import { until } from "./until";
import type { Workbench } from "./workbench";

export class EditPage {
  readonly frame: FrameLocator;
  private readonly tab: Locator;

  constructor({ page }: Workbench, title = "Edit Secret") {
    this.frame = page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");
    this.tab = page.locator(".tab", { hasText: title });
  }

  get text(): Locator {
    return this.frame.locator("textarea");
  }

  /** Waits until it shows this text. */
  async shows(text: string): Promise<void> {
    await until(
      () => this.text.inputValue({ timeout: 2000 }),
      (value) => value === text,
      `the panel to show ${JSON.stringify(text)}`,
    );
  }

  async click(button: string): Promise<void> {
    await this.frame.getByRole("button", { name: button, exact: true }).click();
  }

  /** Waits until it hides the text, which it does soon after the focus went elsewhere, and asks for it. */
  async show(): Promise<void> {
    await this.covered();
    await this.click("Show");
    await this.text.waitFor();
  }

  async covered(timeout = 15_000): Promise<void> {
    await this.frame.locator("#covered").waitFor({ timeout });
  }

  /** Waits for the message below the text. */
  async says(words: RegExp): Promise<void> {
    await until(
      () => this.frame.locator("#message").innerText({ timeout: 2000 }),
      (found) => words.test(found),
      `the panel to say ${String(words)}`,
    );
  }

  async closed(): Promise<void> {
    await this.tab.waitFor({ state: "detached" });
  }
}
