/** One KMS reached in both ways that there are: with no socket, and over HTTP. */
import { KMSClient } from "@aws-sdk/client-kms";
import type { LocalKey } from "../../../src/sandbox/keyStore";
import { LocalKms } from "../../../src/sandbox/localKms";
import { createRequestHandler } from "../../../src/sandbox/requestHandler";
import { startKmsServer, TEST_KEYS, TEST_REGION } from "../../support/kmsServer";

export interface Connected {
  readonly kms: KMSClient;
  disconnect(): Promise<void>;
}

export interface Transport {
  readonly name: string;
  connect(keys?: readonly LocalKey[]): Promise<Connected>;
}

const credentials = { accessKeyId: "AKIATEST", secretAccessKey: "secret" };

export const transports: readonly Transport[] = [
  {
    name: "no socket",
    connect(keys = TEST_KEYS) {
      const local = new LocalKms({ region: TEST_REGION, masterKey: new Uint8Array(32).fill(7), keys });
      const kms = new KMSClient({
        region: TEST_REGION,
        credentials,
        requestHandler: createRequestHandler(local),
      });
      return Promise.resolve({
        kms,
        disconnect() {
          kms.destroy();
          return Promise.resolve();
        },
      });
    },
  },
  {
    name: "HTTP",
    async connect(keys = TEST_KEYS) {
      const server = await startKmsServer({ keys });
      const kms = new KMSClient({
        region: TEST_REGION,
        endpoint: server.url,
        credentials,
      });
      return {
        kms,
        async disconnect() {
          kms.destroy();
          await server.close();
        },
      };
    },
  },
];
