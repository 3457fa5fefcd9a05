/** Every setting: what it may be, and that a slip is an error which names it. */
import assert from "node:assert/strict";
import { parseSettings, settingNames, type Scoped, type SettingName } from "../../../src/core/settings";
import { assertCode, thrownBy } from "./failures";

const DEFAULTS: Record<SettingName, unknown> = {
  keyAlias: "",
  identity: "",
  region: "",
  encryptionContext: { identity: "${identity}" },
  outputFormat: "base64",
  envelope: "auto",
  additionalKeys: [],
  recoveryPublicKey: "",
  fallbackRegions: [],
  encryptInFallbackRegions: false,
  dataKeyCaching: true,
  allowUncommittedMessages: false,
  profile: "",
  identities: {},
  sandbox: false,
  sealOnSave: "seal",
  revealSeconds: 20,
  clipboardSeconds: 30,
  hover: true,
  codeLens: true,
};

function parse(values: Partial<Record<SettingName, unknown>>) {
  const raw = settingNames.map((name): [string, Scoped<unknown>] => [
    name,
    Object.hasOwn(values, name)
      ? { value: values[name], scope: "user" }
      : { value: DEFAULTS[name], scope: "default" },
  ]);
  return parseSettings(Object.fromEntries(raw) as Record<SettingName, Scoped<unknown>>);
}

const fromJson = (json: string): unknown => JSON.parse(json);
const UUID = "11111111-2222-4333-8444-555555555555";
const ARN = `arn:aws:kms:eu-west-1:111122223333:key/${UUID}`;

