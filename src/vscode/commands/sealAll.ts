/** Seal All: what is decrypted becomes tokens again. Unchanged text gets the token that it came from, with no request. */
import * as vscode from "vscode";
import { tokenOf } from "../../core/decryptedTexts";
import { describeFailure, type Circumstances } from "../../core/describeFailure";
import { KmsSelectionError, toKmsSelectionError } from "../../core/errors";
import { mapConcurrently } from "../../core/mapConcurrently";
import { checkTexts, MAX_CONCURRENT_REQUESTS } from "../../core/transform";
import type { App } from "../app";
import { editedTexts, encryptEdited, type EditedText } from "../encryptPlaces";
import { offerActions } from "../offerActions";
import { cancellable } from "../progress";
import { requireWritable } from "../replaceParts";
import { rewrite } from "../rewrite";

/** Those of the active file where it has some, otherwise those of all files. */
export async function sealAll(app: App): Promise<void> {
  const { decryptedValues } = app;
  const active = vscode.window.activeTextEditor?.document;
  const documents =
    active && decryptedValues.unsealed(active).length > 0 ? [active] : decryptedValues.documents();
  if (documents.length === 0) {
    void vscode.window.showInformationMessage("Nothing that was decrypted here is readable any more.");
    return;
  }
  await sealDocuments(app, documents);
}

/** One document after the other, each of them as a whole or not at all. Answers whether all are sealed. */
export async function sealDocuments(app: App, documents: readonly vscode.TextDocument[]): Promise<boolean> {
  let count = 0;
  for (const document of documents) {
    const circumstances: { -readonly [Name in keyof Circumstances]: Circumstances[Name] } = {
      operation: "encrypt",
    };
    try {
      count += await sealDocument(app, document, circumstances);
    } catch (thrown) {
      report(app, thrown, circumstances, documents);
      return false;
    }
  }
  app.statusBar.setFailure(undefined);
  const what = count === 1 ? "1 value" : `${count} values`;
  vscode.window.setStatusBarMessage(`$(check) KMS: ${what} sealed`, 4000);
  return true;
}

async function sealDocument(
  app: App,
  document: vscode.TextDocument,
  circumstances: { -readonly [Name in keyof Circumstances]: Circumstances[Name] },
): Promise<number> {
  const { decryptedValues } = app;
  const places = decryptedValues.unsealed(document);
  const edited = editedTexts(document, places);
  await requireWritable(document);
  if (edited.length > 0) await encryptAll(app, edited, circumstances);
  const isWritten = await rewrite(document, () =>
    decryptedValues.unsealed(document).map((place) => {
      const token = tokenOf(place);
      if (token === undefined) throw new KmsSelectionError({ code: "text-changed" });
      return { start: place.start, end: place.end, text: token };
    }),
  );
  if (!isWritten)
    throw new KmsSelectionError({ code: document.isClosed ? "document-closed" : "edit-rejected" });
  // An editor that is read-only takes an edit without a word.
  if (decryptedValues.unsealed(document).length > 0)
    throw new KmsSelectionError({ code: "document-read-only" });
  return places.length;
}

async function encryptAll(
  app: App,
  edited: readonly EditedText[],
  circumstances: { -readonly [Name in keyof Circumstances]: Circumstances[Name] },
): Promise<void> {
  const { target, keyId, context } = (edited[0] as EditedText).place.secret.origin;
  Object.assign(circumstances, {
    sandbox: target.sandbox,
    identity: target.identity.value,
    keyId,
    profile: target.encryptProfile ?? process.env.AWS_PROFILE,
    region: target.region?.value,
    context,
  });
  checkTexts(
    edited.map(({ text, line }) => ({ content: text, line })),
    target.envelope,
  );
  const what = edited.length === 1 ? "1 edited value" : `${edited.length} edited values`;
  await app.statusBar.during(() =>
    cancellable(`Encrypting ${what} with ${keyId}…`, (signal) =>
      mapConcurrently(edited, MAX_CONCURRENT_REQUESTS, signal, (each, _, either) =>
        encryptEdited(app, each, true, either),
      ),
    ),
  );
}

function report(
  app: App,
  thrown: unknown,
  circumstances: Circumstances,
  documents: readonly vscode.TextDocument[],
): void {
  const error = toKmsSelectionError(thrown);
  app.log.error(`seal: failed: ${[error.failure.code, error.source?.name].filter(Boolean).join(", ")}`);
  const description = describeFailure(error, circumstances);
  if (!description) return;
  app.statusBar.setFailure(description.message);
  void offerActions(app, error, description, circumstances, async () => {
    await sealDocuments(app, documents);
  });
}
