/** Runs an operation on the selections of the active editor, on an editor, or on a workspace. */
import * as vscode from "vscode";
import { KmsSelectionError, type Operation } from "../core/errors";
import type { Settings } from "../core/settings";
import type { Target } from "../core/target";
import type { Token } from "../core/tokens";
import type { Part } from "../core/transform";
import type { App } from "./app";
import { contextFor, contextForFile, inForce } from "./inForce";
import { requireWritable } from "./replaceParts";
import {
  RunningOperation,
  type AgainOptions,
  type Ending,
  type Journey,
  type Outcome,
  type Prepared,
} from "./runningOperation";

/** What an operation works with. */
export interface Run {
  readonly editor: vscode.TextEditor;
  readonly settings: Settings;
  readonly target: Target;
  /**
   * Where a request goes, asked for when all that needs no request has been checked. The document has to be writable,
   * unless nothing is going to be written.
   */
  readonly prepare: (options?: PrepareOptions) => Promise<Prepared>;
}

export interface PrepareOptions {
  readonly writes?: boolean;
  readonly journey?: Journey;
  /** What is to be opened. Those of the sandbox are refused to AWS before anybody is asked to sign in. */
  readonly tokens?: readonly Part<Token>[];
}

/** `again` runs the same command once more, as a button of its own failure may ask. */
export async function runOperation(
  app: App,
  operation: Operation,
  work: (run: Run) => Promise<Outcome>,
  again: (options?: AgainOptions) => Promise<void>,
): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const selected = snapshot(editor);
  await attempt(app, operation, work, editor, async (options) => {
    // A button may be pressed much later; it must not act on another selection than the one that failed.
    if (snapshot(vscode.window.activeTextEditor) === selected) await again(options);
    else
      void vscode.window.showInformationMessage(
        "The selection is another one now. Select the text and run the command again.",
      );
  });
}

/** Runs an operation on an editor, whatever is selected in it. */
export async function attempt(
  app: App,
  operation: Operation,
  work: (run: Run) => Promise<Outcome>,
  editor: vscode.TextEditor | undefined,
  again: (options?: AgainOptions) => Promise<void>,
): Promise<Ending> {
  return report(app, operation, again, async (running) => {
    if (!editor) throw new KmsSelectionError({ code: "no-editor" });
    const { document } = editor;
    const { settings, target } = inForce(app.choices, document);
    running.know(target);
    const prepare: Run["prepare"] = async ({ writes = true, journey = { to: target }, tokens = [] } = {}) => {
      const way = { ...journey, context: contextFor(journey.to, document), tokens };
      return running.connect(way, async () => {
        if (writes) await requireWritable(document);
      });
    };
    return work({ editor, settings, target, prepare });
  });
}

/** An operation on more than an editor. `file`: one of those that it is about. */
export async function runOnWorkspace(
  app: App,
  operation: Operation,
  work: (prepare: (journey: Journey, file: vscode.Uri) => Promise<Prepared>) => Promise<Outcome>,
  again: (options?: AgainOptions) => Promise<void>,
): Promise<Ending> {
  return report(app, operation, again, (running) =>
    work((journey, file) => running.connect({ ...journey, context: contextForFile(journey.to, file) })),
  );
}

async function report(
  app: App,
  operation: Operation,
  again: (options?: AgainOptions) => Promise<void>,
  work: (running: RunningOperation) => Promise<Outcome>,
): Promise<Ending> {
  const running = new RunningOperation(app, operation);
  try {
    return running.succeeded(await work(running));
  } catch (thrown) {
    return running.failed(thrown, again);
  }
}

function snapshot(editor: vscode.TextEditor | undefined): string {
  return JSON.stringify(
    editor && [editor.document.uri.toString(), editor.document.version, editor.selections],
  );
}
