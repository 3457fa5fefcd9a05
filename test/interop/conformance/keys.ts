/** DescribeKey, ListAliases, ListKeys and GetKeyRotationStatus: what is told about keys. */
import {
  DescribeKeyCommand,
  GetKeyRotationStatusCommand,
  ListAliasesCommand,
  type ListAliasesCommandInput,
  ListKeysCommand,
} from "@aws-sdk/client-kms";
import type { World } from "../worlds";
import { ABSENT, API, type Case } from "./case";

const describeKey = (keyId: string | ((world: World) => string)) => async (world: World) => {
  const KeyId = typeof keyId === "string" ? keyId : keyId(world);
  const { KeyMetadata } = await world.kms.send(new DescribeKeyCommand({ KeyId }));
  return { ...KeyMetadata };
};
/** The names are joined, so that a cell can show them. */
const listAliases =
  (input: ListAliasesCommandInput | ((world: World) => ListAliasesCommandInput)) => async (world: World) => {
    const given = typeof input === "function" ? input(world) : input;
    const { Aliases, NextMarker, Truncated } = await world.kms.send(new ListAliasesCommand(given));
    const names = Aliases?.map(({ AliasName }) => AliasName).filter(
      (name) => !name?.startsWith("alias/aws/"),
    );
    return { Aliases: names?.sort(), ...(NextMarker && { NextMarker: "a marker" }), Truncated };
  };
const rotation = (keyId: (world: World) => string | undefined) => (world: World) =>
  world.kms.send(new GetKeyRotationStatusCommand({ KeyId: keyId(world) }));

const DESCRIBE = `${API}DescribeKey.html#API_DescribeKey_RequestParameters`;
const DESCRIBE_ERRORS = `${API}DescribeKey.html#API_DescribeKey_Errors`;
const METADATA = `${API}KeyMetadata.html`;
const LIST = `${API}ListAliases.html#API_ListAliases_RequestParameters`;
const ROTATION = `${API}GetKeyRotationStatus.html`;
const APP = { Arn: "a key ARN", KeyId: "a key id", KeyState: "Enabled" };

