/** Which VS Code is started where. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Choice, choose, type Machine } from "../../host/choose";
import { application } from "../../host/desktop";
import { root, temporaryFolder } from "../../host/paths";

const linux: Machine = { platform: "linux", arch: "x64", env: {} };
const download: Choice = { kind: "download", fallback: "npm" };
const downloadOnly: Choice = { kind: "download", fallback: "none" };
const npm: Choice = { kind: "npm" };

suite("The choice of a VS Code", () => {
  const cases: [title: string, machine: Partial<Machine>, choice: Choice][] = [
    ["Linux without a display", {}, npm],
    ["Linux with X11", { env: { DISPLAY: ":0" } }, download],
    ["Linux with Wayland", { env: { WAYLAND_DISPLAY: "wayland-0" } }, download],
    ["Linux with an empty DISPLAY", { env: { DISPLAY: "" } }, npm],
    [
      "Linux with an empty DISPLAY and Wayland",
      { env: { DISPLAY: "", WAYLAND_DISPLAY: "wayland-0" } },
      download,
    ],
    ["Linux with a display in CI", { env: { DISPLAY: ":0", CI: "true" } }, npm],
    ["Linux on ARM with a display", { arch: "arm64", env: { DISPLAY: ":0" } }, downloadOnly],
    ["Linux on ARM with a display in CI", { arch: "arm64", env: { DISPLAY: ":0", CI: "1" } }, downloadOnly],
    ["macOS", { platform: "darwin", arch: "arm64" }, downloadOnly],
    ["macOS in CI", { platform: "darwin", env: { CI: "true" } }, downloadOnly],
    ["Windows", { platform: "win32" }, downloadOnly],
    [
      "a named one",
      { env: { KMS_SELECTION_VSCODE: "/opt/code", CI: "1" } },
      { kind: "executable", path: "/opt/code" },
    ],
    ["npm by name", { env: { KMS_SELECTION_VSCODE: "npm", DISPLAY: ":0" } }, npm],
  ];
  for (const [title, machine, choice] of cases)
    test(title, () => {
      assert.deepEqual(choose({ ...linux, ...machine }, "newest"), choice);
    });

  test("a named one is not taken for the oldest", () => {
    assert.deepEqual(choose({ ...linux, env: { KMS_SELECTION_VSCODE: "/opt/code" } }, "oldest"), npm);
  });

  test("Linux on ARM without a display has none, and the message says what helps", () => {
    assert.throws(() => choose({ ...linux, arch: "arm64" }, "newest"), /KMS_SELECTION_VSCODE/);
  });

  test("the script bin/code stands for the application beside its folder", () => {
    const folder = temporaryFolder();
    try {
      mkdirSync(join(folder.path, "bin"));
      for (const name of ["bin/code", "code"]) writeFileSync(join(folder.path, name), "");
      assert.equal(application(join(folder.path, "bin/code")), join(folder.path, "code"));
      assert.equal(application(join(folder.path, "code")), join(folder.path, "code"));
      assert.equal(application("/not/there/bin/code"), "/not/there/bin/code");
    } finally {
      folder.remove();
    }
  });

  test("the repository is found from a bundle", () => {
    assert.ok(__dirname.startsWith(root));
    assert.ok(__dirname.length > root.length);
  });
});
