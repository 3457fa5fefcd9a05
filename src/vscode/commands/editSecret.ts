/** Edit Secret: a text is changed outside of any document, and its token replaced. */
import * as vscode from "vscode";
import { editedText, asTyped, hasMixedLineBreaks } from "../../core/editedText";
import { contextDifference, showContext, type EncryptionContext } from "../../core/encryptionContext";
import { KmsSelectionError } from "../../core/errors";
import type { Token } from "../../core/tokens";
import { encryptTexts } from "../../core/transform";
import type { App } from "../app";
import { whyNot } from "../editSurface";
import { editText } from "../editText";
import { openTokens } from "../openTokens";
import { replaceParts } from "../replaceParts";
import { attempt, runOperation, type Run } from "../runOperation";
import type { AgainOptions, Outcome } from "../runningOperation";
import { selectedTokens, WorkingSelections, type SelectedPart } from "../workingSelections";

/** A secret that is open to be edited. */
interface Opened {
  readonly part: SelectedPart<Token>;
  readonly text: string;
  /** It is encrypted with the same one again. */
  readonly context: EncryptionContext;
  readonly working: WorkingSelections;
}

/** The selected token, or the one at the cursor; of several, the first that was selected. */
export async function editSecret(app: App, options = { letKmsFindKey: false }): Promise<void> {
  await runOperation(
    app,
    "decrypt",
    (run) => open(app, run, options),
    (again) => editSecret(app, again),
  );
}

async function open(app: App, run: Run, options: AgainOptions): Promise<Outcome> {
  const { document, selection } = run.editor;
  const [part] = selectedTokens({ document, selections: [selection] });
  if (!part) throw new KmsSelectionError({ code: "no-token-at-cursor" });
  const working = new WorkingSelections(run.editor, [part], { keepSelections: true });
  try {
    const prepared = await run.prepare({ tokens: [part] });
    const [opened] = await openTokens(prepared, [part], options, "Edit");
    working.verify();
    if (opened) void edit(app, { part, text: opened.text, context: prepared.context, working });
    return { summary: "1 secret opened to be edited", bytes: part.content.bytes.length };
  } catch (error) {
    working.dispose();
    throw error;
  }
}

async function edit(app: App, opened: Opened): Promise<void> {
  const { text, context, working } = opened;
  const lineBreaks = hasMixedLineBreaks(text) ? " Once it is changed, its line breaks are all LF." : "";
  try {
    await editText(app, {
      title: "Edit Secret",
      text: asTyped(text),
      prompt: `The text is encrypted for ${showContext(context)}, and takes the place of its token.${lineBreaks}`,
      action: "Encrypt and Replace",
      save: (typed, again) => save(app, opened, editedText(text, typed), again),
    });
  } finally {
    working.dispose();
  }
}

async function save(
  app: App,
  opened: Opened,
  text: string,
  again: () => Promise<void>,
): Promise<string | undefined> {
  if (text === opened.text) {
    vscode.window.setStatusBarMessage("$(check) KMS: nothing was changed", 4000);
    return undefined;
  }
  return whyNot(
    await attempt(app, "encrypt", (run) => write(run, opened, text), opened.working.editor, again),
  );
}

async function write(run: Run, { part, context: before, working }: Opened, text: string): Promise<Outcome> {
  const { ciphers, keyId, context, request } = await run.prepare();
  const difference = contextDifference(before, context);
  if (difference) throw new KmsSelectionError({ code: "identity-changed", difference });
  working.verify();
  const { format, kind } = part.content;
  const { envelope } = run.target;
  // A message stays one, also where its text is short.
  const isMessage = kind === "encryption-sdk" && envelope === "auto";
  const output = { ...run.target, format, envelope: isMessage ? "always" : envelope } as const;
  const parts = [{ content: text, line: part.line }];
  const tokens = await request(`Encrypting a secret with ${keyId}…`, (signal) =>
    encryptTexts(ciphers, parts, { keyId, context }, output, signal),
  );
  await replaceParts(working, tokens);
  return { summary: "1 secret changed", bytes: Buffer.byteLength(text) };
}
