/**
 * Remembers, until the window closes, who was refused `kms:Decrypt`, so that only what works is offered: the context key
 * hides what decrypts. Another identity, profile, key or Region is another matter; Test Key Access asks KMS anew.
 */
import * as vscode from "vscode";
import type { KmsSelectionError, Operation } from "../core/errors";
import type { Target } from "../core/target";
import type { ChoiceStore } from "./choiceStore";
import { inForce } from "./inForce";

export class DecryptDenials implements vscode.Disposable {
  private readonly choices: ChoiceStore;
  private readonly denied = new Set<string>();
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly subscription: vscode.Disposable;
  private isShown = false;

  constructor(choices: ChoiceStore) {
    this.choices = choices;
    const show = (): void => {
      this.show();
    };
    this.subscription = vscode.Disposable.from(
      this.changed,
      this.onDidChange(show),
      choices.onDidChange(show),
      vscode.workspace.onDidChangeConfiguration(show),
      vscode.window.onDidChangeActiveTextEditor(show),
    );
  }

  /** Whether decrypting with what is in force for the document was refused. */
  has(document: vscode.TextDocument | undefined): boolean {
    if (this.denied.size === 0) return false;
    try {
      return this.denied.has(nameOf(inForce(this.choices, document).target));
    } catch {
      return false;
    }
  }

  set(target: Target, isDenied: boolean): void {
    const name = nameOf(target);
    if (isDenied === this.denied.has(name)) return;
    if (isDenied) this.denied.add(name);
    else this.denied.delete(name);
    this.changed.fire();
  }

  /** How an operation ended. */
  learn(operation: Operation, target: Target, error?: KmsSelectionError): void {
    if (operation !== "decrypt") return;
    const failure = error?.failure;
    if (failure?.code === "access-denied" && failure.action === "kms:Decrypt") this.set(target, true);
    else if (!error) this.set(target, false);
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private show(): void {
    const isDenied = this.has(vscode.window.activeTextEditor?.document);
    if (isDenied === this.isShown) return;
    this.isShown = isDenied;
    void vscode.commands.executeCommand("setContext", "kmsSelection.decryptDenied", isDenied);
  }
}

/** Who asks, and for which key. */
function nameOf({ sandbox, identity, key, region, decryptProfile }: Target): string {
  return JSON.stringify([sandbox, identity.value, key?.value, region?.value, decryptProfile]);
}
