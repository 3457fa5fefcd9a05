/** The secrets that are shown in the editors: VS Code draws them by style sheets, so that they are in no element's text. */
import { until } from "./until";
import type { Workbench } from "./workbench";

/** Of all editors, in their order on the screen, without the isolates around them. */
export async function revealed({ page }: Workbench): Promise<string[]> {
  return page.locator(".monaco-editor .view-line span").evaluateAll((spans) =>
    spans
      .map((span) => ({
        content: getComputedStyle(span, "::before").content,
        top: span.getBoundingClientRect().top,
      }))
      .filter(({ content }) => content.startsWith('"\u2068'))
      .sort((a, b) => a.top - b.top)
      .map(({ content }) => content.slice(2, -2).replace(/\\(.)/g, "$1")),
  );
}

export async function waitForRevealed(workbench: Workbench, texts: readonly string[]): Promise<void> {
  await until(
    () => revealed(workbench),
    (found) => JSON.stringify(found) === JSON.stringify(texts),
    `the revealed secrets to be ${JSON.stringify(texts)}`,
  );
}
