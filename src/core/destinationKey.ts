/** The key that a re-encryption goes to. An alias may be pointed at another one while it runs. */
import { KmsSelectionError } from "./errors";
import { isSameKey } from "./keyId";

export class DestinationKey {
  private known: string | undefined;

  /** `undefined`: it may not be looked at, and is known when something has gone there. */
  constructor(arn?: string) {
    this.known = arn;
  }

  get arn(): string | undefined {
    return this.known;
  }

  /** What went there says of its key. Throws `destination-changed`: nothing of one run is to lie under two keys. */
  confirm(arn: string): void {
    this.known ??= arn;
    if (!isSameKey(this.known, arn)) {
      throw new KmsSelectionError({ code: "destination-changed", before: this.known, now: arn });
    }
  }
}
