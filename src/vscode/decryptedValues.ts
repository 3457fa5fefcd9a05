/** Where text is that was decrypted in this window, in all documents. Never the text itself: that is in the document alone. */
import * as vscode from "vscode";
import {
  followChanges,
  isUnsealed,
  newSecret,
  placeOf,
  remember,
  withOtherLineBreaks,
  type Lost,
  type Place,
  type Secret,
} from "../core/decryptedTexts";
import type { EncryptionContext } from "../core/encryptionContext";
import { fingerprintOf, HEAD_LENGTH } from "../core/fingerprint";
import type { Target } from "../core/target";
import type { TokenFormat } from "../core/tokens";
import type { TextRange } from "../core/trackedRanges";

/** How a text was decrypted, so that it is encrypted the same way again. */
export interface Origin {
  readonly target: Target;
  readonly keyId: string;
  readonly context: EncryptionContext;
  readonly format: TokenFormat;
  /** The line breaks that it had, which need not be those of its document; `undefined`: none, or several kinds. */
  readonly eol: "\n" | "\r\n" | undefined;
}

export type DecryptedPlace = Place<Origin>;

export interface Decrypted extends TextRange {
  /** As it stood in the document. */
  readonly token: string;
  /** Of the text as it is now; `undefined`: it was edited since. */
  readonly tokenOfText: string | undefined;
  readonly origin: Origin;
}

interface Known {
  readonly places: readonly DecryptedPlace[];
  readonly lost: readonly Lost<Origin>[];
  readonly eol: vscode.EndOfLine;
}

/** The text of a document that was closed, and what was in it: it may open again under another name or language. */
interface Closed {
  readonly digest: string;
  readonly known: Known;
}

const MAX_CLOSED = 20;

export class DecryptedValues implements vscode.Disposable {
  private readonly known = new Map<vscode.TextDocument, Known>();
  private closed: readonly Closed[] = [];
  private readonly changed = new vscode.EventEmitter<vscode.TextDocument>();
  /** The places of a document, or what stands in them. */
  readonly onDidChange = this.changed.event;
  private looking: Promise<void> | undefined;
  private subscriptions: readonly vscode.Disposable[] = [];
  private readonly start: () => vscode.Disposable;

  /** `start` begins what is to be done about decrypted values; called with the first of them, or when some are expected. */
  constructor(start: () => vscode.Disposable) {
    this.start = start;
  }

  /** While somebody looks for text that an earlier window had decrypted: until then it is not known which documents have some. */
  get expected(): Promise<void> | undefined {
    return this.looking;
  }

  /** `found`: when all is added. */
  expect(found: Promise<void>): void {
    this.subscribe();
    this.looking = found.finally(() => {
      this.looking = undefined;
    });
  }

  /** What has just been written in place of tokens, or was found to be such. */
  add(document: vscode.TextDocument, written: readonly Decrypted[]): void {
    this.subscribe();
    const added = written.map(({ start, end, token, tokenOfText, origin }) => {
      const text = document.getText(rangeOf(document, { start, end }));
      const secret = newSecret(origin, text, tokenOfText);
      const before = placeOf({ start, end }, fingerprintOf(token), { secret, token, isSealed: true });
      return placeOf({ start, end }, fingerprintOf(text), { ...before, isSealed: false });
    });
    const { places, ...known } = this.knownOf(document);
    const others = places.filter((place) => !added.some((each) => overlap(place, each)));
    this.set(document, { ...known, places: inOrder([...others, ...added]) });
  }

  /** Some of them may have been encrypted by the person. */
  encrypted(document: vscode.TextDocument, tokens: readonly string[]): void {
    const known = this.known.get(document);
    if (!known) return;
    const written = new Set(tokens);
    const places = known.places.map((place) => {
      const token = document.getText(rangeOf(document, place));
      if (!written.has(token)) return place;
      // The text that stood there until then.
      const text = [...place.seen.values()].at(-2);
      if (text) remember(place.secret, text, token);
      return { ...place, token, isSealed: true };
    });
    this.set(document, { ...known, places });
  }

  /** Those that are readable now, in document order. */
  unsealed(document: vscode.TextDocument): readonly DecryptedPlace[] {
    return (this.known.get(document)?.places ?? []).filter(isUnsealed);
  }

  /** Where a place is now, whatever stands in it. */
  place(document: vscode.TextDocument, id: symbol): DecryptedPlace | undefined {
    return this.known.get(document)?.places.find((place) => place.id === id);
  }

  /** The documents that have some. */
  documents(): vscode.TextDocument[] {
    return [...this.known.keys()].filter((document) => this.unsealed(document).length > 0);
  }

