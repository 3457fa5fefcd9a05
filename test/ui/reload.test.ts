/** A window that is loaded anew while KMS answers: the text is as it was, and the request has ended. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { useKmsWindow } from "./kmsWindow";

const TEXT = "password: hunter2";

suite("A window that is reloaded in the middle of an operation", () => {
  const { window, server, folder } = useKmsWindow(() => Promise.resolve({ "config.yaml": TEXT }));

  test("leaves the text as it was, and hangs up", async () => {
    const { editor } = window();
    await editor.waitForText(TEXT);
    await editor.select("hunter2");
    server().fail(() => ({ wait: new Promise(() => undefined) }));
    const asked = server().requests.length;
    await window().runCommand("KMS: Encrypt Selection");
    const request = await server().received(asked + 1);
    await window().reload();
    await request.ended;
    assert.ok(request.aborted);
    await editor.waitForText(TEXT);
    assert.equal(readFileSync(join(folder, "config.yaml"), "utf8"), TEXT);

    server().fail(undefined);
    await editor.select("hunter2");
    await window().runCommand("KMS: Encrypt Selection");
    await editor.waitForText(/^password: [A-Za-z0-9+/]{60,}={0,2}$/);
  });
});
