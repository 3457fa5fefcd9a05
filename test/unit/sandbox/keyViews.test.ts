/** What the sandbox tells about keys and aliases. */
import assert from "node:assert/strict";
import {
  DescribeKeyCommand,
  GetKeyRotationStatusCommand,
  type KeyMetadata,
  type KMSClient,
  ListAliasesCommand,
  paginateListAliases,
} from "@aws-sdk/client-kms";
import type { LocalKey } from "../../../src/sandbox/keyStore";
import { TEST_ACCOUNT, TEST_REGION } from "../../support/kmsServer";
import { type Connected, transports } from "./transports";

const ARN = `arn:aws:kms:${TEST_REGION}:${TEST_ACCOUNT}:`;
const DAY = 86_400_000;
const created = new Date("2026-01-01T00:00:00Z");
const deleted = new Date("2035-01-01T00:00:00Z");
const id = (digit: number) => `11111111-1111-4111-8111-11111111111${digit}`;
const MULTI_REGION = `mrk-${"a".repeat(32)}`;

const KEYS: readonly LocalKey[] = [
  {
    keyId: id(0),
    aliases: ["alias/b", "alias/a", "alias/team/c"],
    creationDate: created,
    rotationEnabled: true,
    rotationPeriodInDays: 90,
    description: "of the app",
  },
  {
    keyId: id(1),
    aliases: ["alias/d"],
    state: "PendingDeletion",
    deletionDate: deleted,
    rotationEnabled: true,
  },
  { keyId: id(2), aliases: ["alias/aws/s3"], state: "Disabled", manager: "AWS", rotationEnabled: true },
  { keyId: id(3), keySpec: "HMAC_256", keyUsage: "GENERATE_VERIFY_MAC" },
  { keyId: id(4), keySpec: "RSA_2048" },
  { keyId: MULTI_REGION },
];
const NAMES = ["alias/a", "alias/aws/s3", "alias/b", "alias/d", "alias/team/c"];

