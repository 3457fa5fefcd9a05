/** Where a request goes: which rule chose the Region, and which setting the endpoint. */
import assert from "node:assert/strict";
import { join } from "node:path";
import * as tls from "node:tls";
import { ListAliasesCommand } from "@aws-sdk/client-kms";
import { Clients } from "../../../src/aws/clients";
import { CredentialStore } from "../../../src/aws/credentials";
import { listProfiles, resolveConnection, type ConnectionRequest } from "../../../src/aws/connection";
import { assertCode, rejectedBy } from "../core/failures";
import { useHome } from "./home";

const ALIAS = "alias/app";
const ARN = "arn:aws:kms:eu-west-1:111122223333:alias/app";

const connect = (request: Partial<ConnectionRequest> = {}) =>
  resolveConnection({ keyId: ALIAS, profile: undefined, region: "us-east-2", ...request });

function setEnvironment(variables: Readonly<Record<string, string>>): void {
  Object.assign(process.env, variables);
}

suite("Connection", () => {
  const home = useHome();

  suite("the Region", () => {
    const cases: [
      title: string,
      request: Partial<ConnectionRequest>,
      config: string,
      environment: Record<string, string>,
      expected: string,
    ][] = [
      [
        "the ARN's before all",
        { keyId: ARN, region: "s" },
        "[default]\nregion = p",
        { AWS_REGION: "e" },
        "ARN eu-west-1",
      ],
      ["the setting's", { region: "s" }, "[default]\nregion = p", { AWS_REGION: "e" }, "setting s"],
      ["the profile's", { region: undefined }, "[default]\nregion = p", { AWS_REGION: "e" }, "profile p"],
      [
        "the profile's in use",
        { region: undefined, profile: "a" },
        "[default]\nregion = p\n[profile a]\nregion = a",
        {},
        "profile a",
      ],
      [
        "not another profile's",
        { region: undefined, profile: "a" },
        "[default]\nregion = p\n[profile a]\noutput = x",
        { AWS_REGION: "e" },
        "environment e",
      ],
      [
        "the environment's",
        { region: undefined },
        "",
        { AWS_REGION: "e", AWS_DEFAULT_REGION: "d" },
        "environment e",
      ],
      [
        "the environment's other one",
        { region: undefined },
        "",
        { AWS_DEFAULT_REGION: "d" },
        "environment d",
      ],
      [
        "an empty variable is none",
        { region: undefined },
        "",
        { AWS_REGION: "", AWS_DEFAULT_REGION: "d" },
        "environment d",
      ],
      ["an empty setting is none", { region: "" }, "[default]\nregion = p", {}, "profile p"],
      [
        "that of AWS_PROFILE",
        { region: undefined },
        "[default]\nregion = p\n[profile a]\nregion = a",
        { AWS_PROFILE: "a" },
        "profile a",
      ],
      [
        "a key ID has none",
        { keyId: "11111111-2222-4333-8444-555555555555", region: "s" },
        "",
        {},
        "setting s",
      ],
      ["no key", { keyId: "", region: "s" }, "", {}, "setting s"],
    ];
    for (const [title, request, config, environment, expected] of cases) {
      test(title, async () => {
        home.config(config);
        setEnvironment(environment);
        const { region, regionRule } = await connect(request);
        assert.equal(`${regionRule} ${region}`, expected);
      });
    }

    test("none at all", async () => {
      home.config("[default]\noutput = json\n");
      assertCode(await rejectedBy(connect({ region: undefined })), "region-missing");
    });
  });

  suite("the certificate authorities", () => {
    const [first, second] = tls.rootCertificates as [string, string];
    const bundleOf = async (): Promise<string | undefined> => (await connect({ profile: "a" })).caBundle;

    test("those of AWS_CA_BUNDLE before those of the profile, without what stands beside them", async () => {
      const file = home.write("profile.pem", `# mine\r\n${first}\n`);
      home.config(`[profile a]\nca_bundle = ${file}\n`);
      assert.equal(await bundleOf(), first);
      process.env.AWS_CA_BUNDLE = home.write("environment.pem", `${second}\n${first}`);
      assert.equal(await bundleOf(), `${second}\n${first}`);
      process.env.AWS_CA_BUNDLE = "";
      assert.equal(await bundleOf(), first);
    });

    test("none where none are set", async () => {
      home.config("[profile a]\nregion = x\n");
      assert.equal(await bundleOf(), undefined);
    });

    test("credentials had with others are not kept", async () => {
      const file = home.write("profile.pem", first);
      home.config(`[profile a]\nca_bundle = ${file}\n`);
      const { fingerprint } = await connect({ profile: "a" });
      home.write("profile.pem", second);
      assert.notEqual((await connect({ profile: "a" })).fingerprint, fingerprint);
    });

    for (const [title, text, reason] of [
      ["is not there", undefined, "cannot be read (ENOENT)"],
      ["holds none", "-----BEGIN PRIVATE KEY-----\ncanary\n", "holds no certificate in PEM"],
      [
        "holds half a one",
        `${first}\n${second.slice(0, 200)}\n-----END CERTIFICATE-----\n`,
        "holds a certificate that cannot be read",
      ],
    ] as const)
      test(`a file that ${title} is named with the setting`, async () => {
        const file = text === undefined ? join(home.path, "none.pem") : home.write("some.pem", text);
        home.config(`[profile a]\nca_bundle = ${file}\n`);
        const { failure } = await rejectedBy(bundleOf());
        const setting = "ca_bundle of the profile";
        assert.deepEqual(failure, { code: "setting-invalid", setting, reason: `${file} ${reason}` });
        process.env.AWS_CA_BUNDLE = file;
        const ofEnvironment = await rejectedBy(bundleOf());
        assert.deepEqual(ofEnvironment.failure, { ...failure, setting: "AWS_CA_BUNDLE" });
      });
  });

  suite("the profile", () => {
    test("the chosen one wins over AWS_PROFILE", async () => {
      home.config("[profile a]\nx = 1\n[profile b]\nx = 2\n");
      setEnvironment({ AWS_PROFILE: "b" });
      const chosen = await connect({ profile: "a" });
      assert.deepEqual([chosen.profile, chosen.settings.x], ["a", "1"]);
      const other = await connect();
      assert.deepEqual([other.profile, other.settings.x], ["b", "2"]);
    });

    test("none: the SDK's own order, and the settings of default", async () => {
      home.config("[default]\nx = 1\n");
      for (const AWS_PROFILE of [undefined, ""]) {
        setEnvironment(AWS_PROFILE === undefined ? {} : { AWS_PROFILE });
        const { profile, settings } = await connect();
        assert.equal(profile, undefined);
        assert.deepEqual({ ...settings }, { x: "1" });
      }
    });

    test("none, and no file: no settings", async () => {
      assert.deepEqual({ ...(await connect()).settings }, {});
    });

    for (const [title, request, environment] of [
      ["chosen", { profile: "nobody" }, {}],
      ["of AWS_PROFILE", {}, { AWS_PROFILE: "nobody" }],
    ] as const) {
      test(`one that is not there, ${title}: both files are named`, async () => {
        home.config("[profile somebody]\nregion = x\n[nobody]\nregion = x\n");
        setEnvironment(environment);
        const { failure } = await rejectedBy(connect(request));
        assert.deepEqual(failure, {
          code: "profile-not-found",
          profile: "nobody",
          files: [join(home.path, ".aws/config"), join(home.path, ".aws/credentials")],
        });
      });
    }

    for (const [kind, settings] of [
      ["sso_session", "sso_session = nobody"],
      ["source_profile", "role_arn = arn\nsource_profile = nobody"],
    ] as const) {
      test(`one whose ${kind} is not there`, async () => {
        home.config(`[profile a]\n${settings}\n[sso-session corp]\nsso_region = x\n`);
        const { failure } = await rejectedBy(connect({ profile: "a" }));
        assert.deepEqual(failure, {
          code: "credentials-failed",
          reason: `its ${kind} "nobody" does not exist`,
        });
      });
    }

    test("one whose name the SDK cannot read is told as such", async () => {
      home.config('[profile "my team"]\naws_access_key_id = a\naws_secret_access_key = b\n');
      const { failure } = await rejectedBy(connect({ profile: "my team" }));
      assert.ok(failure.code === "credentials-failed");
      assert.match(failure.reason, /cannot read its name/);
    });

    for (const profile of ["constructor", "toString", "__proto__"]) {
      test(`${profile} is not there either`, async () => {
        home.config("[default]\nregion = x\n");
        assertCode(await rejectedBy(connect({ profile })), "profile-not-found");
      });
    }

    test("all of them, sorted", async () => {
      home.config("[profile work]\nx = 1\n[default]\nx = 1\n[sso-session s]\nx = 1\n[services v]\nx = 1\n");
      home.credentials("[home]\nx = 1\n[work]\nx = 1\n");
      const names = (await listProfiles()).map(({ name }) => name);
      assert.deepEqual(names, ["default", "home", "work"]);
    });
  });

  suite("the endpoint", () => {
    const services =
      "[services local]\nkms =\n  endpoint_url = http://127.0.0.1:3\ns3 =\n  endpoint_url = http://127.0.0.1:9\n";
    const all = `${services}[default]\nservices = local\nendpoint_url = http://127.0.0.1:4\n`;
    const environment = {
      AWS_ENDPOINT_URL_KMS: "http://127.0.0.1:1",
      AWS_ENDPOINT_URL: "http://127.0.0.1:2",
    };
    const other = "[profile other]\nendpoint_url = http://127.0.0.1:8\n";
    const cases: [
      title: string,
      config: string,
      environment: Record<string, string>,
      expected: string | undefined,
      profile?: string,
    ][] = [
      ["none", "[default]\nregion = x\n", {}, undefined],
      ["AWS_ENDPOINT_URL_KMS before all", all, environment, "AWS_ENDPOINT_URL_KMS http://127.0.0.1:1"],
      [
        "AWS_ENDPOINT_URL",
        all,
        { AWS_ENDPOINT_URL: "http://127.0.0.1:2" },
        "AWS_ENDPOINT_URL http://127.0.0.1:2",
      ],
      [
        "empty variables are none",
        all,
        { AWS_ENDPOINT_URL: "", AWS_ENDPOINT_URL_KMS: "" },
        "services local http://127.0.0.1:3",
      ],
      ["the services section", all, {}, "services local http://127.0.0.1:3"],
      [
        "a services section of other services",
        `[services s]\ns3 =\n  endpoint_url = http://127.0.0.1:9\n[default]\nservices = s\nendpoint_url = http://127.0.0.1:4\n`,
        {},
        "endpoint_url of the profile http://127.0.0.1:4",
      ],
      [
        "a services section that is not there",
        "[default]\nservices = s\nendpoint_url = http://127.0.0.1:4\n",
        {},
        "endpoint_url of the profile http://127.0.0.1:4",
      ],
      ["a services section that no profile names", `${services}[default]\nregion = x\n`, {}, undefined],
      [
        "the profile's",
        "[default]\nendpoint_url = http://127.0.0.1:4\n",
        {},
        "endpoint_url of the profile http://127.0.0.1:4",
      ],
      [
        "the chosen profile's, although AWS_PROFILE names another",
        `[profile a]\nendpoint_url = http://127.0.0.1:5\n${other}`,
        { AWS_PROFILE: "other" },
        "endpoint_url of the profile http://127.0.0.1:5",
        "a",
      ],
      [
        "none, although AWS_PROFILE's has one",
        `[profile a]\nregion = x\n${other}`,
        { AWS_PROFILE: "other" },
        undefined,
        "a",
      ],
      [
        "none, although default's has one",
        `[default]\nendpoint_url = http://127.0.0.1:4\n[profile a]\nregion = x\n`,
        {},
        undefined,
        "a",
      ],
      ["ignored by the profile", `${all}ignore_configured_endpoint_urls = true\n`, environment, undefined],
      [
        "ignored by the profile, in capitals",
        `${all}ignore_configured_endpoint_urls = TRUE\n`,
        {},
        undefined,
      ],
      [
        "not ignored by the profile",
        `${all}ignore_configured_endpoint_urls = false\n`,
        {},
        "services local http://127.0.0.1:3",
      ],
      [
        "ignored by the environment",
        all,
        { ...environment, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" },
        undefined,
      ],
      [
        "the environment has the last word",
        `${all}ignore_configured_endpoint_urls = true\n`,
        { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "false" },
        "services local http://127.0.0.1:3",
      ],
      [
        "https, IPv6, a path",
        "[default]\nendpoint_url = https://[::1]:4566/kms\n",
        {},
        "endpoint_url of the profile https://[::1]:4566/kms",
      ],
    ];
    for (const [title, config, variables, expected, profile] of cases) {
      test(title, async () => {
        home.config(config);
        home.credentials(
          ["default", "a"]
            .map((name) => `[${name}]\naws_access_key_id = AKIA\naws_secret_access_key = x\n`)
            .join(""),
        );
        setEnvironment(variables);
        const connection = await connect({ profile });
        const { endpoint } = connection;
        assert.equal(endpoint && `${endpoint.origin} ${endpoint.url}`, expected);
        const url = endpoint?.url ?? "https://kms.us-east-2.amazonaws.com/";
        assert.equal(await targetOf(connection), new URL(url).href.replace(/\/$/, ""));
      });
    }

    for (const url of [
      "127.0.0.1:4566",
      "localhost",
      "ftp://127.0.0.1",
      "http://",
      "https://[::1",
      "file:///etc",
      "http://a b",
    ]) {
      for (const [name, setting, configure] of [
        [
          "the profile",
          "endpoint_url of the profile",
          () => {
            home.config(`[default]\nendpoint_url = ${url}\n`);
          },
        ],
        [
          "the services section",
          "services s",
          () => {
            home.config(`[default]\nservices = s\n[services s]\nkms =\n  endpoint_url = ${url}\n`);
          },
        ],
        [
          "the environment",
          "AWS_ENDPOINT_URL",
          () => {
            setEnvironment({ AWS_ENDPOINT_URL: url });
          },
        ],
      ] as const) {
        test(`${url} of ${name} is refused`, async () => {
          configure();
          const { failure } = await rejectedBy(connect());
          assert.ok(failure.code === "setting-invalid");
          assert.equal(failure.setting, setting);
        });
      }
    }

    test("one with a password is refused, and the password is not told", async () => {
      home.config("[default]\nendpoint_url = http://user:canary@127.0.0.1:4566\n");
      const error = await rejectedBy(connect());
      assertCode(error, "setting-invalid");
      assert.doesNotMatch(JSON.stringify(error), /canary/);
    });

    test("one that is not used may be anything", async () => {
      home.config("[default]\nendpoint_url = nonsense\n");
      setEnvironment({ AWS_ENDPOINT_URL: "http://127.0.0.1:2" });
      assert.equal((await connect()).endpoint?.url, "http://127.0.0.1:2");
    });
  });
});

/** Where the client of a connection would send a request, without sending it. */
async function targetOf(connection: Awaited<ReturnType<typeof connect>>): Promise<string> {
  const clients = new Clients();
  const client = clients.get(
    connection,
    new CredentialStore(() => assert.fail("a code was asked for")).of(connection),
  );
  let target = "";
  client.middlewareStack.add(
    () => (args) => {
      const { protocol, hostname, port, path } = args.request as {
        protocol: string;
        hostname: string;
        port?: number;
        path: string;
      };
      target = new URL(`${protocol}//${hostname}${port ? `:${port}` : ""}${path}`).href.replace(/\/$/, "");
      return Promise.reject(new Error("as far as this test goes"));
    },
    { step: "build" },
  );
  await client.send(new ListAliasesCommand({})).catch(() => undefined);
  clients.dispose();
  return target;
}
