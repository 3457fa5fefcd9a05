/** How credentials are had, kept and had anew: real files, and STS and KMS on loopback. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { EventEmitter, once } from "node:events";
import type { AwsKms } from "../../../src/aws/awsKms";
import { resolveConnection } from "../../../src/aws/connection";
import { Aws } from "../../../src/aws/main";
import { KmsSelectionError } from "../../../src/core/errors";
import type { MfaQuestion } from "../../../src/core/mfa";
import { startIdentityServer, type IdentityServer } from "../../support/identityServer";
import { awsErrors, failWith, startKmsServer, TEST_REGION, type KmsServer } from "../../support/kmsServer";
import { assertCode, rejectedBy } from "../core/failures";
import { useHome } from "./home";

const never = new AbortController().signal;
const DEVICE = "arn:aws:iam::111122223333:mfa/alice";
const KEYS = "aws_access_key_id = AKIAALICE\naws_secret_access_key = secret\n";
const ROLE = `role_arn = arn:aws:iam::111122223333:role/dev\nsource_profile = keys\n`;

suite("Credentials", () => {
  const home = useHome();
  let kms: KmsServer;
  let identity: IdentityServer;
  let aws: Aws;
  let asked: MfaQuestion[];
  let answerCode: (question: MfaQuestion) => string | Promise<string>;

  setup(async () => {
    [kms, identity] = await Promise.all([startKmsServer(), startIdentityServer()]);
    asked = [];
    answerCode = () => assert.fail("a code was asked for");
    aws = new Aws(async (question) => {
      asked.push(question);
      return answerCode(question);
    });
  });
  teardown(async () => {
    aws.dispose();
    await Promise.all([kms.close(), identity.close()]);
  });

  function configure(settings: string, others = ""): void {
    home.config(
      [
        `[profile work]\nservices = loopback\n${settings}`,
        `[profile keys]\n${KEYS}`,
        others,
        `[services loopback]\nkms =\n  endpoint_url = ${kms.url}`,
        ...["sts", "sso", "sso_oidc", "signin"].map((name) => `${name} =\n  endpoint_url = ${identity.url}`),
        "",
      ].join("\n"),
    );
  }

  async function kmsOf(profile: string | undefined = "work", region = TEST_REGION): Promise<AwsKms> {
    return aws.kms(await resolveConnection({ keyId: "alias/app", profile, region }), () => undefined);
  }

  async function encrypt(as = kmsOf(), signal = never): Promise<void> {
    await (await as).encrypt("alias/app", Buffer.from("x"), { identity: "alice" }, signal);
  }

  const { now } = Date;
  teardown(() => {
    Date.now = now;
  });
  function passTime(minutes: number): void {
    Date.now = () => now() + minutes * 60_000;
  }

  const callers = (): (string | undefined)[] => kms.requests.map(({ accessKeyId }) => accessKeyId);
  const assumed = (): string[] => identity.requests.map(({ action }) => action);

  suite("of a role with a multi-factor device", () => {
    setup(() => {
      configure(`${ROLE}mfa_serial = ${DEVICE}\n`);
      identity.codes.add("111111").add("222222").add("333333");
    });

    test("the code is asked for once, with profile and device, and the session is kept", async () => {
      answerCode = () => "111111";
      await encrypt();
      await encrypt();
      assert.deepEqual(asked, [{ profile: "work", device: DEVICE, refused: undefined }]);
      assert.deepEqual(callers(), ["ASIAdev1", "ASIAdev1"]);
      assert.equal(kms.requests[0]?.headers["x-amz-security-token"], "canary-session-token-7f3a-1");
      const [request] = identity.requests;
      assert.equal(request?.accessKeyId, "AKIAALICE");
      assert.equal(request.input.SerialNumber, DEVICE);
      assert.equal(request.input.TokenCode, "111111");
    });

    test("five operations at once ask once, and all go on", async () => {
      const typed = new EventEmitter();
      answerCode = async () => String(await once(typed, "code"));
      const operations = [1, 2, 3, 4, 5].map(() => encrypt());
      while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
      typed.emit("code", "111111");
      await Promise.all(operations);
      assert.equal(asked.length, 1);
      assert.deepEqual(callers(), Array(5).fill("ASIAdev1"));
    });

    test("the clients of several Regions share the session", async () => {
      answerCode = () => "111111";
      await encrypt();
      await encrypt(kmsOf("work", "eu-west-1"));
      assert.equal(asked.length, 1);
      assert.deepEqual(callers(), ["ASIAdev1", "ASIAdev1"]);
    });

    test("a session that ends asks once more", async () => {
      answerCode = () => (asked.length === 1 ? "111111" : "222222");
      await encrypt();
      // The SDK takes what ends within five minutes for ended.
      identity.lifetime = 7200;
      passTime(56);
      await Promise.all([encrypt(), encrypt()]);
      await encrypt();
      assert.equal(asked.length, 2);
      assert.deepEqual(callers(), ["ASIAdev1", "ASIAdev2", "ASIAdev2", "ASIAdev2"]);
    });

    test("a session that KMS does not take any more asks once more", async () => {
      answerCode = () => (asked.length === 1 ? "111111" : "222222");
      await encrypt();
      kms.fail(({ accessKeyId }) =>
        accessKeyId === "ASIAdev1" ? failWith(awsErrors.expiredToken()) : undefined,
      );
      await Promise.all([encrypt(), encrypt(), encrypt()]);
      assert.equal(asked.length, 2);
    });

    test("a wrong code is asked for again, with the reason, until it is right", async () => {
      answerCode = () => ["000000", "000001", "111111"][asked.length - 1] ?? assert.fail("too often");
      await encrypt();
      assert.deepEqual(
        asked.map(({ refused }) => refused),
        [undefined, "code", "code"],
      );
      assert.deepEqual(callers(), ["ASIAdev1"]);
    });

    test("a device that is not the caller's is said to be the reason", async () => {
      configure(`${ROLE}mfa_serial = GAHT12345678\n`);
      answerCode = () => {
        if (asked.length === 1) return "111111";
        throw new KmsSelectionError({ code: "cancelled" });
      };
      assertCode(await rejectedBy(encrypt()), "cancelled");
      assert.equal(asked[1]?.refused, "device");
    });

    test("no code: cancelled, for all who wait; the next operation asks again", async () => {
      answerCode = async () => {
        await Promise.resolve();
        throw new KmsSelectionError({ code: "cancelled" });
      };
      for (const error of await Promise.all([rejectedBy(encrypt()), rejectedBy(encrypt())]))
        assertCode(error, "cancelled");
      assert.equal(asked.length, 1);
      assert.equal(kms.requests.length, 0);
      answerCode = () => "111111";
      await encrypt();
      assert.equal(asked.length, 2);
    });

    test("STS that cannot be reached is the network's fault; the session of before is still good", async () => {
      answerCode = () => "111111";
      await encrypt();
      kms.fail(() => ({ destroy: "before" }));
      assertCode(await rejectedBy(encrypt()), "network");
      kms.fail(undefined);
      await encrypt();
      assert.equal(asked.length, 1);
    });

    test("the profile default is asked for as well, where nobody named one", async () => {
      home.config(
        `[default]\nservices = loopback\n${ROLE}mfa_serial = ${DEVICE}\n[profile keys]\n${KEYS}[services loopback]\nkms =\n  endpoint_url = ${kms.url}\nsts =\n  endpoint_url = ${identity.url}\n`,
      );
      answerCode = () => "111111";
      const connection = await resolveConnection({
        keyId: "alias/app",
        profile: undefined,
        region: TEST_REGION,
      });
      await encrypt(Promise.resolve(aws.kms(connection, () => undefined)));
      assert.deepEqual(asked[0]?.profile, "default");
    });
  });

  suite("in a storm", () => {
    const roundOf = (accessKeyId: string | undefined): number =>
      Number(/^(?:AKIA|ASIA[rw])(\d+)/.exec(accessKeyId ?? "")?.[1]);

    test("credentials that were had from files of later do not serve when those are as before", async () => {
      const keys = (name: string): string =>
        `aws_access_key_id = AKIA${name}\naws_secret_access_key = secret\n`;
      configure(keys("FIRST"));
      const connected = kmsOf();
      await connected;
      configure(keys("SECOND"));
      await encrypt(connected);
      configure(keys("FIRST"));
      await encrypt();
      assert.equal(callers().at(-1), "AKIAFIRST");
    });

    test("of changes in the files: an operation never has credentials of before its own", async () => {
      const kinds = [
        (n: number) => `aws_access_key_id = AKIA${n}\naws_secret_access_key = secret\n`,
        (n: number) => `role_arn = arn:aws:iam::111122223333:role/r${n}x\nsource_profile = keys\n`,
        (n: number) =>
          `role_arn = arn:aws:iam::111122223333:role/w${n}x\nweb_identity_token_file = ${token}\n`,
      ];
      const token = home.write("token", "jwt");
      const earlier: Promise<void>[] = [];
      for (let round = 0; round < 60; round++) {
        configure(kinds[round % kinds.length]?.(round) ?? "");
        const connected = await kmsOf();
        const context = { round: String(round) };
        const operations = [1, 2, 3, 4, 5].map(async () => {
          await connected.encrypt("alias/app", Buffer.from("x"), context, never);
        });
        // Some are still under way when the files change.
        if (round % 2 === 0) earlier.push(...operations);
        else await Promise.all(operations);
        if (round % 10 === 9) {
          await Promise.all(earlier.splice(0));
          assert.equal(roundOf(callers().at(-1)), round);
        }
      }
      assert.equal(kms.requests.length, 300);
      for (const { accessKeyId, input } of kms.requests) {
        const { round } = input?.EncryptionContext as { round: string };
        assert.ok(roundOf(accessKeyId) >= Number(round), `round ${round} by ${accessKeyId ?? "nobody"}`);
      }
    });

    test("of expiries: five operations at a time, and one question for each", async () => {
      configure(`${ROLE}mfa_serial = ${DEVICE}\n`);
      answerCode = () => {
        const code = String(asked.length).padStart(6, "0");
        identity.codes.add(code);
        return code;
      };
      let elapsed = 0;
      for (let expiry = 1; expiry <= 20; expiry++) {
        await Promise.all([1, 2, 3, 4, 5].map(() => encrypt()));
        await Promise.all([1, 2, 3, 4, 5].map(() => encrypt()));
        assert.equal(asked.length, expiry);
        const [last] = callers().slice(-1);
        assert.deepEqual(callers().slice(-10), Array(10).fill(last));
        // KMS refuses some before their time, as after a revocation; others end by the clock.
        if (expiry % 2 === 0)
          kms.fail(({ accessKeyId }) =>
            accessKeyId === last ? failWith(awsErrors.expiredToken()) : undefined,
          );
        else passTime((elapsed += 61));
      }
    });
  });

  test("of a role without a device need no code", async () => {
    configure(ROLE);
    await encrypt();
    assert.deepEqual(callers(), ["ASIAdev1"]);
    assert.deepEqual(assumed(), ["AssumeRole"]);
  });

  test("of a web identity come from the endpoint of the profile", async () => {
    const file = home.write("token", "jwt");
    configure(`role_arn = arn:aws:iam::111122223333:role/web\nweb_identity_token_file = ${file}\n`);
    await encrypt();
    assert.deepEqual(callers(), ["ASIAweb1"]);
    assert.equal(identity.requests[0]?.input.WebIdentityToken, "jwt");
  });

  suite("of a sign-in session whose token has ended", () => {
    const ended = JSON.stringify({
      accessToken: "ended",
      expiresAt: "2020-01-01T00:00:00Z",
      clientId: "client",
      clientSecret: "secret",
      refreshToken: "refresh",
    });
    /** The SDK leaves a session alone for a while after it could not renew it; each test has its own. */
    let sessions = 0;
    setup(() => {
      const name = `corp${++sessions}`;
      const file = createHash("sha1").update(name).digest("hex");
      home.write(`.aws/sso/cache/${file}.json`, ended);
      configure(
        `sso_session = ${name}\nsso_account_id = 111122223333\nsso_role_name = dev\n`,
        `[sso-session ${name}]\nsso_start_url = https://loopback.awsapps.com/start\nsso_region = us-east-2`,
      );
    });

    test("are had with a new token, and nobody is asked to sign in", async () => {
      identity.refreshTokens.add("refresh");
      await encrypt();
      assert.deepEqual(assumed(), ["CreateToken", "GetRoleCredentials"]);
    });

    test("ask for a sign-in when AWS does not renew it", async () => {
      assertCode(await rejectedBy(encrypt()), "credentials-expired");
      assertCode(await rejectedBy(encrypt()), "credentials-expired");
    });

    test("ask for no sign-in when the network is down, and go on when it is back", async () => {
      identity.refreshTokens.add("refresh");
      identity.isDown = true;
      // The second one asks nobody: the SDK does not try again so soon.
      for (let operation = 1; operation <= 2; operation++) {
        assertCode(await rejectedBy(encrypt()), "network");
      }
      identity.isDown = false;
      passTime(1);
      await encrypt();
      assert.match(callers()[0] ?? "", /^ASIAdev/);
    });
  });

  test("the endpoint of AWS_PROFILE is not asked for another profile's role", async () => {
    configure(ROLE, "[profile other]\nendpoint_url = http://127.0.0.1:9");
    process.env.AWS_PROFILE = "other";
    await encrypt();
    assert.deepEqual(callers(), ["ASIAdev1"]);
  });
});
