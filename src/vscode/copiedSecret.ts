/** A secret on the clipboard, for a set time. Of the text itself only a digest is kept, to know it again. */
import { createHmac, randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { App } from "./app";

const made = new WeakMap<App, CopiedSecret>();

/** Made with the first secret that is copied. */
export function copiedSecret(app: App): CopiedSecret {
  let secret = made.get(app);
  if (!secret) {
    const created = (secret = new CopiedSecret());
    made.set(app, created);
    app.atEnd.push(() => created.clear());
  }
  return secret;
}

export class CopiedSecret {
  /** Of this window alone: the digest of a short secret could be guessed. */
  private readonly key = randomBytes(32);
  private digest: string | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** The person is told; it is taken from the clipboard again after so many seconds. */
  async copy(text: string, seconds: number): Promise<void> {
    clearTimeout(this.timer);
    await vscode.env.clipboard.writeText(text);
    const digest = (this.digest = this.digestOf(text));
    this.timer = setTimeout(() => {
      void this.clearWhenReadable(digest);
    }, seconds * 1000);
    void vscode.window.showInformationMessage(
      `Copied. It is taken from the clipboard in ${seconds} seconds, if it is still there.`,
    );
  }

  /** Empties the clipboard where it still holds what was copied. */
  async clear(): Promise<void> {
    clearTimeout(this.timer);
    if (this.digest === undefined) return;
    const text = await vscode.env.clipboard.readText();
    const isOurs = this.digestOf(text) === this.digest;
    this.digest = undefined;
    if (!isOurs) return;
    await vscode.env.clipboard.writeText("");
    vscode.window.setStatusBarMessage("$(check) KMS: clipboard cleared", 4000);
  }

  /** A browser lets a page read the clipboard only while it has the focus. */
  private async clearWhenReadable(digest: string): Promise<void> {
    if (vscode.env.uiKind === vscode.UIKind.Web) await focused();
    if (this.digest === digest) await this.clear();
  }

  private digestOf(text: string): string {
    return createHmac("sha256", this.key).update(text).digest("base64");
  }
}

function focused(): Promise<void> {
  if (vscode.window.state.focused) return Promise.resolve();
  return new Promise((resolve) => {
    const subscription = vscode.window.onDidChangeWindowState((state) => {
      if (!state.focused) return;
      subscription.dispose();
      resolve();
    });
  });
}
