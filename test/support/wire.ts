/** A wire to a server that spoils the bytes of its answers: what arrives is up to the test, byte for byte. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** Gets a whole HTTP answer, and does to the client what it wants. */
export type Spoil = (answer: Buffer, client: Socket) => void;

export interface Wire {
  readonly url: string;
  /** How many requests came. */
  readonly requests: number;
  /** How many connections of clients are open. */
  readonly open: number;
  spoil(spoil: Spoil | undefined): void;
  close(): Promise<void>;
}

export const passOn: Spoil = (answer, client) => client.write(answer);
/** Only the first bytes, and then the end of the connection. */
export const cutAt =
  (length: number): Spoil =>
  (answer, client) =>
    client.end(answer.subarray(0, length));
/** Only the first bytes, and then a reset (RST). */
export const resetAt =
  (length: number): Spoil =>
  (answer, client) => {
    if (length === 0) client.resetAndDestroy();
    else client.write(answer.subarray(0, length), () => client.resetAndDestroy());
  };
/** Other bytes in place of the answer, and then the end of the connection. */
export const inPlace =
  (bytes: (answer: Buffer) => string | Buffer): Spoil =>
  (answer, client) =>
    client.end(bytes(answer));

/** The head of an answer in chunks, and these. */
export const chunked = (chunks: string): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\ntransfer-encoding: chunked\r\n\r\n${chunks}`;

export async function startWire(target: string): Promise<Wire> {
  const { port: targetPort } = new URL(target);
  const clients = new Set<Socket>();
  let spoil: Spoil = passOn;
  let requests = 0;

  const server = createServer((client) => {
    clients.add(client);
    client.once("close", () => clients.delete(client));
    // What a client that hangs up leaves behind is no one's fault.
    client.on("error", () => undefined);
    let received = Buffer.alloc(0);
    client.on("data", (bytes) => {
      received = Buffer.concat([received, bytes]);
      const length = lengthOf(received);
      if (length === undefined) return;
      const request = received.subarray(0, length);
      received = received.subarray(length);
      requests++;
      const now = spoil;
      void ask(Number(targetPort), request).then((answer) => {
        if (!client.destroyed) now(answer, client);
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // An address of another kind is for pipes.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    get requests() {
      return requests;
    },
    get open() {
      return clients.size;
    },
    spoil(next) {
      spoil = next ?? passOn;
    },
    async close() {
      for (const client of clients) client.destroy();
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}

/** One request over a connection of its own. */
async function ask(port: number, request: Buffer): Promise<Buffer> {
  const server = connect(port, "127.0.0.1");
  server.write(request);
  let received = Buffer.alloc(0);
  for await (const bytes of server) {
    received = Buffer.concat([received, bytes as Buffer]);
    const length = lengthOf(received);
    if (length !== undefined) break;
  }
  server.destroy();
  return received;
}

/** Of the whole HTTP message at the beginning, once it is there. */
function lengthOf(bytes: Buffer): number | undefined {
  const head = bytes.indexOf("\r\n\r\n");
  if (head < 0) return undefined;
  const body = Number(/^content-length: *(\d+)/im.exec(bytes.toString("latin1", 0, head))?.[1] ?? 0);
  const length = head + 4 + body;
  return bytes.length >= length ? length : undefined;
}
