/** Reveal Secret, Reveal All Visible Secrets, Hide Secrets: texts are shown for a moment, and are in no document. */
import * as vscode from "vscode";
import { KmsSelectionError } from "../../core/errors";
import { findTokens } from "../../core/findInText";
import type { Token } from "../../core/tokens";
import { decryptReadableTokens } from "../../core/transform";
import type { App } from "../app";
import { openTokens } from "../openTokens";
import { revealedSecrets } from "../revealedSecrets";
import { runOperation, type Run } from "../runOperation";
import type { Outcome } from "../runningOperation";
import { tellUnreadable } from "../tellUnreadable";
import { selectedTokens, WorkingSelections, type SelectedPart } from "../workingSelections";

/** The selected tokens, or those at the cursors. */
export async function revealSecret(app: App, options = { letKmsFindKey: false }): Promise<void> {
  await runOperation(
    app,
    "decrypt",
    (run) =>
      reveal(app, run, selectedTokens(run.editor), async (parts) => {
        const opened = await openTokens(
          await run.prepare({ writes: false, tokens: parts }),
          parts,
          options,
          "Reveal",
        );
        return opened.map(({ text }) => text);
      }),
    (again) => revealSecret(app, again),
  );
}

/** Those in sight in the active editor, as far as they are yours. */
export async function revealVisibleSecrets(app: App): Promise<void> {
  await runOperation(
    app,
    "decrypt",
    (run) => reveal(app, run, visibleTokens(run.editor), (parts) => openReadable(run, parts)),
    () => revealVisibleSecrets(app),
  );
}

export function hideSecrets(app: App): void {
  revealedSecrets(app).hide();
}

/** `open` answers with a text for each token; `undefined`: not readable. */
async function reveal(
  app: App,
  { editor, settings }: Run,
  parts: readonly SelectedPart<Token>[],
  open: (parts: readonly SelectedPart<Token>[]) => Promise<readonly (string | undefined)[]>,
): Promise<Outcome> {
  const working = new WorkingSelections(editor, parts);
  try {
    const texts = await open(parts);
    const secrets = working.verify().flatMap(({ start, end }, index) => {
      const text = texts[index];
      return text === undefined ? [] : [{ start, end, text }];
    });
    const [first] = secrets;
    if (first) {
      revealedSecrets(app).show(editor.document, secrets, settings.revealSeconds.value);
      const position = editor.document.positionAt(first.start);
      if (!working.isAbandoned) editor.revealRange(new vscode.Range(position, position));
    }
    const bytes = parts.reduce((sum, { content }) => sum + content.bytes.length, 0);
    return { summary: `${secrets.length} of ${parts.length} secrets revealed`, bytes };
  } finally {
    working.dispose();
  }
}

/** Throws `no-tokens`. */
function visibleTokens({ document, visibleRanges }: vscode.TextEditor): SelectedPart<Token>[] {
  const parts = findTokens(document.getText()).tokens.flatMap((content, selection) => {
    const { start, end } = content;
    const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
    const isVisible = visibleRanges.some((visible) => visible.intersection(range));
    return isVisible ? [{ content, start, end, line: range.start.line + 1, selection }] : [];
  });
  if (parts.length === 0) throw new KmsSelectionError({ code: "no-tokens" });
  return parts;
}

async function openReadable(
  { prepare }: Run,
  parts: readonly SelectedPart<Token>[],
): Promise<(string | undefined)[]> {
  const { ciphers, isAws, keyId, context, request } = await prepare({ writes: false, tokens: parts });
  const results = await request(`Decrypting ${parts.length} secrets with ${keyId}…`, (signal) =>
    decryptReadableTokens(ciphers, parts, { keyId, context, isAws }, signal),
  );
  const unreadable = results.filter((result) => "unreadable" in result);
  if (unreadable.length > 0) tellUnreadable(`${results.length - unreadable.length} revealed`, unreadable);
  return results.map((result) => ("text" in result ? result.text : undefined));
}
