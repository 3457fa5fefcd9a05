/** Which key, identity, context and profile are in force: choice, then identity, then settings. */
import assert from "node:assert/strict";
import { parseSettings, settingNames, type Scoped, type SettingName } from "../../../src/core/settings";
import {
  chooseIdentity,
  contextOf,
  defaultProfileName,
  offeredIdentities,
  resolveTarget,
  type Choices,
  type Target,
} from "../../../src/core/target";
import { thrownBy } from "./failures";

type Values = Partial<Record<SettingName, unknown>>;

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

function settings(user: Values = {}, workspace: Values = {}) {
  const raw = settingNames.map((name): [string, Scoped<unknown>] => {
    if (Object.hasOwn(workspace, name)) return [name, { value: workspace[name], scope: "workspace" }];
    if (Object.hasOwn(user, name)) return [name, { value: user[name], scope: "user" }];
    return [name, { value: DEFAULTS[name], scope: "default" }];
  });
  return parseSettings(Object.fromEntries(raw) as Record<SettingName, Scoped<unknown>>);
}

const target = (user: Values = {}, choices: Choices = {}, AWS_PROFILE?: string): Target =>
  resolveTarget(settings(user), choices, { AWS_PROFILE });

const place = { workspaceFolderBasename: "app", relativeFile: ".env" };

/** The proof of concept: two identities, keys of two users, one alias. */
const POC: Values = {
  keyAlias: "alias/kms-poc",
  region: "us-east-2",
  identities: {
    alice: {
      encryptProfile: "poc-encrypt",
      decryptProfile: "poc-decrypt",
      encryptionContext: { user_id: "1" },
    },
    bob: {
      encryptProfile: "poc-encrypt",
      decryptProfile: "poc-decrypt",
      encryptionContext: { user_id: "2" },
    },
  },
};

