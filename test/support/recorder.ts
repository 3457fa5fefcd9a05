/** Stands between clients and a server, and keeps what each said. */
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer, text } from "node:stream/consumers";

export interface Exchange {
  /** Of the signature: "kms". */
  readonly service: string;
  /** By which the request was signed. */
  readonly accessKeyId: string;
  /** "Encrypt", "DescribeStacks". */
  readonly operation: string;
  readonly answer: string;
}

export interface Recorder {
  readonly url: string;
  readonly exchanges: readonly Exchange[];
  close(): Promise<void>;
}

export async function startRecorder(target: string): Promise<Recorder> {
  const exchanges: Exchange[] = [];
  const server = createServer((message, response) => {
    const { method, headers, url } = message;
    void buffer(message).then((body) => {
      const forward = request(new URL(url ?? "/", target), { method, headers }, (answer) => {
        void text(answer).then((said) => {
          const [accessKeyId = "", , , service = ""] =
            /Credential=([^,]+)/.exec(headers.authorization ?? "")?.[1]?.split("/") ?? [];
          const operation =
            String(headers["x-amz-target"] ?? "").split(".")[1] ??
            new URLSearchParams(body.toString()).get("Action") ??
            "";
          exchanges.push({ service, accessKeyId, operation, answer: said });
          response.writeHead(answer.statusCode ?? 502, answer.headers).end(said);
        });
      });
      forward.once("error", () => message.socket.destroy());
      forward.end(body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // one of another kind is for pipes
  return {
    url: `http://127.0.0.1:${port}`,
    exchanges,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
