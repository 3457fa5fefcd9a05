/** VS Code's own `http.proxy` carries the requests. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before } from "mocha";
import { temporaryFolder } from "../host/paths";
import { writeAwsHome } from "../support/awsHome";
import { startKmsServer, TEST_REGION, type KmsServer } from "../support/kmsServer";
import { useWorkbench } from "./window";

suite("Behind a proxy", () => {
  const work = temporaryFolder();
  const folder = join(work.path, "workspace");
  const home = join(work.path, "home");
  const file = join(folder, "secrets.env");
  const proxied: string[] = [];
  let refuses = false;
  let server: KmsServer;
  let proxy: Server;
  before(async () => {
    server = await startKmsServer();
    // Only the proxy knows where this host is: https://www.rfc-editor.org/rfc/rfc6761#section-6.4
    proxy = createServer((incoming, outgoing) => {
      proxied.push(incoming.url ?? "");
      if (refuses) {
        outgoing.writeHead(407, { "proxy-authenticate": "Basic" }).end("<html>Who are you?</html>");
        return;
      }
      const { method, headers } = incoming;
      const forward = request(server.url, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      incoming.pipe(forward);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    writeAwsHome(home, {
      config: "[profile dev]\nendpoint_url = http://kms.behind-the-proxy.invalid\n",
      credentials: "[dev]\naws_access_key_id = AKIADEV\naws_secret_access_key = dev\n",
    });
    mkdirSync(folder);
    writeFileSync(file, "PASSWORD=secret\n");
  });
  after(async () => {
    proxy.closeAllConnections();
    proxy.close();
    await server.close();
    work.remove();
  });
  const window = useWorkbench(() => ({
    folder,
    file,
    home,
    settings: {
      "kmsSelection.keyAlias": "alias/app",
      "kmsSelection.region": TEST_REGION,
      "kmsSelection.profile": "dev",
      "http.proxy": `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    },
  }));

  test("requests take the way that http.proxy names", async () => {
    await window().editor.select("secret");
    await window().runCommand("KMS: Encrypt Selection");
    await window().editor.waitForText(/^PASSWORD=[A-Za-z0-9+/=]{60,}\n$/);
    assert.ok(proxied.some((url) => url.includes("kms.behind-the-proxy.invalid")));
  });

  test("a proxy that refuses: it is told in words, and the text stays as it was", async () => {
    refuses = true;
    await window().runCommand("KMS: Decrypt Selection");
    await window().toast("the proxy asks for authentication");
    await window().editor.waitForText(/^PASSWORD=[A-Za-z0-9+/=]{60,}\n$/);
  });
});
