/** What a person wants of a re-encryption, and what that means for a file. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  describeWish,
  destinationsOf,
  describeSpareKeys,
  planOf,
  wishInForce,
  type Wish,
  type World,
} from "../../../src/core/reEncryptionWish";
import { NO_SPARE_KEYS } from "../../../src/core/keySet";
import { parseSettings, settingNames, type Scoped, type SettingName } from "../../../src/core/settings";
import { resolveTarget, type Choices } from "../../../src/core/target";
import { assertCode, thrownBy } from "./failures";
import { readJson, root } from "../../host/paths";

interface Manifest {
  readonly contributes: {
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly default: unknown }>> };
  };
}
const { properties } = (readJson(join(root, "package.json")) as Manifest).contributes.configuration;

const SETTINGS: Readonly<Partial<Record<SettingName, unknown>>> = {
  keyAlias: "alias/app",
  identity: "alice",
  encryptionContext: { identity: "${identity}", file: "${relativeFile}" },
  identities: {
    alice: { encryptProfile: "writer", decryptProfile: "reader" },
    bob: { profile: "bob", keyAlias: "alias/bob", encryptionContext: { user: "2" } },
  },
};

function worldOf(choices: Choices = {}, settings: Partial<Record<SettingName, unknown>> = {}): World {
  const raw = settingNames.map((name): [SettingName, Scoped<unknown>] => [
    name,
    {
      value: { ...SETTINGS, ...settings }[name] ?? properties[`kmsSelection.${name}`]?.default,
      scope: "folder",
    },
  ]);
  return {
    settings: parseSettings(Object.fromEntries(raw) as Record<SettingName, Scoped<unknown>>),
    choices,
    environment: {},
  };
}

function wishOf(world: World, change: Partial<Wish> = {}): Wish {
  const target = resolveTarget(world.settings, world.choices, world.environment);
  return { ...wishInForce(target, target.key!.value), ...change };
}

const place = { workspaceFolderBasename: "app", relativeFile: "a/b.env" };

suite("Wishes for a re-encryption", () => {
  test("without a change it goes from what is in force to the same", () => {
    const world = worldOf();
    const { routes, format, toBlobs } = planOf(wishOf(world), world, place);
    const both = { keyId: "alias/app", context: { identity: "alice", file: "a/b.env" } };
    assert.deepEqual(routes, [{ source: both, destination: { ...both, spareKeys: NO_SPARE_KEYS } }]);
    assert.deepEqual([format, toBlobs], [undefined, false]);
  });

  test("to another identity it takes that identity's context, and the file's", () => {
    const world = worldOf();
    const to = (identity: string) => planOf(wishOf(world, { toIdentity: identity }), world, place).routes;
    assert.deepEqual(to("bob")[0].destination, {
      keyId: "alias/app",
      context: { user: "2" },
      spareKeys: NO_SPARE_KEYS,
    });
    assert.deepEqual(to("carol")[0].destination.context, { identity: "carol", file: "a/b.env" });
    assert.deepEqual(to("bob")[0].source.context, { identity: "alice", file: "a/b.env" });
  });

  test("from each identity: the one in force comes first, and each keeps its own unless one is named", () => {
    const world = worldOf({ identity: "bob" });
    const all = wishOf(world, { fromIdentity: undefined, fromKey: undefined });
    assert.deepEqual(
      planOf(all, world, place).routes.map(({ source, destination }) => [
        source.context,
        destination.context,
      ]),
      [
        [{ user: "2" }, { user: "2" }],
        [
          { identity: "alice", file: "a/b.env" },
          { identity: "alice", file: "a/b.env" },
        ],
      ],
    );
    const { routes } = planOf({ ...all, toIdentity: "bob" }, world, place);
    assert.deepEqual(
      routes.map(({ destination }) => destination.context),
      [{ user: "2" }, { user: "2" }],
    );
    assert.ok(routes.every(({ source }) => source.keyId === undefined));
  });

  test("one profile makes the requests: that which reads, unless another one is chosen", () => {
    const world = worldOf();
    const wish = wishOf(world, { toIdentity: "bob" });
    const [{ encryptProfile, decryptProfile }] = destinationsOf(wish, world);
    assert.deepEqual([encryptProfile, decryptProfile], ["reader", "reader"]);
    assert.equal(destinationsOf({ ...wish, profile: "mover" }, world)[0].decryptProfile, "mover");
  });

  test("a key that was named here is the person's choice; the one in force keeps where it was decided", () => {
    const world = worldOf();
    assert.deepEqual(destinationsOf(wishOf(world), world)[0].key, { value: "alias/app", origin: "folder" });
    assert.deepEqual(destinationsOf(wishOf(world, { toKey: "alias/new" }), world)[0].key, {
      value: "alias/new",
      origin: "choice",
    });
  });

  const ESCROW = "arn:aws:kms:us-east-2:999988887777:alias/escrow";
  const OTHER = "arn:aws:kms:eu-west-1:111122223333:alias/app";

  test("what it goes to opens with the spare keys that the settings name, each identity's with its own", () => {
    const world = worldOf(
      {},
      {
        additionalKeys: [ESCROW],
        recoveryPublicKey: "~/recovery.pem",
        identities: { alice: {}, bob: { additionalKeys: [OTHER] } },
      },
    );
    const all = wishOf(world, { fromIdentity: undefined });
    const ofAlice = { additionalKeys: [ESCROW], recoveryPublicKey: "~/recovery.pem" };
    const ofBob = { additionalKeys: [OTHER], recoveryPublicKey: "~/recovery.pem" };
    const keysFor = (wish: Wish) =>
      planOf(wish, world, place).routes.map(({ destination }) => destination.spareKeys);
    assert.deepEqual(keysFor(all), [ofAlice, ofBob]);
    assert.deepEqual(keysFor({ ...all, toIdentity: "bob" }), [ofBob, ofBob]);
    assert.equal(describeSpareKeys(all, world), `${ESCROW}, the recovery key, ${OTHER}`);
    assert.equal(
      describeWish({ ...wishOf(world), toBlobs: true }, world),
      `alice, alias/app → alice, alias/app; messages that open also with ${ESCROW}, the recovery key`,
    );
    assert.deepEqual(
      destinationsOf(all, world).map(({ additionalKeys }) => additionalKeys.value),
      [[ESCROW], [OTHER]],
    );
  });

  test("no message is wanted, and several keys are: refused", () => {
    const world = worldOf({}, { additionalKeys: [ESCROW], envelope: "never" });
    assertCode(
      thrownBy(() => planOf(wishOf(world), world, place)),
      "setting-invalid",
    );
    assert.equal(describeSpareKeys(wishOf(worldOf()), worldOf()), undefined);
  });

  const words: [change: Partial<Wish>, words: string][] = [
    [{}, "alice, alias/app → alice, alias/app"],
    [{ toKey: "alias/new" }, "alice, alias/app → alice, alias/new"],
    [{ toIdentity: "bob", fromKey: undefined }, "alice, whichever key → bob, alias/app"],
    [{ fromIdentity: undefined }, "each identity, alias/app → the same identity, alias/app"],
    [{ format: "ENC[KMS]" }, "alice, alias/app → alice, alias/app; written as ENC[KMS]"],
    [
      { toBlobs: true },
      "alice, alias/app → alice, alias/app; messages become KMS ciphertexts where they fit",
    ],
  ];
  for (const [change, said] of words) {
    test(said, () => {
      const world = worldOf();
      assert.equal(describeWish(wishOf(world, change), world), said);
    });
  }
});
