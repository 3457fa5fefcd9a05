/** What becomes of tokens that are re-encrypted. */
import type { DestinationKey } from "./destinationKey";
import type { SpareKeys } from "./keySet";
import type { Binding, Source } from "./kms";
import type { TokenFormat } from "./tokens";

export interface Destination extends Binding {
  /** Each text is to open with these as well. A KMS ciphertext opens with one key alone, and so becomes a message. */
  readonly spareKeys: SpareKeys;
}

/** From one key and context to another. */
export interface Route {
  readonly source: Source;
  readonly destination: Destination;
}

export interface ReEncryption {
  /** A token may come by any of them, and takes the first that fits. */
  readonly routes: readonly [Route, ...Route[]];
  /** The destination key, as far as it is known: what is a message under it already is not opened. */
  readonly destinationKey: DestinationKey;
  /** `undefined`: each keeps its own. */
  readonly format: TokenFormat | undefined;
  /** A message becomes a blob where its text fits and one key is enough. */
  readonly toBlobs: boolean;
}