for (const transport of transports) {
  suite(`what the sandbox tells about keys, ${transport.name}`, () => {
    let connected: Connected;
    let kms: KMSClient;
    suiteSetup(async () => {
      connected = await transport.connect(KEYS);
      kms = connected.kms;
    });
    suiteTeardown(() => connected.disconnect());

    async function describeKey(KeyId: string): Promise<KeyMetadata> {
      return (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata!;
    }

    test("DescribeKey tells all of a symmetric key", async () => {
      const { CurrentKeyMaterialId, ...rest } = await describeKey("alias/a");
      assert.match(CurrentKeyMaterialId!, /^[0-9a-f]{64}$/);
      assert.deepEqual(rest, {
        AWSAccountId: TEST_ACCOUNT,
        KeyId: id(0),
        Arn: `${ARN}key/${id(0)}`,
        CreationDate: created,
        Enabled: true,
        Description: "of the app",
        KeyUsage: "ENCRYPT_DECRYPT",
        KeyState: "Enabled",
        Origin: "AWS_KMS",
        KeyManager: "CUSTOMER",
        CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
        KeySpec: "SYMMETRIC_DEFAULT",
        EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
        MultiRegion: false,
      });
    });

    const others: [title: string, keyId: string, expected: Partial<KeyMetadata>][] = [
      [
        "a key pending deletion",
        "alias/d",
        { Enabled: false, KeyState: "PendingDeletion", DeletionDate: deleted },
      ],
      [
        "a disabled key of AWS",
        `${ARN}alias/aws/s3`,
        { Enabled: false, KeyState: "Disabled", KeyManager: "AWS" },
      ],
      [
        "a key for MACs",
        id(3),
        {
          KeySpec: "HMAC_256",
          KeyUsage: "GENERATE_VERIFY_MAC",
          EncryptionAlgorithms: undefined,
          MacAlgorithms: ["HMAC_SHA_256"],
          CurrentKeyMaterialId: undefined,
        },
      ],
      [
        "an RSA key",
        id(4),
        {
          KeySpec: "RSA_2048",
          EncryptionAlgorithms: ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
          CurrentKeyMaterialId: undefined,
        },
      ],
      ["a multi-Region key", MULTI_REGION, { MultiRegion: true, Arn: `${ARN}key/${MULTI_REGION}` }],
    ];
    for (const [title, keyId, expected] of others) {
      test(`DescribeKey tells ${title}`, async () => {
        const metadata: Record<string, unknown> = { ...(await describeKey(keyId)) };
        for (const [name, value] of Object.entries(expected)) assert.deepEqual(metadata[name], value, name);
      });
    }

    test("each key has a material of its own", async () => {
      const ids = await Promise.all(
        ["alias/a", "alias/d", MULTI_REGION].map(
          async (each) => (await describeKey(each)).CurrentKeyMaterialId,
        ),
      );
      assert.equal(new Set(ids).size, 3);
    });

    test("ListAliases gives every alias with its key", async () => {
      const { Aliases, Truncated, NextMarker } = await kms.send(new ListAliasesCommand({}));
      assert.equal(Truncated, false);
      assert.equal(NextMarker, undefined);
      assert.deepEqual(
        Aliases?.map(({ AliasName }) => AliasName),
        NAMES,
      );
      assert.deepEqual(Aliases[0], {
        AliasName: "alias/a",
        AliasArn: `${ARN}alias/a`,
        TargetKeyId: id(0),
        CreationDate: created,
        LastUpdatedDate: created,
      });
    });

    for (const limit of [1, 2, 4, 5, 6]) {
      test(`ListAliases in pages of ${limit} gives each alias once`, async () => {
        const names: (string | undefined)[] = [];
        let pages = 0;
        for await (const { Aliases, Truncated, NextMarker } of paginateListAliases(
          { client: kms, pageSize: limit },
          {},
        )) {
          pages++;
          assert.ok(pages <= NAMES.length, "pages go on for ever");
          names.push(...(Aliases ?? []).map(({ AliasName }) => AliasName));
          assert.equal(Truncated, NextMarker !== undefined);
        }
        assert.deepEqual(names, NAMES);
        assert.equal(pages, Math.ceil(NAMES.length / limit));
      });
    }

    test("ListAliases of one key", async () => {
      for (const KeyId of [id(0), `${ARN}key/${id(0)}`]) {
        const first = await kms.send(new ListAliasesCommand({ KeyId, Limit: 2 }));
        const rest = await kms.send(new ListAliasesCommand({ KeyId, Limit: 2, Marker: first.NextMarker }));
        assert.deepEqual(
          [...first.Aliases!, ...rest.Aliases!].map(({ AliasName }) => AliasName),
          ["alias/a", "alias/b", "alias/team/c"],
        );
        assert.equal(rest.Truncated, false);
      }
      assert.deepEqual((await kms.send(new ListAliasesCommand({ KeyId: id(3) }))).Aliases, []);
    });

    test("the next rotation is a whole number of periods after the key was made, and ahead of us", async () => {
      const status = await kms.send(new GetKeyRotationStatusCommand({ KeyId: id(0) }));
      assert.equal(status.KeyRotationEnabled, true);
      assert.equal(status.RotationPeriodInDays, 90);
      const since = status.NextRotationDate!.getTime() - created.getTime();
      assert.equal(since % (90 * DAY), 0);
      assert.ok(status.NextRotationDate!.getTime() > Date.now());
      assert.ok(status.NextRotationDate!.getTime() <= Date.now() + 90 * DAY);
    });

    for (const [title, KeyId, enabled] of [
      ["stays while a key is disabled", id(2), true],
      ["is off while a key waits for its deletion", id(1), false],
      ["is off unless it was turned on", MULTI_REGION, false],
    ] as const) {
      test(`rotation ${title}`, async () => {
        const { $metadata, ...status } = await kms.send(new GetKeyRotationStatusCommand({ KeyId }));
        assert.equal($metadata.httpStatusCode, 200);
        assert.equal(status.KeyRotationEnabled, enabled);
        assert.equal(status.RotationPeriodInDays, enabled ? 365 : undefined);
      });
    }
  });
}
