/** An HTTPS server on loopback whose certificate nobody else vouches for. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { request, type RequestListener } from "node:http";
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

/** Answers as a server does that speaks plain HTTP. */
export function forwardTo(url: string): RequestListener {
  return (incoming, outgoing) => {
    const { method, headers } = incoming;
    const forward = request(url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(forward);
  };
}

/**
 * The certificate is made by openssl, in `folder`, and is good for an address and `names`; a negative number of days is
 * one that is over. `answer`: what it does with a request; otherwise nothing is in its answers.
 */
export async function startSecureServer(
  folder: string,
  names: readonly string[] = [],
  answer: RequestListener = (_, response) => response.end(),
  { address = "127.0.0.1", days = 1 } = {},
): Promise<SecureServer> {
  const [key, csr, extensions, certificate] = ["key.pem", "request.pem", "extensions", "certificate.pem"].map(
    (name) => join(folder, name),
  ) as [string, string, string, string];
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "ignore" });
  openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", csr, "-subj", `/CN=${address}`);
  const subjects = [`IP:${address}`, ...names.map((name) => `DNS:${name}`)];
  // It vouches for itself, so that whoever is told to trust it does.
  writeFileSync(extensions, `subjectAltName=${subjects.join(",")}\nbasicConstraints=critical,CA:TRUE\n`);
  const signing = ["-req", "-in", csr, "-signkey", key, "-days", String(days), "-extfile", extensions];
  openssl("x509", ...signing, "-out", certificate);
  let requests = 0;
  const server = createServer(
    { key: readFileSync(key), cert: readFileSync(certificate) },
    (incoming, response) => {
      requests++;
      answer(incoming, response);
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
