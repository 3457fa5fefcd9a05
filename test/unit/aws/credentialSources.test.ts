/** Which session a profile's credentials come from, and what makes them others. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { resolveConnection } from "../../../src/aws/connection";
import { useHome } from "./home";

const SSO = "sso_account_id = 1\nsso_role_name = dev\n";
const CORP = "[sso-session corp]\nsso_start_url = https://corp/start\nsso_region = us-east-2\n";
const OLD = "sso_start_url = https://old/start\nsso_region = us-east-2\n";
const ROLE = "role_arn = arn:aws:iam::1:role/r\nsource_profile = base\n";
const KEYS = "aws_access_key_id = AKIA\naws_secret_access_key = x\n";
const USER = "arn:aws:iam::1:user/alice";

suite("Sources of credentials", () => {
  const home = useHome();
  const connect = (profile: string | undefined = "work"): ReturnType<typeof resolveConnection> =>
    resolveConnection({ keyId: "alias/app", profile, region: "us-east-2" });
  const ssoCache = (name: string): string =>
    join(home.path, ".aws/sso/cache", `${createHash("sha1").update(name).digest("hex")}.json`);
  const loginCache = (name: string): string => `${createHash("sha256").update(name).digest("hex")}.json`;

  const sessions: [title: string, config: string, expected: string | undefined][] = [
    ["an sso-session", `[profile work]\nsso_session = corp\n${SSO}${CORP}`, "sso work corp"],
    ["SSO of the old kind", `[profile work]\n${SSO}${OLD}`, "sso work https://old/start"],
    [
      "a role whose source profile has one",
      `[profile work]\n${ROLE}[profile base]\nsso_session = corp\n${SSO}${CORP}`,
      "sso base corp",
    ],
    ["access keys: none", `[profile work]\n${KEYS}`, undefined],
    ["access keys, which come first: none", `[profile work]\n${KEYS}${SSO}${OLD}`, undefined],
    ["a role with keys at its source: none", `[profile work]\n${ROLE}[profile base]\n${KEYS}`, undefined],
    ["a credential_process: none", "[profile work]\ncredential_process = x\n", undefined],
  ];
  for (const [title, config, expected] of sessions) {
    test(title, async () => {
      home.config(config);
      const { session } = await connect();
      const [kind, profile, name = ""] = expected?.split(" ") ?? [];
      assert.deepEqual(session, expected && { kind, profile, cacheFile: ssoCache(name) });
    });
  }

  test("a login session, wherever its cache is", async () => {
    home.config(`[default]\nlogin_session = ${USER}\n`);
    const find = async (): Promise<string | undefined> => {
      const { session } = await resolveConnection({ keyId: "alias/app", profile: undefined, region: "x" });
      assert.deepEqual([session?.kind, session?.profile], ["login", "default"]);
      return session?.cacheFile;
    };
    assert.equal(await find(), join(home.path, ".aws/login/cache", loginCache(USER)));
    process.env.AWS_LOGIN_CACHE_DIRECTORY = join(home.path, "elsewhere");
    assert.equal(await find(), join(home.path, "elsewhere", loginCache(USER)));
  });

  test("the fingerprint changes with all that the credentials depend on, and with nothing else", async () => {
    const base = `[profile work]\n${ROLE}[profile base]\nsso_session = corp\n${SSO}`;
    home.write(ssoCache("corp").slice(home.path.length), '{ "accessToken": "old" }');
    const seen: string[] = [];
    const changes: (() => void)[] = [
      () => {
        home.config(base + CORP);
      },
      () => {
        home.config(base + CORP.replace("corp/start", "corp/new"));
      },
      () => {
        home.config(base.replace("role/r", "role/s") + CORP);
      },
      // The source profile.
      () => {
        home.config(base.replace("dev", "admin") + CORP);
      },
      () => {
        home.credentials(`[base]\n${KEYS}`);
      },
      () => {
        rmSync(join(home.path, ".aws/credentials"));
        home.config(base + CORP);
        home.write(ssoCache("corp").slice(home.path.length), "{}");
      },
      () => {
        home.write(ssoCache("corp").slice(home.path.length), '{ "accessToken": "new" }');
      },
    ];
    for (const change of changes) {
      change();
      seen.push((await connect()).fingerprint);
      home.write(".aws/sso/cache/other.json", String(seen.length));
      assert.equal((await connect()).fingerprint, seen.at(-1));
    }
    assert.equal(new Set(seen).size, seen.length);
    // Tools like saml2aws write other profiles all the time.
    home.credentials(`[other]\n${KEYS}`);
    assert.equal((await connect()).fingerprint, seen.at(-1));
  });

  test("without a token no two connections share what a later sign-in gives", async () => {
    home.config(`[profile work]\nsso_session = corp\n${SSO}${CORP}`);
    assert.notEqual((await connect()).fingerprint, (await connect()).fingerprint);
  });
});