suite("Settings", () => {
  test("the defaults, each with its scope", () => {
    assert.deepEqual(
      parse({}),
      Object.fromEntries(settingNames.map((name) => [name, { value: DEFAULTS[name], scope: "default" }])),
    );
  });

  test("the scope stays with the value", () => {
    const scopes = ["default", "user", "workspace", "folder"] as const;
    for (const scope of scopes) {
      const raw = Object.fromEntries(settingNames.map((name) => [name, { value: DEFAULTS[name], scope }]));
      assert.ok(
        Object.values(parseSettings(raw as Record<SettingName, Scoped<unknown>>)).every(
          (setting: Scoped<unknown>) => setting.scope === scope,
        ),
      );
    }
  });

  const valid: [setting: SettingName, given: unknown, parsed?: unknown][] = [
    ["keyAlias", "alias/app"],
    ["keyAlias", "  alias/app\n", "alias/app"],
    ["keyAlias", "   ", ""],
    ["keyAlias", UUID],
    ["keyAlias", `arn:aws:kms:us-east-2:111122223333:key/${UUID}`],
    ["identity", "alice"],
    ["identity", " alice ", "alice"],
    ["identity", "constructor"],
    ["identity", "__proto__"],
    ["identity", "Алиса 😀"],
    ["identity", "a".repeat(256)],
    ["region", "us-east-2"],
    ["region", "us-gov-west-1"],
    ["region", "local"],
    ["region", " eu-central-1 ", "eu-central-1"],
    ["encryptionContext", {}],
    ["encryptionContext", { user_id: "1" }],
    ["encryptionContext", { identity: "${identity}", file: "${relativeFile}" }],
    // What the template holds is judged when it is filled in, with the pair's name.
    ["encryptionContext", { a: "" }],
    ["encryptionContext", fromJson('{ "__proto__": "1" }')],
    ["outputFormat", "base64"],
    ["outputFormat", "ENC[KMS]"],
    ["envelope", "auto"],
    ["envelope", "always"],
    ["envelope", "never"],
    ["additionalKeys", []],
    [
      "additionalKeys",
      [ARN, ` ${ARN.replace(/key.*/, "alias/escrow")} `],
      [ARN, ARN.replace(/key.*/, "alias/escrow")],
    ],
    ["recoveryPublicKey", "~/recovery.pem"],
    ["fallbackRegions", [" eu-west-1 ", "us-west-2"], ["eu-west-1", "us-west-2"]],
    ["encryptInFallbackRegions", true],
    ["dataKeyCaching", false],
    ["allowUncommittedMessages", true],
    ["profile", "work"],
    ["profile", "my profile"],
    ["sandbox", true],
    ["sandbox", false],
    ["revealSeconds", 1],
    ["revealSeconds", 600],
    ["clipboardSeconds", 5],
    ["identities", {}],
    ["identities", { alice: {} }],
    [
      "identities",
      {
        alice: {
          profile: "a",
          encryptProfile: "b",
          decryptProfile: "c",
          keyAlias: "alias/app",
          region: "us-east-2",
          encryptionContext: { user_id: "1" },
          additionalKeys: [ARN],
          fallbackRegions: ["us-west-2"],
        },
        bob: { keyAlias: "", region: "" },
      },
    ],
    ["identities", { " alice ": { profile: " work " } }, { alice: { profile: "work" } }],
    ["identities", fromJson('{ "constructor": { "profile": "a" }, "__proto__": { "profile": "b" } }')],
  ];
  for (const [setting, given, parsed = given] of valid) {
    test(`${setting} may be ${JSON.stringify(given)}`, () => {
      const { value, scope } = parse({ [setting]: given })[setting];
      assert.deepEqual(value, parsed);
      assert.deepEqual(Object.keys(value), Object.keys(parsed as object));
      assert.equal(scope, "user");
    });
  }

  const text = [undefined, null, 1, true, {}, [], ["alias/app"]];
  const objects = [undefined, null, 1, true, "", "alice", []];
  const invalid: [setting: SettingName, given: unknown, named?: string][] = [
    ...text.flatMap((given) =>
      (["keyAlias", "identity", "region", "profile"] as const).map((name): [SettingName, unknown] => [
        name,
        given,
      ]),
    ),
    ...objects.flatMap((given) =>
      (["encryptionContext", "identities"] as const).map((name): [SettingName, unknown] => [name, given]),
    ),
    ["keyAlias", "app"],
    ["keyAlias", "alias/my app"],
    ["keyAlias", "arn:aws:kms"],
    ["identity", "a\nb"],
    ["identity", "a\0b"],
    ["identity", "a\u007f"],
    ["identity", "a".repeat(257)],
    ["region", "US-EAST-2"],
    ["region", "us east 2"],
    ["region", "us-east-2."],
    ["region", "-us-east-2"],
    ["region", "us--east"],
    ["region", "us-east-2/evil.example#"],
    ["region", "evil.example"],
    ["encryptionContext", { a: 1 }],
    ["encryptionContext", { a: null }],
    ["encryptionContext", { a: { b: "c" } }],
    ["encryptionContext", { a: ["b"] }],
    ["encryptionContext", ["a"]],
    ["outputFormat", ""],
    ["outputFormat", "Base64"],
    ["outputFormat", "ENC"],
    ["outputFormat", undefined],
    ["outputFormat", ["base64"]],
    ["envelope", true],
    ["envelope", "Auto"],
    ["additionalKeys", "alias/app"],
    ["additionalKeys", null],
    ["additionalKeys", ["alias/app"], "additionalKeys[0]"],
    ["additionalKeys", [UUID], "additionalKeys[0]"],
    ["additionalKeys", [ARN, 1], "additionalKeys[1]"],
    ["additionalKeys", [ARN, ""], "additionalKeys[1]"],
    ["additionalKeys", [ARN, ` ${ARN} `]],
    ["additionalKeys", Array.from({ length: 9 }, (_, n) => `${ARN.slice(0, -1)}${n}`)],
    ["recoveryPublicKey", ["-----BEGIN PUBLIC KEY-----"]],
    ["fallbackRegions", "eu-west-1"],
    ["fallbackRegions", ["eu-west-1", "Ireland"], "fallbackRegions[1]"],
    ["fallbackRegions", ["evil.example"], "fallbackRegions[0]"],
    ["fallbackRegions", [""], "fallbackRegions[0]"],
    ["fallbackRegions", ["eu-west-1", "eu-west-1"]],
    ["encryptInFallbackRegions", "yes"],
    ["dataKeyCaching", "false"],
    ["allowUncommittedMessages", 1],
    ["profile", "a\tb"],
    ["profile", "a".repeat(257)],
    ["sandbox", undefined],
    ["revealSeconds", 0],
    ["revealSeconds", 601],
    ["revealSeconds", 1.5],
    ["revealSeconds", "20"],
    ["revealSeconds", Number.NaN],
    ["clipboardSeconds", 4],
    ["sandbox", null],
    ["sandbox", 1],
    ["sandbox", "true"],
    ["identities", { "": {} }],
    ["identities", { " ": {} }],
    ["identities", { ["a\nb"]: {} }],
    ["identities", { alice: null }, "identities.alice"],
    ["identities", { alice: "work" }, "identities.alice"],
    ["identities", { alice: [] }, "identities.alice"],
    ["identities", { alice: { profile: 1 } }, "identities.alice.profile"],
    ["identities", { alice: { encryptProfile: null } }, "identities.alice.encryptProfile"],
    ["identities", { alice: { decryptProfile: {} } }, "identities.alice.decryptProfile"],
    ["identities", { alice: { keyAlias: "app" } }, "identities.alice.keyAlias"],
    ["identities", { alice: { region: "Ohio" } }, "identities.alice.region"],
    ["identities", { alice: { encryptionContext: { a: 1 } } }, "identities.alice.encryptionContext"],
    ["identities", { alice: { encryptionContext: "a" } }, "identities.alice.encryptionContext"],
    ["identities", { alice: { additionalKeys: "x" } }, "identities.alice.additionalKeys"],
    ["identities", { alice: { additionalKeys: [""] } }, "identities.alice.additionalKeys[0]"],
    ["identities", { alice: { fallbackRegions: ["x y"] } }, "identities.alice.fallbackRegions[0]"],
    ["identities", { alice: { sandbox: true } }, "identities.alice.sandbox"],
    ["identities", { alice: { endpoint: "http://x" } }, "identities.alice.endpoint"],
    ["identities", { alice: { constructor: "x" } }, "identities.alice.constructor"],
    ["identities", fromJson('{ "alice": { "__proto__": {} } }'), "identities.alice.__proto__"],
    ["identities", fromJson('{ "__proto__": { "profile": 1 } }'), "identities.__proto__.profile"],
    ["identities", { alice: {}, bob: { profile: 1 } }, "identities.bob.profile"],
  ];
  for (const [setting, given, named = setting] of invalid) {
    test(`${setting} may not be ${JSON.stringify(given)}`, () => {
      const error = thrownBy(() => parse({ [setting]: given }));
      assertCode(error, "setting-invalid");
      assert.ok(error.failure.code === "setting-invalid");
      assert.equal(error.failure.setting, `kmsSelection.${named}`);
      assert.notEqual(error.failure.reason, "");
    });
  }

  test("an identity's name cannot give other objects settings", () => {
    parse({ identities: fromJson('{ "__proto__": { "profile": "evil" } }') });
    assert.equal(({} as { profile?: string }).profile, undefined);
  });
});
