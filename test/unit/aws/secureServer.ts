/** An HTTPS server on loopback whose certificate nobody vouches for. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

export interface SecureServer {
  readonly url: string;
  /** The file with its certificate, for whoever is to trust it. */
  readonly certificate: string;
  /** How many requests came through. */
  readonly requests: number;
  close(): Promise<void>;
}

/**
 * The certificate is made by openssl, in `folder`, and is good for `names` as well. `answer`: what it does with a request;
 * otherwise nothing is in its answers.
 */
export async function startSecureServer(
  folder: string,
  names: readonly string[] = [],
  answer: RequestListener = (_, response) => response.end(),
): Promise<SecureServer> {
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const subject = [
    "-subj",
    "/CN=127.0.0.1",
    "-addext",
    `subjectAltName=${["IP:127.0.0.1", ...names.map((name) => `DNS:${name}`)].join(",")}`,
  ];
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "1",
      "-keyout",
      key,
      "-out",
      certificate,
      ...subject,
    ],
    { stdio: "ignore" },
  );
  let requests = 0;
  const server = createServer(
    { key: readFileSync(key), cert: readFileSync(certificate) },
    (request, response) => {
      requests++;
      answer(request, response);
    },
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // An address of another kind is for pipes.
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    certificate,
    get requests() {
      return requests;
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