suite("Target", () => {
  test("nothing configured: no key, the default profile's name as identity", () => {
    assert.deepEqual(target(), {
      sandbox: false,
      identity: { value: "default", origin: "default" },
      key: undefined,
      region: undefined,
      encryptProfile: undefined,
      decryptProfile: undefined,
      outputFormat: "base64",
      envelope: "auto",
      additionalKeys: { value: [], origin: "default" },
      recoveryPublicKey: { value: "", origin: "default" },
      fallbackRegions: { value: [], origin: "default" },
      encryptInFallbackRegions: { value: false, origin: "default" },
      dataKeyCaching: true,
      allowUncommittedMessages: false,
      contextTemplate: { value: { identity: "${identity}" }, origin: "default" },
      contextProfile: "default",
    } satisfies Target);
    assert.deepEqual(contextOf(target(), place), { identity: "default" });
  });

  const alice = { keyAlias: "alias/of-alice", region: "eu-west-1", profile: "of-alice" };
  const all: Values = {
    keyAlias: "alias/setting",
    identity: "carol",
    region: "us-west-2",
    profile: "setting",
    identities: { alice, carol: {}, dave: { keyAlias: "", region: "", profile: "" } },
  };
  const precedence: [
    title: string,
    user: Values,
    choices: Choices,
    expected: Record<"identity" | "key" | "region", string | undefined> & { profile: string | undefined },
  ][] = [
    [
      "settings alone",
      all,
      {},
      { identity: "user carol", key: "user alias/setting", region: "user us-west-2", profile: "setting" },
    ],
    [
      "an identity of the settings",
      { ...all, identity: "alice" },
      {},
      {
        identity: "user alice",
        key: "identity alias/of-alice",
        region: "identity eu-west-1",
        profile: "of-alice",
      },
    ],
    [
      "a chosen identity",
      all,
      { identity: "alice" },
      {
        identity: "choice alice",
        key: "identity alias/of-alice",
        region: "identity eu-west-1",
        profile: "of-alice",
      },
    ],
    [
      "a chosen key and profile before those of the identity",
      all,
      { identity: "alice", keyAlias: "alias/chosen", profile: "chosen" },
      {
        identity: "choice alice",
        key: "choice alias/chosen",
        region: "identity eu-west-1",
        profile: "chosen",
      },
    ],
    [
      "a chosen Region before those of the identity and the settings",
      all,
      { identity: "alice", region: "eu-north-1" },
      {
        identity: "choice alice",
        key: "identity alias/of-alice",
        region: "choice eu-north-1",
        profile: "of-alice",
      },
    ],
    [
      "what an identity leaves empty comes from the settings",
      all,
      { identity: "dave" },
      { identity: "choice dave", key: "user alias/setting", region: "user us-west-2", profile: "setting" },
    ],
    [
      "an identity that is not configured",
      all,
      { identity: "erin" },
      { identity: "choice erin", key: "user alias/setting", region: "user us-west-2", profile: "setting" },
    ],
    [
      "empty choices are none",
      all,
      { identity: "", keyAlias: "", profile: "" },
      { identity: "user carol", key: "user alias/setting", region: "user us-west-2", profile: "setting" },
    ],
    [
      "the profile's name is the identity where none is set",
      { profile: "work" },
      {},
      { identity: "default work", key: undefined, region: undefined, profile: "work" },
    ],
    [
      "a chosen profile's name too",
      { profile: "work" },
      { profile: "home" },
      { identity: "default home", key: undefined, region: undefined, profile: "home" },
    ],
    [
      "an identity that is named by its profile has its entry",
      { profile: "work", identities: { work: { keyAlias: "alias/work" } } },
      {},
      { identity: "default work", key: "identity alias/work", region: undefined, profile: "work" },
    ],
    [
      "an identity called constructor",
      { identity: "constructor" },
      {},
      { identity: "user constructor", key: undefined, region: undefined, profile: undefined },
    ],
    [
      "an identity called toString",
      {},
      { identity: "toString" },
      { identity: "choice toString", key: undefined, region: undefined, profile: undefined },
    ],
    [
      "an identity called __proto__",
      {},
      { identity: "__proto__" },
      { identity: "choice __proto__", key: undefined, region: undefined, profile: undefined },
    ],
    [
      "an identity called __proto__ that is configured",
      { identities: JSON.parse('{ "__proto__": { "profile": "p", "keyAlias": "alias/p" } }') as unknown },
      { identity: "__proto__" },
      { identity: "choice __proto__", key: "identity alias/p", region: undefined, profile: "p" },
    ],
  ];
  for (const [title, user, choices, expected] of precedence) {
    test(title, () => {
      const { identity, key, region, encryptProfile, decryptProfile } = target(user, choices);
      const show = (decided: { origin: string; value: string } | undefined) =>
        decided && `${decided.origin} ${decided.value}`;
      assert.deepEqual(
        { identity: show(identity), key: show(key), region: show(region), profile: encryptProfile },
        expected,
      );
      assert.equal(decryptProfile, encryptProfile);
    });
  }

  test("the scope of a setting is told", () => {
    const both = settings(all, { keyAlias: "alias/workspace", region: "ap-south-1" });
    const { key, region, identity } = resolveTarget(both, {}, {});
    assert.deepEqual(key, { value: "alias/workspace", origin: "workspace" });
    assert.deepEqual(region, { value: "ap-south-1", origin: "workspace" });
    assert.equal(identity.origin, "user");
  });

  for (const [AWS_PROFILE, name] of [
    [undefined, "default"],
    ["", "default"],
    ["work", "work"],
  ] as const) {
    test(`AWS_PROFILE=${AWS_PROFILE ?? "(not set)"}: the identity is ${name}, and the profile is left to the SDK`, () => {
      assert.equal(defaultProfileName({ AWS_PROFILE }), name);
      const { identity, encryptProfile, decryptProfile, contextProfile } = target({}, {}, AWS_PROFILE);
      assert.deepEqual(
        [identity.value, encryptProfile, decryptProfile, contextProfile],
        [name, undefined, undefined, name],
      );
    });
  }

  test("a profile of the settings wins over AWS_PROFILE", () => {
    const { identity, contextProfile } = target({ profile: "work" }, {}, "home");
    assert.deepEqual([identity.value, contextProfile], ["work", "work"]);
  });

  const profiles: [
    title: string,
    entry: Record<string, string>,
    choices: Choices,
    encrypt: string | undefined,
    decrypt: string | undefined,
    context: string | undefined,
  ][] = [
    ["one for both", { profile: "p" }, {}, "p", "p", "p"],
    ["one each", { encryptProfile: "e", decryptProfile: "d" }, {}, "e", "d", undefined],
    ["the same one each", { encryptProfile: "e", decryptProfile: "e" }, {}, "e", "e", "e"],
    ["one for encrypting, one for the rest", { profile: "p", encryptProfile: "e" }, {}, "e", "p", undefined],
    ["one for decrypting, one for the rest", { profile: "p", decryptProfile: "d" }, {}, "p", "d", undefined],
    ["one for encrypting, the setting's for the rest", { encryptProfile: "e" }, {}, "e", "s", undefined],
    ["none: the setting's", {}, {}, "s", "s", "s"],
    [
      "a chosen one wins over all",
      { encryptProfile: "e", decryptProfile: "d" },
      { profile: "c" },
      "c",
      "c",
      "c",
    ],
  ];
  for (const [title, entry, choices, encrypt, decrypt, context] of profiles) {
    test(`profiles of an identity: ${title}`, () => {
      const found = target({ profile: "s", identity: "alice", identities: { alice: entry } }, choices);
      assert.deepEqual(
        [found.encryptProfile, found.decryptProfile, found.contextProfile],
        [encrypt, decrypt, context],
      );
    });
  }

  for (const [name, user_id] of [
    ["alice", "1"],
    ["bob", "2"],
  ] as const) {
    test(`the proof of concept as ${name}`, () => {
      const found = target(POC, { identity: name });
      assert.deepEqual(found.key, { value: "alias/kms-poc", origin: "user" });
      assert.deepEqual(found.region, { value: "us-east-2", origin: "user" });
      assert.equal(found.encryptProfile, "poc-encrypt");
      assert.equal(found.decryptProfile, "poc-decrypt");
      assert.deepEqual(contextOf(found, place), { user_id });
    });
  }

  test("a context with the profile's name needs one profile", () => {
    const found = target(
      {
        ...POC,
        encryptionContext: { p: "${profile}" },
        identities: {
          alice: { encryptProfile: "e", decryptProfile: "d" },
        },
      },
      { identity: "alice" },
    );
    const { failure } = thrownBy(() => contextOf(found, place));
    assert.equal(failure.code, "context-invalid");
  });

  test("an identity's own context takes the place of the setting's, an empty one too", () => {
    const user = {
      encryptionContext: { team: "a" },
      identities: { alice: { encryptionContext: {} }, bob: {} },
    };
    assert.deepEqual(contextOf(target(user, { identity: "alice" }), place), {});
    assert.deepEqual(contextOf(target(user, { identity: "bob" }), place), { team: "a" });
  });

  test("a context from the document's place", () => {
    const user = {
      encryptionContext: { file: "${workspaceFolderBasename}/${relativeFile}", p: "${profile}" },
    };
    assert.deepEqual(contextOf(target(user), place), { file: "app/.env", p: "default" });
    const nowhere = { workspaceFolderBasename: undefined, relativeFile: undefined };
    assert.equal(thrownBy(() => contextOf(target(user), nowhere)).failure.code, "context-invalid");
  });

  suite("several keys", () => {
    const ARN = "arn:aws:kms:eu-west-1:111122223333:alias/app";
    const envelopes: [user: Values, envelope: Target["envelope"]][] = [
      [{}, "auto"],
      [{ envelope: "never" }, "never"],
      [{ additionalKeys: [ARN] }, "always"],
      [{ recoveryPublicKey: "/recovery.pem" }, "always"],
      [{ additionalKeys: [ARN], envelope: "always" }, "always"],
      [{ additionalKeys: [ARN], envelope: "never" }, "impossible"],
      [{ recoveryPublicKey: "/recovery.pem", envelope: "never" }, "impossible"],
      [{ identity: "alice", identities: { alice: { additionalKeys: [ARN] } } }, "always"],
      [{ identity: "alice", identities: { alice: { additionalKeys: [] } }, additionalKeys: [ARN] }, "auto"],
      [{ additionalKeys: [ARN], sandbox: true }, "auto"],
      [{ recoveryPublicKey: "/recovery.pem", sandbox: true }, "always"],
    ];
    for (const [user, envelope] of envelopes) {
      test(`${JSON.stringify(user)}: ${envelope}`, () => {
        assert.equal(target(user).envelope, envelope);
      });
    }

    test("an identity has its own fallback Regions; the sandbox has none", () => {
      const identities = { alice: { fallbackRegions: ["us-west-2"] } };
      const user: Values = { fallbackRegions: ["eu-west-1"], identities };
      assert.deepEqual(target(user).fallbackRegions, { value: ["eu-west-1"], origin: "user" });
      assert.deepEqual(target({ ...user, identity: "alice" }).fallbackRegions, {
        value: ["us-west-2"],
        origin: "identity",
      });
      assert.deepEqual(target({ ...user, sandbox: true }).fallbackRegions.value, []);
    });

    test("a workspace that names none is told from nobody naming one", () => {
      const own = { additionalKeys: [ARN], recoveryPublicKey: "/recovery.pem" };
      const { additionalKeys, recoveryPublicKey } = resolveTarget(
        settings(own, { additionalKeys: [], recoveryPublicKey: "" }),
        {},
        {},
      );
      assert.deepEqual(additionalKeys, { value: [], origin: "workspace" });
      assert.deepEqual(recoveryPublicKey, { value: "", origin: "workspace" });
    });
  });

  suite("in the sandbox", () => {
    test("the key is the sandbox's, whatever is configured", () => {
      const { key, region, sandbox } = target({ ...POC, sandbox: true }, { keyAlias: "alias/chosen" });
      assert.equal(sandbox, true);
      assert.deepEqual(key, { value: "alias/sandbox", origin: "sandbox" });
      assert.equal(region, undefined);
    });

    test("a choice wins over the setting, in both directions", () => {
      assert.equal(target({ sandbox: true }, { sandbox: false }).sandbox, false);
      assert.equal(target({ sandbox: false }, { sandbox: true }).sandbox, true);
    });

    test("alice and bob are offered where no identity is configured, alice first", () => {
      assert.deepEqual(offeredIdentities(settings(), true), ["alice", "bob"]);
      assert.deepEqual(offeredIdentities(settings(), false), []);
      assert.deepEqual(target({ sandbox: true }).identity, { value: "alice", origin: "sandbox" });
      assert.deepEqual(target({ sandbox: true, profile: "work" }).identity.value, "alice");
    });

    test("configured identities are offered as they are", () => {
      const identities = { carol: {}, dave: {} };
      for (const sandbox of [true, false]) {
        assert.deepEqual(offeredIdentities(settings({ identities }), sandbox), ["carol", "dave"]);
      }
      assert.equal(target({ sandbox: true, identities }).identity.value, "carol");
    });

    test("a chosen or configured identity stays", () => {
      assert.equal(target({ sandbox: true }, { identity: "bob" }).identity.value, "bob");
      assert.equal(target({ sandbox: true, identity: "erin" }).identity.value, "erin");
    });

    test("the contexts of alice and bob differ", () => {
      const context = (identity: string) => contextOf(target({ sandbox: true }, { identity }), place);
      assert.deepEqual(context("alice"), { identity: "alice" });
      assert.deepEqual(context("bob"), { identity: "bob" });
    });
  });

  suite("choosing an identity", () => {
    const configured = settings({
      identities: {
        alice: { keyAlias: "alias/a", profile: "a" },
        split: { encryptProfile: "e" },
        plain: {},
        empty: { keyAlias: "", profile: "" },
      },
    });
    const chosen: Choices = { identity: "plain", keyAlias: "alias/chosen", profile: "chosen", sandbox: true };
    for (const [identity, expected] of [
      ["alice", { identity: "alice", sandbox: true }],
      ["split", { identity: "split", keyAlias: "alias/chosen", sandbox: true }],
      ["plain", chosen],
      ["empty", { ...chosen, identity: "empty" }],
      ["unknown", { ...chosen, identity: "unknown" }],
      ["constructor", { ...chosen, identity: "constructor" }],
    ] as const) {
      test(`${identity}: its own key and profile win over those chosen before`, () => {
        assert.deepEqual(chooseIdentity(chosen, identity, configured), expected);
      });
    }

    test("an identity's own Region wins over the one chosen before, and no other identity's does", () => {
      const regions = settings({ identities: { near: { region: "eu-west-1" }, plain: {} } });
      const before: Choices = { region: "eu-north-1" };
      assert.deepEqual(chooseIdentity(before, "near", regions), { identity: "near" });
      assert.deepEqual(chooseIdentity(before, "plain", regions), { identity: "plain", region: "eu-north-1" });
    });

    test("nothing chosen before", () => {
      assert.deepEqual(chooseIdentity({}, "alice", configured), { identity: "alice" });
    });
  });
});
