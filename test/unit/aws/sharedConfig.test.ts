/** The shared config files, as they are on people's machines: what is read, and what is refused with its line. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { findMalformedLine, loadSharedConfig, sharedConfigFiles } from "../../../src/aws/sharedConfig";
import { assertCode, rejectedBy } from "../core/failures";
import { useHome } from "./home";

suite("Shared config files", () => {
  const home = useHome();

  const wellFormed: [title: string, text: string][] = [
    ["nothing", ""],
    ["an empty line", "\n"],
    ["a section", "[default]"],
    ["a section with spaces in it", "[ default ]"],
    ["spaces behind a section", "[default]  \t"],
    ["a comment behind a section", "[default] # mine\n[profile a] ; too"],
    ["a name in quotes", "[profile \"a b\"]\n[profile 'c']"],
    ["other kinds of section", "[sso-session a]\n[services b]\n[plugins]"],
    ["a setting", "[default]\nregion=us-east-2"],
    ["a setting with spaces", "[default]\nregion  =  us-east-2  "],
    ["a setting with a tab", "[default]\nregion\t=\tus-east-2"],
    ["a setting with a colon", "[default]\nregion: us-east-2\noutput :json"],
    ["an empty value", "[default]\nregion =\noutput = json"],
    ["an equals sign in a value", "[default]\naws_secret_access_key = a=b==\ncredential_process = x --a=b"],
    ["a number sign in a value", "[default]\nrole_session_name = a#b;c"],
    ["brackets in a value", "[default]\nrole_session_name = [a"],
    ["comments", "# one\n; two\n  # three\n\t; four\n[default]\n#region=x"],
    ["an empty comment", "#\n;\n[default]"],
    ["blank lines", "\n\n[default]\n\n  \n\t\nregion = x\n\n"],
    [
      "a nested section",
      "[default]\ns3 =\n  max_concurrent_requests = 20\n  endpoint_url = http://x\nregion = x",
    ],
    ["a nested section with a comment", "[default]\ns3 =\n  # fast\n  max_concurrent_requests = 20"],
    ["a continuation line", "[default]\ncredential_process = tool\n  --flag\n\t--other\nregion = x"],
    ["CRLF", "[default]\r\nregion = x\r\n\r\n# c\r\n[profile a]\r\n"],
    ["a byte order mark", "\ufeff[default]\nregion = x"],
    ["a byte order mark before a comment", "\ufeff# mine\n[default]"],
    ["no line break at the end", "[default]\nregion = x"],
    ["accents and emoji", "# für 😀\n[profile zoë]\nregion = x"],
  ];
  for (const [title, text] of wellFormed) {
    test(`accepted: ${title}`, async () => {
      assert.equal(findMalformedLine(text), undefined);
      home.config(text);
      await loadSharedConfig();
    });
  }

  const malformed: [title: string, text: string, line: number][] = [
    ["a section without its closing bracket", "[default", 1],
    ["a later section without its closing bracket", "[default]\nregion = x\n\n[profile prod\nregion = y", 4],
    ["an indented section without its closing bracket", "[default]\n  [profile prod", 2],
    ["a section without its opening bracket", "[default]\nprofile prod]\nregion = y", 2],
    ["text behind a section", "[default]\n[profile prod] production", 2],
    ["only an opening bracket", "[default]\n[", 2],
    ["a comment in a section's name", "[default]\n[profile a # b]", 2],
    ["a word", "[default]\nregion", 2],
    ["words", "[default]\nregion us-east-2", 2],
    ["what a merge leaves", "[default]\n<<<<<<< HEAD\nregion = x", 2],
    // The SDK reads nothing of a file that has such a name.
    ["the name __proto__", "[default]\nregion = x\n[__proto__]\nregion = y", 3],
    ["the profile __proto__", "[default]\n[profile __proto__] # mine\nregion = y", 2],
    ["CRLF", "[default]\r\nregion = x\r\nregion\r\n", 3],
    ["a byte order mark", "\ufeff[default", 1],
    ["the first of several", "[default]\na\nb", 2],
  ];
  for (const [title, text, line] of malformed) {
    for (const name of ["config", "credentials"] as const) {
      test(`refused in ${name}, with the line: ${title}`, async () => {
        assert.equal(findMalformedLine(text), line);
        home[name](text);
        const error = await rejectedBy(loadSharedConfig());
        const file = join(home.path, ".aws", name);
        assert.deepEqual(error.failure, { code: "config-file-malformed", malformed: { file, line } });
        assert.equal(error.cause, undefined);
      });
    }
  }

  test("the line alone is told, not what stands in it", async () => {
    home.credentials("[default]\naws_secret_access_key canary");
    const error = await rejectedBy(loadSharedConfig());
    assert.ok(!JSON.stringify(error).includes("canary"));
  });

  test("no files: no profiles, and where they would be", async () => {
    const { profiles, services, configFile, credentialsFile } = await loadSharedConfig();
    assert.deepEqual([profiles.size, services.size], [0, 0]);
    assert.equal(configFile, join(home.path, ".aws/config"));
    assert.equal(credentialsFile, join(home.path, ".aws/credentials"));
  });

  test("~/.aws that is a file is as good as none", async () => {
    home.write(".aws", "");
    assert.equal((await loadSharedConfig()).profiles.size, 0);
  });

  test("both files are merged, the credentials file wins", async () => {
    home.config(
      "[default]\nregion = d\n[profile a]\nregion = us-east-2\naws_access_key_id = config\n" +
        "[profile constructor]\nregion = x\n[b]\nregion = not a profile here\n[sso-session s]\nsso_region = x\n",
    );
    home.credentials("[a]\naws_access_key_id = credentials\n[c]\naws_access_key_id = c\n");
    const { profiles } = await loadSharedConfig();
    assert.deepEqual([...profiles.keys()].sort(), ["a", "c", "constructor", "default"]);
    assert.deepEqual({ ...profiles.get("a") }, { region: "us-east-2", aws_access_key_id: "credentials" });
    assert.deepEqual({ ...profiles.get("c") }, { aws_access_key_id: "c" });
    assert.deepEqual({ ...profiles.get("constructor") }, { region: "x" });
  });

  test("values as people write them", async () => {
    home.config(
      "\ufeff[default]\r\nregion = us-east-2 # Ohio\r\nempty =\r\nkey = a=b==\r\nhash = a#b\r\n" +
        "s3 =\r\n  endpoint_url = http://s3\r\nafter = x\r\n",
    );
    const { profiles } = await loadSharedConfig();
    assert.deepEqual(
      { ...profiles.get("default") },
      {
        region: "us-east-2",
        key: "a=b==",
        hash: "a#b",
        "s3.endpoint_url": "http://s3",
        after: "x",
      },
    );
  });

  test("services sections are no profiles", async () => {
    home.config(
      "[services local]\nkms =\n  endpoint_url = http://127.0.0.1:1\n[profile a]\nservices = local\n",
    );
    const { profiles, services } = await loadSharedConfig();
    assert.deepEqual([...profiles.keys()], ["a"]);
    assert.deepEqual({ ...services.get("local") }, { "kms.endpoint_url": "http://127.0.0.1:1" });
  });

  for (const name of ["config", "credentials"] as const) {
    test(`a ${name} file that cannot be read`, async () => {
      const file = join(home.path, ".aws", name);
      mkdirSync(file, { recursive: true });
      const { failure } = await rejectedBy(loadSharedConfig());
      assert.deepEqual(failure, { code: "config-file-unreadable", file, reason: "EISDIR" });
    });
  }

  for (const [variable, member] of [
    ["AWS_CONFIG_FILE", "configFile"],
    ["AWS_SHARED_CREDENTIALS_FILE", "credentialsFile"],
  ] as const) {
    test(`${variable} names the file, also with ~`, async () => {
      const file = home.write(
        "elsewhere/file",
        "[default]\nregion = x\n[profile a]\nregion = x\n[b]\nregion = x",
      );
      for (const given of [file, "~/elsewhere/file"]) {
        process.env[variable] = given;
        assert.equal(sharedConfigFiles()[member], file);
        const { profiles } = await loadSharedConfig();
        assert.ok(profiles.has("default"));
        assert.equal(profiles.has("b"), member === "credentialsFile");
      }
      process.env[variable] = "";
      assert.equal(
        sharedConfigFiles()[member],
        join(home.path, ".aws", variable.includes("CONFIG") ? "config" : "credentials"),
      );
    });
  }

  test("files are read anew each time", async () => {
    home.config("[profile a]\nregion = one\n");
    assert.equal((await loadSharedConfig()).profiles.get("a")?.region, "one");
    home.config("[profile a]\nregion = two\n");
    assert.equal((await loadSharedConfig()).profiles.get("a")?.region, "two");
    home.config("[profile b]\nregion = two\n");
    assert.equal((await loadSharedConfig()).profiles.has("a"), false);
  });

  test("a file that is corrected is read again", async () => {
    home.config("[profile a\n");
    assertCode(await rejectedBy(loadSharedConfig()), "config-file-malformed");
    home.config("[profile a]\nregion = x\n");
    assert.ok((await loadSharedConfig()).profiles.has("a"));
  });
});
