/** The keys of one account and Region, and the four ways to name one. */
import { KmsException } from "./kmsException";

export type KeyState =
  | "Creating"
  | "Enabled"
  | "Disabled"
  | "PendingDeletion"
  | "PendingImport"
  | "PendingReplicaDeletion"
  | "Unavailable"
  | "Updating";

export interface LocalKey {
  /** A UUID, or `mrk-` and 32 hexadecimal digits; lower case. */
  readonly keyId: string;
  /** With the prefix `alias/`. */
  readonly aliases?: readonly string[];
  /** Enabled, unless said. */
  readonly state?: KeyState;
  readonly deletionDate?: Date;
  /** SYMMETRIC_DEFAULT, unless said; no other kind can encrypt here. */
  readonly keySpec?: string;
  /** ENCRYPT_DECRYPT, unless said. */
  readonly keyUsage?: string;
  readonly multiRegion?: boolean;
  /** Regions of its replicas; none, unless said. They are not there by that. */
  readonly replicas?: readonly string[];
  /** Off, unless said. No time passes here: the material changes by `rotations` alone. */
  readonly rotationEnabled?: boolean;
  /** How often the material was changed; none, unless said. What was sealed before still opens. */
  readonly rotations?: number;
  readonly rotationPeriodInDays?: number;
  readonly creationDate?: Date;
  readonly manager?: "CUSTOMER" | "AWS";
  readonly description?: string;
}

export interface StoredKey extends Required<Omit<LocalKey, "deletionDate">> {
  readonly deletionDate: Date | undefined;
  readonly arn: string;
}

const KEY_ID = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/i;
const DEFAULT_CREATION_DATE = new Date("2025-01-01T00:00:00Z");
// https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
const DEFAULT_ROTATION_PERIOD_IN_DAYS = 365;

export class KeyStore {
  readonly region: string;
  readonly accountId: string;
  readonly #keys = new Map<string, StoredKey>();
  readonly #aliases = new Map<string, StoredKey>();

  constructor(region: string, accountId: string, keys: readonly LocalKey[]) {
    this.region = region;
    this.accountId = accountId;
    for (const key of keys) this.#add(key);
  }

  #add(key: LocalKey): void {
    if (!KEY_ID.test(key.keyId) || key.keyId !== key.keyId.toLowerCase())
      throw new TypeError(`The key id ${key.keyId} is neither a UUID nor mrk- and 32 hexadecimal digits.`);
    if (this.#keys.has(key.keyId)) throw new TypeError(`Two keys have the id ${key.keyId}.`);
    const stored: StoredKey = {
      aliases: [],
      state: "Enabled",
      keySpec: "SYMMETRIC_DEFAULT",
      keyUsage: "ENCRYPT_DECRYPT",
      multiRegion: key.keyId.startsWith("mrk-"),
      replicas: [],
      rotationEnabled: false,
      rotations: 0,
      rotationPeriodInDays: DEFAULT_ROTATION_PERIOD_IN_DAYS,
      creationDate: DEFAULT_CREATION_DATE,
      manager: "CUSTOMER",
      description: "",
      deletionDate: undefined,
      ...key,
      arn: this.#arn(`key/${key.keyId}`),
    };
    this.#keys.set(key.keyId, stored);
    for (const alias of stored.aliases) {
      if (!alias.startsWith("alias/")) throw new TypeError(`The alias ${alias} does not begin with alias/.`);
      if (this.#aliases.has(alias)) throw new TypeError(`Two keys have the alias ${alias}.`);
      this.#aliases.set(alias, stored);
    }
  }

  keys(): Iterable<StoredKey> {
    return this.#keys.values();
  }

  /** In the order of their names, which is the order of pages. */
  aliases(): { readonly name: string; readonly arn: string; readonly key: StoredKey }[] {
    return [...this.#aliases]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, key]) => ({ name, arn: this.#arn(name), key }));
  }

  /** By key id, key ARN, alias name or alias ARN. */
  find(id: string): StoredKey {
    const resource = this.#resource(id);
    if (resource.startsWith("alias/")) {
      const key = this.#aliases.get(resource);
      if (!key) throw new KmsException("NotFoundException", `Alias ${this.#arn(resource)} is not found.`);
      return key;
    }
    const keyId = resource.slice("key/".length);
    if (!KEY_ID.test(keyId)) throw new KmsException("NotFoundException", `Invalid keyId '${keyId}'`);
    const key = this.#keys.get(keyId);
    if (!key) throw new KmsException("NotFoundException", `Key '${this.#arn(resource)}' does not exist`);
    return key;
  }

  /** By key id or key ARN, for the operations that take no alias. */
  findByKeyId(id: string): StoredKey {
    if (id.startsWith("alias/") || /^arn:[^/]*:alias\//.test(id))
      throw new KmsException("InvalidArnException", "Key Aliases are not supported for this operation.");
    return this.find(id);
  }

  #resource(id: string): string {
    if (id.startsWith("alias/")) return id;
    if (!id.startsWith("arn:")) return `key/${id}`;
    const parts =
      /^arn:(?<partition>[^:]+):kms:(?<region>[^:]+):(?<account>\d{12}):(?<resource>(?:key|alias)\/.+)$/.exec(
        id,
      )?.groups;
    // The pattern names all four groups.
    const { region, account, resource } = (parts ?? {}) as Record<string, string>;
    if (region === undefined || account === undefined || resource === undefined)
      throw new KmsException("InvalidArnException", `Invalid arn ${id}`);
    if (region !== this.region) throw new KmsException("NotFoundException", `Invalid arn ${region}`);
    if (account !== this.accountId) {
      if (resource.startsWith("alias/"))
        throw new KmsException("NotFoundException", `Alias ${id} is not found.`);
      // Whether another account has that key is not told to whom it does not allow it:
      // https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
      throw new KmsException(
        "AccessDeniedException",
        `Not authorized on resource: ${id} because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
      );
    }
    return resource;
  }

  #arn(resource: string): string {
    return `arn:aws:kms:${this.region}:${this.accountId}:${resource}`;
  }
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html */
export function requireEnabled({ arn, state }: StoredKey): void {
  switch (state) {
    case "Enabled":
      return;
    case "Disabled":
      throw new KmsException("DisabledException", `${arn} is disabled.`);
    case "PendingDeletion":
    case "PendingImport":
    case "PendingReplicaDeletion":
    case "Creating":
    case "Updating":
    case "Unavailable":
      throw new KmsException("KMSInvalidStateException", `${arn} is ${words(state)}.`);
    default:
      throw new TypeError(`Unknown key state ${state satisfies never as string}.`);
  }
}

/** PendingDeletion → pending deletion */
function words(state: string): string {
  return state.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
}
