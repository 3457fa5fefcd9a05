/** Copy Secret: a text goes to the clipboard for a while, and into no document. */
import type { App } from "../app";
import { copiedSecret } from "../copiedSecret";
import { openTokens } from "../openTokens";
import { runOperation, type Run } from "../runOperation";
import type { AgainOptions, Outcome } from "../runningOperation";
import { selectedTokens } from "../workingSelections";

/** The selected tokens, or those at the cursors. Several texts have a line each, or more. */
export async function copySecret(app: App, options = { letKmsFindKey: false }): Promise<void> {
  await runOperation(
    app,
    "decrypt",
    (run) => copy(app, run, options),
    (again) => copySecret(app, again),
  );
}

async function copy(app: App, run: Run, options: AgainOptions): Promise<Outcome> {
  const parts = selectedTokens(run.editor);
  const opened = await openTokens(
    await run.prepare({ writes: false, tokens: parts }),
    parts,
    options,
    "Copy",
  );
  const text = opened.map((each) => each.text).join("\n");
  await copiedSecret(app).copy(text, run.settings.clipboardSeconds.value);
  const bytes = parts.reduce((sum, { content }) => sum + content.bytes.length, 0);
  return { summary: parts.length === 1 ? "1 secret copied" : `${parts.length} secrets copied`, bytes };
}
