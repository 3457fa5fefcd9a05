/** Hovers and CodeLenses, as a person meets them. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after } from "mocha";
import { temporaryFolder } from "../host/paths";
import { until } from "./until";
import { useWorkbench } from "./window";

const TEXT = "user: alice\npassword: not-a-real-one\nname: Zoë\n";

suite("Hints in a window", () => {
  const work = temporaryFolder();
  const window = useWorkbench(() => {
    const file = join(work.path, "config.yaml");
    writeFileSync(file, TEXT);
    const settings = {
      "kmsSelection.sandbox": true,
      "kmsSelection.envelope": "always",
      "kmsSelection.outputFormat": "ENC[KMS]",
      "editor.wordWrap": "off",
    };
    return { folder: work.path, file, settings };
  });
  after(() => {
    work.remove();
  });

  const clickInHover = async (title: string): Promise<void> => {
    const { page } = window();
    await page
      .locator(".view-line", { hasText: "ENC[KMS" })
      .first()
      .hover({ position: { x: 200, y: 8 } });
    const hover = page.locator(".monaco-hover", { hasText: "Identity: yours (alice)" });
    await hover.waitFor();
    await hover.getByText(title, { exact: true }).first().click();
  };

  test("a lens above the token says whose it is, and its link decrypts the token", async () => {
    const { editor, page } = window();
    await editor.select("not-a-real-one");
    await window().runCommand("KMS: Encrypt Selection");
    await editor.waitForText(/ENC\[KMS,/);
    const lens = page.locator(".codelens-decoration");
    await lens.filter({ hasText: "Your secret" }).waitFor();
    // A click that meets a lens which is just drawn anew is lost, and made again.
    await until(
      async () => {
        const link = lens.getByText("Decrypt", { exact: true });
        if (await link.isVisible()) await link.click({ timeout: 1000 }).catch(() => undefined);
        return editor.text();
      },
      (text) => text === TEXT,
      "the token to be decrypted",
    );
    await lens.first().waitFor({ state: "hidden" });
  });

  test("pointing at the token shows what it is, and the hover's link decrypts it", async () => {
    const { editor } = window();
    await editor.select("not-a-real-one");
    await window().runCommand("KMS: Encrypt Selection");
    await editor.waitForText(/ENC\[KMS,/);
    await clickInHover("Decrypt");
    await editor.waitForText(TEXT);
  });

  test("the hover's link to re-encrypt the token shows the form, and Escape changes nothing", async () => {
    const { editor, quickInput } = window();
    await editor.select("not-a-real-one");
    await window().runCommand("KMS: Encrypt Selection");
    const text = await editor.waitForText(/ENC\[KMS,/);
    await clickInHover("Re-encrypt");
    await quickInput.waitForTitle(/^Re-encrypt Selection$/);
    await quickInput.escape();
    assert.equal(await editor.text(), text);
  });
});