export const describeKeyCases: readonly Case[] = [
  {
    title: "DescribeKey",
    send: describeKey("alias/app"),
    documented: {
      ...APP,
      AWSAccountId: "an account",
      CreationDate: "a date",
      CurrentKeyMaterialId: "a material id",
      CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
      Enabled: "true",
      EncryptionAlgorithms: "SYMMETRIC_DEFAULT",
      KeyManager: "CUSTOMER",
      KeySpec: "SYMMETRIC_DEFAULT",
      KeyUsage: "ENCRYPT_DECRYPT",
      MultiRegion: "false",
      Origin: "AWS_KMS",
    },
    source: METADATA,
  },
  {
    title: "by key id",
    send: describeKey(({ keyIds }) => keyIds.get("app") ?? ""),
    documented: APP,
    source: DESCRIBE,
  },
  {
    title: "by key ARN",
    send: describeKey(({ arn, keyIds }) => arn(`key/${keyIds.get("app")}`)),
    documented: APP,
    source: DESCRIBE,
  },
  {
    title: "by alias ARN",
    send: describeKey(({ arn }) => arn("alias/app")),
    documented: APP,
    source: DESCRIBE,
  },
  {
    title: "a disabled key",
    send: describeKey("alias/disabled"),
    documented: { Enabled: "false", KeyState: "Disabled" },
    source: METADATA,
  },
  {
    title: "a key pending deletion",
    send: describeKey("alias/pending-deletion"),
    documented: { DeletionDate: "a date", Enabled: "false", KeyState: "PendingDeletion" },
    source: METADATA,
  },
  {
    title: "a key for MACs",
    send: describeKey("alias/mac"),
    documented: { KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC", MacAlgorithms: "HMAC_SHA_256" },
    source: METADATA,
  },
  {
    title: "an alias that is not there",
    send: describeKey("alias/no"),
    documented: "NotFoundException",
    source: DESCRIBE_ERRORS,
  },
  {
    title: "a key id that is not there",
    send: describeKey(ABSENT),
    documented: "NotFoundException",
    source: DESCRIBE_ERRORS,
  },
  {
    title: "not a key id",
    send: describeKey("app"),
    documented: "NotFoundException",
    source: DESCRIBE_ERRORS,
  },
  {
    title: "not an ARN",
    send: describeKey("arn:aws:kms"),
    documented: "InvalidArnException",
    source: DESCRIBE_ERRORS,
  },
  {
    title: "an ARN of another Region",
    send: describeKey(({ arn, keyIds }) => arn(`key/${keyIds.get("app")}`, { region: "eu-west-1" })),
    documented: "NotFoundException",
    source: DESCRIBE_ERRORS,
  },
];

const ALL = "alias/app alias/disabled alias/kms-poc alias/mac alias/other alias/pending-deletion";

export const listCases: readonly Case[] = [
  {
    title: "ListAliases",
    send: listAliases({}),
    documented: { Aliases: ALL, Truncated: "false" },
    source: `${API}ListAliases.html#API_ListAliases_ResponseSyntax`,
  },
  {
    title: "of one key",
    send: listAliases(({ keyIds }) => ({ KeyId: keyIds.get("app") })),
    documented: { Aliases: "alias/app alias/kms-poc" },
    source: LIST,
  },
  {
    title: "one a page",
    send: listAliases({ Limit: 1 }),
    documented: { NextMarker: "a marker", Truncated: "true" },
    source: LIST,
  },
  { title: "none a page", send: listAliases({ Limit: 0 }), documented: "ValidationException", source: LIST },
  {
    title: "1,001 a page",
    send: listAliases({ Limit: 1001 }),
    documented: "ValidationException",
    source: LIST,
  },
  {
    title: "a marker that is none",
    send: listAliases({ Marker: "none" }),
    documented: "InvalidMarkerException",
    source: `${API}ListAliases.html#API_ListAliases_Errors`,
  },
  {
    title: "ListKeys",
    send: async ({ kms }) => {
      const { Keys, Truncated } = await kms.send(new ListKeysCommand({}));
      return { ...Keys?.[0], Truncated };
    },
    documented: { KeyArn: "a key ARN", KeyId: "a key id", Truncated: "false" },
    source: `${API}ListKeys.html#API_ListKeys_ResponseSyntax`,
    sandbox: "the extension lists aliases and never asks for this",
  },
];

export const rotationCases: readonly Case[] = [
  {
    title: "GetKeyRotationStatus",
    send: rotation(({ keyIds }) => keyIds.get("app")),
    documented: {
      KeyId: "a key id",
      KeyRotationEnabled: "true",
      NextRotationDate: "a date",
      RotationPeriodInDays: "365",
    },
    source: `${ROTATION}#API_GetKeyRotationStatus_ResponseSyntax`,
  },
  {
    title: "a key that is not rotated",
    send: rotation(({ keyIds }) => keyIds.get("other")),
    documented: { KeyRotationEnabled: "false" },
    source: ROTATION,
  },
  {
    title: "a key pending deletion",
    send: rotation(({ keyIds }) => keyIds.get("pending-deletion")),
    documented: { KeyRotationEnabled: "false" },
    source: ROTATION,
  },
  {
    title: "a key for MACs",
    send: rotation(({ keyIds }) => keyIds.get("mac")),
    documented: "UnsupportedOperationException",
    source: `${ROTATION}#API_GetKeyRotationStatus_Errors`,
  },
  {
    title: "an alias",
    send: rotation(() => "alias/app"),
    documented: "InvalidArnException",
    source: `${ROTATION}#API_GetKeyRotationStatus_RequestParameters`,
  },
  {
    title: "a key id that is not there",
    send: rotation(() => ABSENT),
    documented: "NotFoundException",
    source: `${ROTATION}#API_GetKeyRotationStatus_Errors`,
  },
];