  /** For a document that has its text back in which these were, because it was reverted or opened again. */
  restore(document: vscode.TextDocument, places: readonly DecryptedPlace[]): void {
    const isBack = places.every(
      (place) => fingerprintOf(textOf(document, place)).digest === place.text.digest,
    );
    if (!isBack) return;
    const { places: now, ...known } = this.knownOf(document);
    const others = now.filter((place) => !places.some((each) => overlap(place, each)));
    this.set(document, { ...known, places: inOrder([...others, ...places]) });
  }

  /** For a document that VS Code made from another one with decrypted values, as Save As does. */
  adopt(document: vscode.TextDocument): void {
    if (this.known.has(document) || !isOfPerson(document)) return;
    const text = document.getText();
    const from =
      [...this.known].find(([each]) => each.getText() === text)?.[1] ??
      this.closed.find(({ digest }) => digest === fingerprintOf(text).digest)?.known;
    if (from?.eol === document.eol) this.set(document, from);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changed.dispose();
  }

  private subscribe(): void {
    if (this.subscriptions.length > 0) return;
    this.subscriptions = [
      this.start(),
      vscode.workspace.onDidChangeTextDocument((event) => {
        this.follow(event);
      }),
      vscode.workspace.onDidOpenTextDocument((document) => {
        this.adopt(document);
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        const known = this.known.get(document);
        if (!known) return;
        const { digest } = fingerprintOf(document.getText());
        this.closed = [{ digest, known }, ...this.closed].slice(0, MAX_CLOSED);
        this.known.delete(document);
        this.changed.fire(document);
      }),
    ];
  }

  private follow({ document, contentChanges, reason }: vscode.TextDocumentChangeEvent): void {
    const { eol } = document;
    const known = this.known.get(document);
    if (known && known.eol !== eol) {
      // VS Code tells of it as of a change of the whole text.
      const places = withOtherLineBreaks(known.places, document.getText(), eolOf(document));
      this.set(document, { ...known, eol, places });
      return;
    }
    const isInserted = contentChanges.some(({ text }) => text.length >= HEAD_LENGTH);
    if (contentChanges.length === 0 || !(known || (isInserted && isOfPerson(document)))) return;
    const { places, lost } = this.knownOf(document);
    const followed = followChanges(
      places,
      contentChanges.map(({ rangeOffset, rangeLength, text }) => ({
        offset: rangeOffset,
        length: rangeLength,
        text,
      })),
      (start, end) => textOf(document, { start, end }),
      {
        secrets: this.secrets(),
        lost,
        eolLength: eolOf(document).length,
        isUndo: reason !== undefined,
        isFromDisk: reason === undefined && isAsSaved(document),
      },
    );
    if (known || followed.places.length > 0) this.set(document, { ...followed, eol });
  }

  private knownOf(document: vscode.TextDocument): Known {
    return this.known.get(document) ?? { places: [], lost: [], eol: document.eol };
  }

  private secrets(): Secret<Origin>[] {
    const all = [...this.known.values(), ...this.closed.map(({ known }) => known)];
    return [...new Set(all.flatMap(({ places, lost }) => [...places, ...lost]).map(({ secret }) => secret))];
  }

  private set(document: vscode.TextDocument, known: Known): void {
    this.known.set(document, known);
    this.changed.fire(document);
  }
}

export function overlap(one: TextRange, other: TextRange): boolean {
  return one.start < other.end && other.start < one.end;
}

export function rangeOf(document: vscode.TextDocument, { start, end }: TextRange): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}

export function textOf(document: vscode.TextDocument, range: TextRange): string {
  return document.getText(rangeOf(document, range));
}

function eolOf({ eol }: vscode.TextDocument): "\n" | "\r\n" {
  return eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n";
}

function inOrder(places: readonly DecryptedPlace[]): DecryptedPlace[] {
  return [...places].sort((a, b) => a.start - b.start);
}

/** An edit of a person makes a document dirty, before anybody is told of it. Cells are never said to be. */
function isAsSaved({ isDirty, isUntitled, uri }: vscode.TextDocument): boolean {
  return !isDirty && !isUntitled && uri.scheme !== "vscode-notebook-cell";
}

/** Not an output channel or the like, which nobody writes into, or a box for messages, which nobody saves. */
function isOfPerson({ uri, isUntitled }: vscode.TextDocument): boolean {
  return (
    isUntitled ||
    uri.scheme === "vscode-notebook-cell" ||
    vscode.workspace.fs.isWritableFileSystem(uri.scheme) === true
  );
}
