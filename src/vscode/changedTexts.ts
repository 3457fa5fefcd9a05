/** Encrypts edited texts in the background, so that a save finds their tokens in memory. Asks nobody. */
import * as vscode from "vscode";
import type { KmsSelectionError } from "../core/errors";
import { toKmsSelectionError } from "../core/errors";
import { fingerprintOf } from "../core/fingerprint";
import { mapConcurrently } from "../core/mapConcurrently";
import { MAX_CONCURRENT_REQUESTS } from "../core/transform";
import type { App } from "./app";
import type { Origin } from "./decryptedValues";
import { editedTexts, encryptEdited, type EditedText } from "./encryptPlaces";
import type { Secret } from "../core/decryptedTexts";

/** Milliseconds without typing after which a text is encrypted. */
const DELAY = 750;
/** Milliseconds that a request may take. */
const TIMEOUT = 20_000;
/** UTF-16 code units. Longer texts are encrypted when they are saved. */
const MAX_LENGTH = 100_000;

type Failure = KmsSelectionError | undefined;

export class ChangedTexts implements vscode.Disposable {
  private readonly app: App;
  private readonly timers = new Map<vscode.TextDocument, NodeJS.Timeout>();
  /** By digest: what is encrypted at this time. */
  private readonly underWay = new WeakMap<Secret<Origin>, Map<string, Promise<Failure>>>();
  private readonly subscription: vscode.Disposable;

  constructor(app: App) {
    this.app = app;
    this.subscription = app.decryptedValues.onDidChange((document) => {
      clearTimeout(this.timers.get(document));
      this.timers.set(
        document,
        setTimeout(() => {
          this.timers.delete(document);
          const edited = editedTexts(document, app.decryptedValues.unsealed(document));
          // Where it fails, a save tries again and tells why.
          void this.encrypt(edited.filter(({ text }) => text.length <= MAX_LENGTH));
        }, DELAY),
      );
    });
  }

  /** Their tokens are known afterwards; answers with the first reason why one is not. */
  async encrypt(edited: readonly EditedText[]): Promise<Failure> {
    const { signal } = new AbortController();
    const failures = await mapConcurrently(edited, MAX_CONCURRENT_REQUESTS, signal, (each) =>
      this.encryptOnce(each),
    );
    return failures.find((failure) => failure !== undefined);
  }

  dispose(): void {
    this.subscription.dispose();
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  private encryptOnce(edited: EditedText): Promise<Failure> {
    const { secret } = edited.place;
    const { digest } = fingerprintOf(edited.text);
    const requests = this.underWay.get(secret) ?? new Map<string, Promise<Failure>>();
    this.underWay.set(secret, requests);
    const known = requests.get(digest);
    if (known) return known;
    const request = encryptEdited(this.app, edited, false, AbortSignal.timeout(TIMEOUT))
      .then(() => undefined, toKmsSelectionError)
      .finally(() => requests.delete(digest));
    requests.set(digest, request);
    return request;
  }
}
