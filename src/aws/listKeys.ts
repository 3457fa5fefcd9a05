/** The keys of an account and Region by their aliases: all names first, then what is permitted to be known of them. */
import {
  DescribeKeyCommand,
  GetKeyRotationStatusCommand,
  paginateListAliases,
  type KMSClient,
} from "@aws-sdk/client-kms";
import { isAwsAlias, whyUnusable, type KeyDescription } from "../core/keyDescription";
import { mapConcurrently } from "../core/mapConcurrently";

/** Requests at a time. DescribeKey has a quota of its own: https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html */
const MAX_CONCURRENT_DESCRIPTIONS = 8;

/** Keys of which more is asked than the alias; beyond, an account has so many that people type. */
const MAX_DESCRIBED_KEYS = 500;

interface Alias {
  readonly name: string;
  readonly account: string | undefined;
  readonly keyId: string;
}

type Details = Pick<KeyDescription, "metadata" | "rotates">;

const UNKNOWN: Details = { metadata: undefined, rotates: undefined };

/** Answers twice: with the aliases alone, and with what DescribeKey and GetKeyRotationStatus add. */
export async function* listKeys(
  client: KMSClient,
  abortSignal: AbortSignal,
): AsyncGenerator<KeyDescription[]> {
  const aliases = await listAliases(client, abortSignal);
  const describe = (details: ReadonlyMap<string, Details>): KeyDescription[] =>
    aliases.map(({ name, account, keyId }) => ({
      alias: name,
      account,
      ...(isAwsAlias(name) ? UNKNOWN : (details.get(keyId) ?? UNKNOWN)),
    }));
  yield describe(new Map());
  const own = aliases.filter(({ name }) => !isAwsAlias(name));
  const keyIds = [...new Set(own.map(({ keyId }) => keyId))].slice(0, MAX_DESCRIBED_KEYS);
  const details = await mapConcurrently(
    keyIds,
    MAX_CONCURRENT_DESCRIPTIONS,
    abortSignal,
    async (keyId, _, signal) => [keyId, await detailsOf(client, keyId, signal)] as const,
  );
  yield describe(new Map(details));
}

/** Without aliases of AWS services that no key stands behind yet. */
async function listAliases(client: KMSClient, abortSignal: AbortSignal): Promise<Alias[]> {
  const aliases: Alias[] = [];
  for await (const page of paginateListAliases({ client, pageSize: 100 }, {}, { abortSignal })) {
    for (const { AliasName, AliasArn, TargetKeyId } of page.Aliases ?? []) {
      if (AliasName && TargetKeyId)
        aliases.push({ name: AliasName, account: AliasArn?.split(":")[4], keyId: TargetKeyId });
    }
  }
  return aliases;
}

/** What is not permitted, or fails, stays unknown: the key may well encrypt, and KMS has the last word on that. */
async function detailsOf(client: KMSClient, keyId: string, abortSignal: AbortSignal): Promise<Details> {
  try {
    const { KeyMetadata: metadata } = await client.send(new DescribeKeyCommand({ KeyId: keyId }), {
      abortSignal,
    });
    const details = { metadata, rotates: undefined };
    if (whyUnusable({ alias: "", account: undefined, ...details }) !== undefined) return details;
    return { ...details, rotates: await rotates(client, keyId, abortSignal) };
  } catch {
    return UNKNOWN;
  }
}

async function rotates(
  client: KMSClient,
  keyId: string,
  abortSignal: AbortSignal,
): Promise<boolean | undefined> {
  try {
    const command = new GetKeyRotationStatusCommand({ KeyId: keyId });
    return (await client.send(command, { abortSignal })).KeyRotationEnabled;
  } catch {
    return undefined;
  }
}
