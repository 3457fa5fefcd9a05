/** HTTPS through a proxy's tunnel (CONNECT), to a server whose certificate authority is a company's own. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before } from "mocha";
import { temporaryFolder } from "../host/paths";
import { writeAwsHome } from "../support/awsHome";
import { startKmsServer, TEST_REGION, type KmsServer } from "../support/kmsServer";
import { forwardTo, startSecureServer, type SecureServer } from "../unit/aws/secureServer";
import { useWorkbench } from "./window";

/** Only the proxy knows where it is: https://www.rfc-editor.org/rfc/rfc6761#section-6.4 */
const HOST = "kms.behind-the-proxy.invalid";
const SETTINGS = {
  "kmsSelection.keyAlias": "alias/app",
  "kmsSelection.region": TEST_REGION,
  "kmsSelection.profile": "dev",
};

suite("HTTPS behind a proxy", () => {
  const work = temporaryFolder();
  const folder = join(work.path, "workspace");
  const home = join(work.path, "home");
  const file = join(folder, "secrets.env");
  const tunnels: string[] = [];
  let kms: KmsServer;
  let secure: SecureServer;
  let proxy: Server;
  before(async () => {
    kms = await startKmsServer();
    secure = await startSecureServer(work.path, [HOST], forwardTo(kms.url));
    proxy = createServer().on("connect", ({ url }, socket, head) => {
      tunnels.push(url ?? "");
      const onwards = connect(Number(new URL(secure.url).port), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        onwards.write(head);
        onwards.pipe(socket).pipe(onwards);
      });
      onwards.on("error", () => socket.destroy());
      socket.on("error", () => onwards.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    writeAws("");
    mkdirSync(folder);
    writeFileSync(file, "PASSWORD=secret\n");
  });
  after(async () => {
    proxy.closeAllConnections();
    proxy.close();
    await secure.close();
    await kms.close();
    work.remove();
  });
  function writeAws(settings: string): void {
    writeAwsHome(home, {
      config: `[profile dev]\nendpoint_url = https://${HOST}\n${settings}`,
      credentials: "[dev]\naws_access_key_id = AKIADEV\naws_secret_access_key = dev\n",
    });
  }
  const proxyUrl = (): string => `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;

  suite("of http.proxy, with the authority in NODE_EXTRA_CA_CERTS", () => {
    const window = useWorkbench(() => ({
      folder,
      file,
      home,
      env: { NODE_EXTRA_CA_CERTS: secure.certificate },
      settings: { ...SETTINGS, "http.proxy": proxyUrl() },
    }));

    test("requests go through the tunnel", async () => {
      await window().editor.select("secret");
      await window().runCommand("KMS: Encrypt Selection");
      await window().editor.waitForText(/^PASSWORD=[A-Za-z0-9+/=]{60,}\n$/);
      assert.ok(tunnels.includes(`${HOST}:443`), tunnels.join(", "));
      assert.equal(kms.requests.at(-1)?.operation, "Encrypt");
    });
  });

  suite("of the environment, with an authority that nobody trusts", () => {
    const window = useWorkbench(() => ({
      folder,
      file,
      home,
      env: { HTTPS_PROXY: proxyUrl() },
      settings: SETTINGS,
    }));

    test("the certificate is refused in words, and nothing is sent", async () => {
      const before = [tunnels.length, kms.requests.length] as const;
      await window().editor.select("secret");
      await window().runCommand("KMS: Encrypt Selection");
      const toast = await window().toast(/is not trusted/);
      assert.match(await toast.text(), /certificate authority/);
      assert.ok(tunnels.length > before[0]);
      assert.equal(kms.requests.length, before[1]);
      assert.equal(await window().editor.text(), "PASSWORD=secret\n");
    });

    test("from when the profile has a ca_bundle it is trusted, through the tunnel as well", async () => {
      writeAws(`ca_bundle = ${secure.certificate}\n`);
      await window().clearToasts();
      await window().runCommand("KMS: Encrypt Selection");
      await window().editor.waitForText(/^PASSWORD=[A-Za-z0-9+/=]{60,}\n$/);
      assert.equal(kms.requests.at(-1)?.operation, "Encrypt");
    });
  });
});
