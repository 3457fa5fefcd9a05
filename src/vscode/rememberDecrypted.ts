/** Tells the window's decrypted values what a command has just written in place of tokens. */
import type { EncryptionContext } from "../core/encryptionContext";
import type { Token } from "../core/tokens";
import type { TextRange } from "../core/trackedRanges";
import type { Opened } from "../core/transform";
import type { App } from "./app";
import type { Origin } from "./decryptedValues";
import type { Run } from "./runOperation";

/** A token that was decrypted. */
export interface Replaced {
  readonly token: Token;
  /** As it stood in the document. */
  readonly text: string;
  readonly opened: Opened;
}

/** `keyId`: the key that was demanded; absent where KMS found it. */
export function rememberDecrypted(
  { decryptedValues }: App,
  { editor, target }: Run,
  { keyId, context }: { readonly keyId: string | undefined; readonly context: EncryptionContext },
  written: readonly TextRange[],
  replaced: readonly Replaced[],
): void {
  decryptedValues.add(
    editor.document,
    replaced.map(({ token, text, opened }, index) => {
      const eol = eolOf(opened.text);
      const origin = { target, keyId: keyId ?? opened.keyArn, context, format: token.format, eol };
      return { ...(written[index] as TextRange), token: text, tokenOfText: text, origin };
    }),
  );
}

/** `undefined` where the text has none, or several kinds of them. */
function eolOf(text: string): Origin["eol"] {
  const kinds = new Set(text.match(/\r\n|\r|\n/g));
  const [eol] = kinds;
  return kinds.size === 1 && (eol === "\n" || eol === "\r\n") ? eol : undefined;
}
