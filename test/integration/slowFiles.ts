/** Files in memory that are written when a condition holds. */
import * as vscode from "vscode";
import { until } from "../ui/until";

const SCHEME = "slow";

export class SlowFiles implements vscode.FileSystemProvider {
  private readonly files = new Map<string, Uint8Array>();
  private readonly texts: string[] = [];
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  private condition: () => boolean = () => true;
  readonly onDidChangeFile = this.changed.event;
  private readonly registration = vscode.workspace.registerFileSystemProvider(SCHEME, this);

  async open(text: string): Promise<vscode.TextEditor> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${this.files.size}.txt` });
    this.files.set(uri.path, Buffer.from(text));
    return vscode.window.showTextDocument(uri, { preview: false });
  }

  waitFor(condition: () => boolean): void {
    this.condition = condition;
  }

  /** The texts that were written, in this order. */
  written(): readonly string[] {
    return this.texts;
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }

  async writeFile({ path }: vscode.Uri, content: Uint8Array): Promise<void> {
    await until(this.condition, (holds) => holds, "the condition of the file");
    this.files.set(path, content);
    this.texts.push(Buffer.from(content).toString());
  }

  readFile(uri: vscode.Uri): Uint8Array {
    const content = this.files.get(uri.path);
    if (!content) throw vscode.FileSystemError.FileNotFound(uri);
    return content;
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const size = this.readFile(uri).length;
    return { type: vscode.FileType.File, ctime: 0, mtime: this.texts.length, size };
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(): void {
    throw vscode.FileSystemError.NoPermissions();
  }

  delete(): void {
    throw vscode.FileSystemError.NoPermissions();
  }

  rename(): void {
    throw vscode.FileSystemError.NoPermissions();
  }
}
