/**
 * Kept for the workspace while decrypted text is unsaved in a window: VS Code keeps such text in its backups, and shows it
 * again after the window was loaded anew or has crashed. Holds tokens, places and digests, and no text. The key of the
 * digests is in the secret storage; it goes when nothing is unsealed any more.
 */
import { randomBytes, randomUUID } from "node:crypto";
import type * as vscode from "vscode";
import type { RecordedText } from "../core/recordedTexts";
import type { Origin } from "./decryptedValues";

const RECORD = "unsealed";

/** What was unsealed in a document at one time. */
export interface Snapshot {
  /** Milliseconds since 1970. */
  readonly takenAt: number;
  readonly texts: readonly RecordedText<Origin>[];
}

/** As it is stored. Many texts have one origin. */
interface Stored {
  readonly keyId: string;
  readonly documents: Readonly<Record<string, readonly StoredSnapshot[]>>;
}

interface StoredSnapshot {
  readonly takenAt: number;
  readonly origins: readonly Origin[];
  readonly texts: readonly RecordedText<number>[];
}

/** Documents; those recorded first go first. */
const MAX_DOCUMENTS = 100;

export function hasUnsealedRecord(state: vscode.Memento): boolean {
  return state.get(RECORD) !== undefined;
}

export class UnsealedRecord {
  private readonly state: vscode.Memento;
  private readonly secrets: vscode.SecretStorage;
  private queue: Promise<unknown> = Promise.resolve();
  private known: { readonly id: string; readonly key: Uint8Array } | undefined;

  constructor(state: vscode.Memento, secrets: vscode.SecretStorage) {
    this.state = state;
    this.secrets = secrets;
  }

  /** The documents with their snapshots, the newest first. */
  all(): Map<string, readonly Snapshot[]> {
    return new Map(Object.keys(this.documents()).map((uri) => [uri, this.get(uri)]));
  }

  get(uri: string): Snapshot[] {
    return (this.documents()[uri] ?? []).map(({ takenAt, origins, texts }) => ({
      takenAt,
      texts: texts.map((text) => ({ ...text, origin: origins[text.origin] as Origin })),
    }));
  }

  /** Of the digests. */
  key(): Promise<Uint8Array> {
    return this.inTurn(async () => (await this.read()).key);
  }

  /** `snapshots` is asked when those before it are stored; an empty answer removes what is known of the document. */
  set(uri: string, snapshots: (key: Uint8Array) => readonly Snapshot[]): Promise<void> {
    return this.inTurn(async () => {
      const { id, key } = await this.read();
      const taken = snapshots(key).map(toStored);
      const { [uri]: before, ...others } = this.documents();
      const all = Object.entries(taken.length > 0 ? { ...others, [uri]: taken } : others);
      if (all.length > 0) {
        const documents = Object.fromEntries(all.slice(-MAX_DOCUMENTS));
        await this.state.update(RECORD, { keyId: id, documents } satisfies Stored);
      } else {
        if (before) await this.state.update(RECORD, undefined);
        await this.secrets.delete(secretName(id));
        this.known = undefined;
      }
    });
  }

  private async read(): Promise<{ readonly id: string; readonly key: Uint8Array }> {
    if (this.known) return this.known;
    const id = this.state.get<Stored>(RECORD)?.keyId ?? randomUUID();
    const stored = await this.secrets.get(secretName(id));
    const key = stored === undefined ? randomBytes(32) : Buffer.from(stored, "base64");
    if (stored === undefined) await this.secrets.store(secretName(id), key.toString("base64"));
    return (this.known = { id, key });
  }

  private documents(): Stored["documents"] {
    return this.state.get<Stored>(RECORD)?.documents ?? {};
  }

  private inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.queue.then(task);
    this.queue = result.catch(() => undefined);
    return result;
  }
}

function secretName(id: string): string {
  return `unsealed ${id}`;
}

function toStored({ takenAt, texts }: Snapshot): StoredSnapshot {
  const origins = new Map(texts.map(({ origin }) => [JSON.stringify(origin), origin]));
  const keys = [...origins.keys()];
  const indexed = texts.map((text) => ({ ...text, origin: keys.indexOf(JSON.stringify(text.origin)) }));
  return { takenAt, origins: [...origins.values()], texts: indexed };
}
