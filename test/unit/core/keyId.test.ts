/** The names of keys, and the likely slips. */
import assert from "node:assert/strict";
import { explainKeyId, isSameKey, parseKeyId, shortKeyId, type KeyId } from "../../../src/core/keyId";

const UUID = "11111111-2222-4333-8444-555555555555";
const MRK = `mrk-${"0123456789abcdef".repeat(2)}`;
const ARN = "arn:aws:kms:us-east-2:111122223333:";
const place = { region: "us-east-2", account: "111122223333" };

suite("Names of keys", () => {
  const names: [text: string, expected: KeyId][] = [
    ["alias/app", { kind: "alias" }],
    ["alias/a", { kind: "alias" }],
    ["alias/Team/app_1-2", { kind: "alias" }],
    ["alias/aws/s3", { kind: "alias" }],
    ["alias/alias/app", { kind: "alias" }],
    [`alias/${"a".repeat(250)}`, { kind: "alias" }],
    [UUID, { kind: "key-id" }],
    [UUID.replaceAll("5", "F"), { kind: "key-id" }],
    [MRK, { kind: "key-id" }],
    [`${ARN}key/${UUID}`, { kind: "key-arn", ...place }],
    [`${ARN}key/${MRK}`, { kind: "key-arn", ...place }],
    [`${ARN}alias/app`, { kind: "alias-arn", ...place }],
    [`${ARN}alias/Team/app`, { kind: "alias-arn", ...place }],
    [
      `arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/app`,
      { kind: "alias-arn", region: "us-gov-west-1", account: "111122223333" },
    ],
    [
      `arn:aws-cn:kms:cn-north-1:111122223333:key/${UUID}`,
      { kind: "key-arn", region: "cn-north-1", account: "111122223333" },
    ],
    [
      `arn:aws-iso-b:kms:us-isob-east-1:111122223333:key/${UUID}`,
      { kind: "key-arn", region: "us-isob-east-1", account: "111122223333" },
    ],
  ];
  for (const [text, expected] of names) {
    test(`${text} is one`, () => {
      assert.deepEqual(parseKeyId(text), expected);
    });
  }

  const others = [
    "",
    " ",
    "app",
    "alias",
    "alias/",
    "alias:app",
    "Alias/app",
    "/alias/app",
    " alias/app",
    "alias/app\n",
    "alias/my app",
    "alias/app.prod",
    "alias/ключ",
    `alias/${"a".repeat(251)}`,
    UUID.slice(1),
    `${UUID}0`,
    `key/${UUID}`,
    UUID.replaceAll("-", ""),
    MRK.slice(0, -1),
    `${MRK}0`,
    "mrk-",
    ARN,
    `${ARN}key/`,
    `${ARN}key/app`,
    `${ARN}alias/`,
    `${ARN}alias/my app`,
    `${ARN}${UUID}`,
    `arn:aws:s3:us-east-2:111122223333:key/${UUID}`,
    `arn:aws:kms::111122223333:key/${UUID}`,
    `arn:aws:kms:us-east-2::key/${UUID}`,
    `arn:aws:kms:us-east-2:11112222333:key/${UUID}`,
    `arn:aws:kms:us-east-2:1111222233334:key/${UUID}`,
    `arn:gcp:kms:us-east-2:111122223333:key/${UUID}`,
    `arn:aws:kms:evil.example/:111122223333:key/${UUID}`,
    `arn:aws:kms:us-east-2:111122223333:key/${UUID}/more`,
  ];
  for (const text of others) {
    test(`${JSON.stringify(text)} is none`, () => {
      assert.equal(parseKeyId(text), undefined);
      assert.notEqual(explainKeyId(text), "");
    });
  }

  test("the likely slip is named", () => {
    assert.match(explainKeyId("app"), /as in "alias\/app"/);
    assert.match(explainKeyId("team/app"), /as in "alias\/team\/app"/);
    assert.doesNotMatch(explainKeyId("alias/my app"), /begins with/);
    assert.doesNotMatch(explainKeyId("arn:aws:kms"), /begins with/);
  });

  const inRegion = (region: string, id: string): string => `arn:aws:kms:${region}:111122223333:key/${id}`;
  const HERE = inRegion("us-east-2", MRK);
  const pairs: [title: string, other: string, isSame: boolean][] = [
    ["itself", HERE, true],
    ["its replica", inRegion("eu-west-1", MRK), true],
    ["a replica in another partition", inRegion("eu-west-1", MRK).replace("aws", "aws-cn"), false],
    ["one of another account", HERE.replace("111122223333", "999922223333"), false],
    ["another multi-Region key", HERE.replace("mrk-0", "mrk-1"), false],
    ["an alias", HERE.replace(/key.*/, "alias/app"), false],
  ];
  for (const [title, other, isSame] of pairs) {
    test(`a multi-Region key and ${title} are ${isSame ? "one" : "two"}`, () => {
      assert.equal(isSameKey(HERE, other), isSame);
      assert.equal(isSameKey(other, HERE), isSame);
    });
  }

  test("single-Region keys of two Regions are two, whatever their ids", () => {
    assert.ok(isSameKey(inRegion("us-east-2", UUID), inRegion("us-east-2", UUID)));
    assert.ok(!isSameKey(inRegion("us-east-2", UUID), inRegion("eu-west-1", UUID)));
  });

  for (const [text, short] of [
    ["alias/app", "alias/app"],
    [`${ARN}alias/Team/app`, "alias/Team/app"],
    [UUID, "11111111-222…"],
    [`${ARN}key/${UUID}`, "11111111-222…"],
    [`${ARN}key/${MRK}`, "mrk-01234567…"],
    ["123456789012", "123456789012"],
    ["1234567890123", "123456789012…"],
    ["", ""],
  ] as const) {
    test(`in short, ${JSON.stringify(text)} is ${JSON.stringify(short)}`, () => {
      assert.equal(shortKeyId(text), short);
    });
  }
});
