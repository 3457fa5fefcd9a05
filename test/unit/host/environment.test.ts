/** What a started VS Code gets from this person's machine, and what it does not. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ownEnvironment, testEnvironment } from "../../host/environment";
import { readJson, temporaryFolder } from "../../host/paths";
import { copySamples } from "../../host/samples";
import { writeSettings } from "../../host/settings";

const inherited = {
  PATH: "/bin",
  HOME: "/home/person",
  AWS_PROFILE: "person",
  AWS_SECRET_ACCESS_KEY: "secret",
  https_proxy: "http://proxy",
  VSCODE_IPC_HOOK_CLI: "/socket",
  ELECTRON_RUN_AS_NODE: "1",
};

suite("The environment of a VS Code", () => {
  test("a test gets no AWS variable, no proxy and no home of this person", () => {
    assert.deepEqual(testEnvironment(inherited, "/tmp/home"), {
      PATH: "/bin",
      HOME: "/tmp/home",
      USERPROFILE: "/tmp/home",
      AWS_EC2_METADATA_DISABLED: "true",
    });
  });

  test("a test adds variables, and takes some out", () => {
    const env = testEnvironment(inherited, "/tmp/home", {
      AWS_PROFILE: "alice",
      AWS_EC2_METADATA_DISABLED: undefined,
    });
    assert.equal(env.AWS_PROFILE, "alice");
    assert.ok(!("AWS_EC2_METADATA_DISABLED" in env));
  });

  test("a person who tries it out keeps all but what steers another VS Code", () => {
    const { PATH, HOME, AWS_PROFILE, AWS_SECRET_ACCESS_KEY, https_proxy } = inherited;
    const kept = { PATH, HOME, AWS_PROFILE, AWS_SECRET_ACCESS_KEY, https_proxy };
    assert.deepEqual(ownEnvironment(inherited), kept);
  });
});

suite("The settings of a VS Code", () => {
  const folder = temporaryFolder();
  suiteTeardown(() => {
    folder.remove();
  });
  const settings = { "kmsSelection.sandbox": true, "kmsSelection.keyAlias": "alias/app" };
  const written = (kind: "npm" | "desktop", scope: "User" | "Machine"): Record<string, unknown> => {
    writeSettings(join(folder.path, kind), settings, kind);
    return readJson(join(folder.path, kind, scope, "settings.json")) as Record<string, unknown>;
  };

  test("on a server, those of machine scope are the machine's", () => {
    assert.deepEqual(written("npm", "Machine"), { "kmsSelection.sandbox": true });
    assert.equal(written("npm", "User")["kmsSelection.keyAlias"], "alias/app");
  });

  test("on the desktop, all are the user's", () => {
    assert.deepEqual(written("desktop", "Machine"), {});
    assert.equal(written("desktop", "User")["kmsSelection.sandbox"], true);
  });
});

suite("The sample files", () => {
  test("the one for Windows has CRLF lines only, the others none", () => {
    const folder = temporaryFolder();
    try {
      copySamples(folder.path);
      const read = (name: string): string => readFileSync(join(folder.path, name), "utf8");
      assert.ok(read("windows.ini").includes("\r\n") && !/[^\r]\n/.test(read("windows.ini")));
      for (const name of [".env", "config.yaml", "appsettings.json", "notes.md"])
        assert.ok(!read(name).includes("\r"));
    } finally {
      folder.remove();
    }
  });
});
