/** Choose Key: an alias of the account, or any key by its name, remembered for the workspace. */
import * as vscode from "vscode";
import { describeKey, whyUnusable } from "../../core/keyDescription";
import { explainKeyId, parseKeyId } from "../../core/keyId";
import { isKmsSelectionError, toKmsSelectionError, type KmsSelectionError } from "../../core/errors";
import type { App } from "../app";
import type { Connected } from "../connections";
import { inForce } from "../inForce";
import { sentence } from "../labels";
import { pickOrType, type Offered } from "../pickOrType";
import { signingIn } from "../signIn";

/** `false`: dismissed. Choosing a key of AWS leaves the sandbox. */
export async function chooseKey(app: App): Promise<boolean> {
  const keyAlias = await pickKey(app, "Choose Key");
  if (keyAlias === undefined) return false;
  await app.choices.choose("keyAlias", keyAlias);
  return true;
}

/** `undefined`: dismissed. */
export async function pickKey(app: App, title: string): Promise<string | undefined> {
  const listing = new AbortController();
  // Before the picker is open: a question about a code or a sign-in would close it.
  const connected = await connect(app);
  const keyAlias = await pickOrType({
    title,
    placeholder: "Choose an alias, or type an alias, an alias ARN, a key ID or a key ARN",
    offered: listKeys(app, connected, listing.signal),
    recent: app.choices.recent("keyAlias"),
    validate: (text) => (parseKeyId(text) ? undefined : explainKeyId(text)),
  });
  listing.abort();
  return keyAlias;
}

/** A failure is shown in the list; a key can be typed all the same. */
async function connect(app: App): Promise<Connected | KmsSelectionError> {
  try {
    const choices = { get: () => ({ ...app.choices.get(), sandbox: false }) };
    const { target } = inForce(choices, vscode.window.activeTextEditor?.document);
    const connected = await app.connections.connect(target, "encrypt", "", () => undefined);
    const circumstances = { operation: "encrypt", doing: "list the keys" } as const;
    const profile = connected.connection?.profile;
    await signingIn(app, connected, { ...circumstances, profile }, () =>
      app.connections.authenticate(connected),
    );
    return connected;
  } catch (thrown) {
    return toKmsSelectionError(thrown);
  }
}

/** Chosen before and in no list: keys of other accounts, or all of them where ListAliases is not permitted. */
async function* listKeys(
  app: App,
  connected: Connected | KmsSelectionError,
  signal: AbortSignal,
): AsyncGenerator<Offered[]> {
  const recent = app.choices.recent("keyAlias").map((value): Offered => ({ value }));
  yield recent;
  if (isKmsSelectionError(connected)) throw connected;
  const { kms, connection } = connected;
  const { profile, region } = connection ?? {};
  const unlisted = recent.filter(({ value }) => parseKeyId(value)?.kind !== "alias");
  for await (const keys of kms.listKeys(signal)) {
    const listed = keys.map((key): Offered => {
      const description = [describeKey(key), profile && `profile ${profile}`, region];
      const reason = whyUnusable(key);
      return {
        value: key.alias,
        description: description.filter(Boolean).join(", "),
        unusable: reason && sentence(reason),
      };
    });
    yield [...listed, ...unlisted];
  }
}
