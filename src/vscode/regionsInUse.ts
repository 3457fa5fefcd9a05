/** Which Regions answer in place of those that cannot be reached: told to the log, and to the status bar. */
import * as vscode from "vscode";

export class RegionsInUse implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly substitutes = new Map<string, string>();
  private readonly log: () => vscode.LogOutputChannel;

  constructor(log: () => vscode.LogOutputChannel) {
    this.log = log;
  }

  /** `undefined`: it answers itself. */
  set(region: string, substitute: string | undefined): void {
    if (this.substitutes.get(region) === substitute) return;
    if (substitute === undefined) {
      this.substitutes.delete(region);
      this.log().info(`KMS in ${region} answers again`);
    } else {
      this.substitutes.set(region, substitute);
      this.log().warn(`KMS in ${region} cannot be reached; using ${substitute}`);
    }
    this.changed.fire();
  }

  insteadOf(region: string): string | undefined {
    return this.substitutes.get(region);
  }

  dispose(): void {
    this.changed.dispose();
  }
}
