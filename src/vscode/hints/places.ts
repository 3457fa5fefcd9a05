/** Where tokens were seen, by ids that mean nothing to anybody else: links carry no text and no place. */
import { randomUUID } from "node:crypto";
import * as vscode from "vscode";

interface Place {
  readonly uri: vscode.Uri;
  readonly range: vscode.Range;
  /** The token as it was. */
  readonly text: string;
}

/** Those seen longest ago go first; their hovers are closed by then. */
const MAX_PLACES = 5000;

export class Places {
  private readonly places = new Map<string, Place>();
  private readonly ids = new Map<string, string>();

  /** The same place has the same id for as long as nothing changes there. */
  add(document: vscode.TextDocument, range: vscode.Range): string {
    const place = { uri: document.uri, range, text: document.getText(range) };
    const key = JSON.stringify([place.uri.toString(), range, place.text]);
    const id = this.ids.get(key) ?? randomUUID();
    this.ids.delete(key);
    this.ids.set(key, id);
    this.places.set(id, place);
    const [oldest] = this.ids;
    if (this.ids.size > MAX_PLACES && oldest) {
      this.ids.delete(oldest[0]);
      this.places.delete(oldest[1]);
    }
    return id;
  }

  get(id: unknown): Place | undefined {
    return typeof id === "string" ? this.places.get(id) : undefined;
  }
}
