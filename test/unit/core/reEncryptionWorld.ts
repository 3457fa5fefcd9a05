/** Several keys of the sandbox behind the real client, which counts requests, and tokens that go from one to another. */
import { localClient, localKms } from "../../../src/aws/main";
import type { AwsKms } from "../../../src/aws/awsKms";
import { EncryptionSdkMessages, loadRecoveryKey } from "../../../src/aws/messages";
import type { EncryptionContext } from "../../../src/core/encryptionContext";
import { DestinationKey } from "../../../src/core/destinationKey";
import { NO_SPARE_KEYS, type SpareKeys } from "../../../src/core/keySet";
import type { Binding, Decrypted } from "../../../src/core/kms";
import type { Ciphers, EnvelopeMode, Messages } from "../../../src/core/messages";
import { reEncryptTokens, type NewText } from "../../../src/core/reEncryption";
import type { Destination, ReEncryption, Route } from "../../../src/core/reEncryptionPlan";
import { parseToken, type Token, type TokenFormat } from "../../../src/core/tokens";
import { decryptTokens, encryptTexts, type Part } from "../../../src/core/transform";
import type { LocalKey } from "../../../src/sandbox/keyStore";
import type { KmsException } from "../../../src/sandbox/kmsException";
import { LocalKms } from "../../../src/sandbox/localKms";
import { createRequestHandler } from "../../../src/sandbox/main";

export const never = new AbortController().signal;
export const ALICE: EncryptionContext = { identity: "alice" };
export const BOB: EncryptionContext = { identity: "bob" };
export const CAROL: EncryptionContext = { identity: "carol" };
export const OLD = "11111111-1111-4111-8111-111111111111";
export const NEW = "22222222-2222-4222-8222-222222222222";
export const THIRD = "33333333-3333-4333-8333-333333333333";
export const arn = (keyId: string): string => `arn:aws:kms:local:000000000000:key/${keyId}`;
export const KEYS: readonly LocalKey[] = [
  { keyId: OLD, aliases: ["alias/old"] },
  { keyId: NEW, aliases: ["alias/new"] },
  { keyId: THIRD, aliases: ["alias/third"] },
];

interface Form {
  readonly format?: TokenFormat;
  readonly envelope?: EnvelopeMode;
  readonly spareKeys?: SpareKeys;
}

export class World implements Ciphers {
  readonly operations: string[] = [];
  readonly kms: AwsKms;
  /** What messages were opened to, to see what becomes of it. */
  readonly opened: Decrypted[] = [];
  refuse: (operation: string, input: Record<string, unknown>) => KmsException | undefined = () => undefined;
  private local = this.localKms(KEYS);

  constructor() {
    const call = (operation: string, input: unknown) => {
      this.operations.push(operation);
      const refusal = this.refuse(operation, input as Record<string, unknown>);
      if (refusal) throw refusal;
      return this.local.call(operation, input);
    };
    this.kms = localKms(localClient("local", createRequestHandler({ call })), () => undefined);
  }

  setKeys(keys: readonly LocalKey[]): void {
    this.local = this.localKms(keys);
  }

  messages = async (spareKeys = NO_SPARE_KEYS): Promise<Messages> => {
    const { additionalKeys, recoveryPublicKey } = spareKeys;
    const messages = new EncryptionSdkMessages({
      kms: this.kms,
      isAws: false,
      allowUncommitted: false,
      otherKeys: {
        additional: additionalKeys.map((arn) => ({ arn, kms: this.kms })),
        recovery: recoveryPublicKey ? await loadRecoveryKey(recoveryPublicKey) : undefined,
      },
    });
    const open = messages.open.bind(messages);
    messages.open = async (...request) => {
      const decrypted = await open(...request);
      this.opened.push(decrypted);
      return decrypted;
    };
    return messages;
  };

  async token(
    text: string,
    { keyId = "alias/old", context = ALICE }: Partial<Binding> = {},
    { format = "ENC[KMS]", envelope = "never", spareKeys = NO_SPARE_KEYS }: Form = {},
  ): Promise<string> {
    const output = { format, envelope, dataKeyCaching: false };
    const ciphers = { kms: this.kms, messages: () => this.messages(spareKeys) };
    const [token] = await encryptTexts(
      ciphers,
      [{ content: text, line: 1 }],
      { keyId, context },
      output,
      never,
    );
    this.operations.length = 0;
    return token!;
  }

  async text(
    token: NewText,
    { keyId = "alias/new", context = ALICE }: Partial<Binding> = {},
  ): Promise<string> {
    const before = [...this.operations];
    const [opened] = await decryptTokens(this, parts(token!), { keyId, context }, never);
    this.operations.splice(0, Infinity, ...before);
    return opened!.text;
  }

  private localKms(keys: readonly LocalKey[]): LocalKms {
    return new LocalKms({ region: "local", masterKey: Buffer.alloc(32, 7), keys });
  }
}

export function parts(...tokens: string[]): Part<Token>[] {
  return tokens.map((token, n) => ({ content: parseToken(token)!, line: (n + 1) * 10 }));
}

export function route(source: Partial<Route["source"]> = {}, destination: Partial<Destination> = {}): Route {
  return {
    source: { keyId: "alias/old", context: ALICE, ...source },
    destination: { keyId: "alias/new", context: ALICE, spareKeys: NO_SPARE_KEYS, ...destination },
  };
}

export type Change = Partial<Omit<ReEncryption, "destinationKey">> & {
  /** `undefined`: it may not be looked at. */
  readonly destinationArn?: string | undefined;
};

export function plan(change: Change = {}): ReEncryption {
  const { destinationArn, ...others } = { destinationArn: arn(NEW), ...change };
  return {
    routes: [route()],
    destinationKey: new DestinationKey(destinationArn),
    format: undefined,
    toBlobs: false,
    ...others,
  };
}

export async function moved(world: World, token: string, how: Change = {}): Promise<NewText> {
  const [text] = await reEncryptTokens(world, parts(token), plan(how), never);
  return text;
}

export const kindOf = (token: NewText): string => parseToken(token!)!.kind;
