/** Shows the result of Test Key Access as a read-only document, which can be searched, copied and read aloud. */
import * as vscode from "vscode";
import { inNextTurn } from "./nextTurn";

const SCHEME = "kms-selection-access";
const URI = vscode.Uri.from({ scheme: SCHEME, path: "/Key Access.md" });

export class AccessReport implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly registration: vscode.Disposable;
  private text = "";
  private tested: vscode.TextDocument | undefined;

  constructor() {
    this.registration = inNextTurn(() =>
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
        onDidChange: this.changed.event,
        // A window that is loaded anew opens the tab again, but has nothing to show in it.
        provideTextDocumentContent: () =>
          this.text || "Run **KMS: Test Key Access** to see the result here.\n",
      }),
    );
  }

  /** What a test is about: the active document, or what was tested before when its report is active. */
  get subject(): vscode.TextDocument | undefined {
    const document = vscode.window.activeTextEditor?.document;
    return document?.uri.scheme === SCHEME ? this.tested : document;
  }

  /** In place of the report before. */
  async show(text: string, tested: vscode.TextDocument | undefined): Promise<void> {
    this.text = text;
    this.tested = tested;
    this.changed.fire(URI);
    await vscode.window.showTextDocument(URI, { preview: false });
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
