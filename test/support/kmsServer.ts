/** The sandbox behind HTTP on loopback, for tests that need a wire; it can be told to fail, to wait and to refuse. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { LocalKey } from "../../src/sandbox/keyStore";
import { KmsException } from "../../src/sandbox/kmsException";
import { LocalKms } from "../../src/sandbox/localKms";
import {
  answer,
  operationOf,
  respondWithError,
  type SandboxResponse,
} from "../../src/sandbox/requestHandler";

export interface KmsRequest {
  /** "" when it is none of KMS. */
  readonly operation: string;
  /** The JSON of the body; undefined if it was none. */
  readonly input: Readonly<Record<string, unknown>> | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Of the Authorization header; signatures are not verified. */
  readonly accessKeyId: string | undefined;
  /** For which it is signed. */
  readonly region: string | undefined;
  /** True once the client hung up before the whole answer was sent. */
  aborted: boolean;
  /** Settles when the answer was sent or the connection ended, whichever was first. */
  readonly ended: Promise<void>;
}

/** Applied in this order: wait, then destroy or answer; what is not given happens as without a fault. */
export interface Fault {
  /** Milliseconds, or until it settles. Ends early when the client hangs up or the server is closed. */
  readonly wait?: number | Promise<unknown>;
  /** Cut the connection instead of answering, or after the first half of the answer's body. */
  readonly destroy?: "before" | "during";
  readonly answer?: {
    readonly status: number;
    readonly body: string;
    readonly contentType?: string;
    readonly headers?: Readonly<Record<string, string>>;
  };
}

/** `n` counts from 1, anew after each call of `fail`; look-ups are counted by themselves. */
export type Faults = (request: KmsRequest, n: number) => Fault | undefined;

export type Access = (
  accessKeyId: string | undefined,
  operation: string,
  input: Readonly<Record<string, unknown>>,
) => KmsException | undefined;

/** The ARN of who has an access key; `undefined`: STS refuses to tell. */
export type Callers = (accessKeyId: string | undefined) => string | undefined;

export interface KmsServerOptions {
  readonly keys?: readonly LocalKey[];
  readonly region?: string;
  /** Keys of other Regions, for which this endpoint answers as well: a custom endpoint is that of every Region. */
  readonly elsewhere?: Readonly<Record<string, readonly LocalKey[]>>;
  readonly accountId?: string;
  readonly faults?: Faults;
  readonly access?: Access;
  readonly callers?: Callers;
}

export interface KmsServer {
  /** `http://127.0.0.1:port`, for an endpoint setting. */
  readonly url: string;
  readonly region: string;
  /** Those about texts, in the order in which they came. */
  readonly requests: readonly KmsRequest[];
  /** Those about keys and callers. The extension makes them when it likes, beside the ones above. */
  readonly lookups: readonly KmsRequest[];
  /** The nth request since the start, from 1, as soon as it is there; it may not be answered yet. */
  received(n: number): Promise<KmsRequest>;
  fail(faults: Faults | undefined): void;
  restrict(access: Access | undefined): void;
  /** It answers for STS as well. */
  identify(callers: Callers | undefined): void;
  /** Other keys or aliases from now on; keys with the same id still open what they sealed. */
  setKeys(keys: readonly LocalKey[]): void;
  /** The ARN of a key id or alias of this server. */
  arn(keyIdOrAlias: string): string;
  close(): Promise<void>;
}

export const TEST_REGION = "us-east-2";
export const TEST_ACCOUNT = "000000000000";
export const APP_KEY_ID = "11111111-1111-4111-8111-111111111111";
export const OTHER_KEY_ID = "22222222-2222-4222-8222-222222222222";

/** What a server has unless it is given other keys. */
export const TEST_KEYS: readonly LocalKey[] = [
  { keyId: APP_KEY_ID, aliases: ["alias/app", "alias/kms-poc"], rotationEnabled: true },
  { keyId: OTHER_KEY_ID, aliases: ["alias/other"] },
  { keyId: "33333333-3333-4333-8333-333333333333", aliases: ["alias/disabled"], state: "Disabled" },
  {
    keyId: "44444444-4444-4444-8444-444444444444",
    aliases: ["alias/pending-deletion"],
    state: "PendingDeletion",
    deletionDate: new Date("2035-01-01T00:00:00Z"),
  },
  {
    keyId: "55555555-5555-4555-8555-555555555555",
    aliases: ["alias/mac"],
    keySpec: "HMAC_256",
    keyUsage: "GENERATE_VERIFY_MAC",
  },
];

const CALLER = "GetCallerIdentity";
const LOOKUPS: ReadonlySet<string> = new Set(["DescribeKey", "GetKeyRotationStatus", "ListAliases", CALLER]);

/** Errors with the words of AWS. */
export const awsErrors = {
  internalFailure: () => new KmsException("InternalFailure", "", 500),
  throttling: () =>
    new KmsException(
      "ThrottlingException",
      "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
    ),
  accessDenied: (user: string, operation: string, arn: string) =>
    new KmsException(
      "AccessDeniedException",
      `User: arn:aws:iam::${TEST_ACCOUNT}:user/${user} is not authorized to perform: kms:${operation} on resource: ${arn} because no identity-based policy allows the kms:${operation} action`,
    ),
  unknownCiphertextKey: () =>
    new KmsException(
      "AccessDeniedException",
      "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.",
    ),
  expiredToken: () =>
    new KmsException("ExpiredTokenException", "The security token included in the request is expired"),
  unrecognizedClient: () =>
    new KmsException("UnrecognizedClientException", "The security token included in the request is invalid."),
  invalidSignature: () =>
    new KmsException(
      "InvalidSignatureException",
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    ),
};

/** A fault that answers with an error. */
export function failWith(error: KmsException): Fault {
  const { statusCode, body, headers } = respondWithError(error);
  return { answer: { status: statusCode, body: Buffer.from(body).toString("utf8"), headers } };
}

export async function startKmsServer({
  keys = TEST_KEYS,
  region = TEST_REGION,
  elsewhere = {},
  accountId = TEST_ACCOUNT,
  faults,
  access,
  callers,
}: KmsServerOptions = {}): Promise<KmsServer> {
  // No secret: a fixed master key lets two servers open each other's blobs, as Regions do with a multi-Region key.
  const makeKms = (of: readonly LocalKey[], where = region) =>
    new LocalKms({ region: where, accountId, masterKey: new Uint8Array(32).fill(7), keys: of });
  let kms = makeKms(keys);
  const kmsElsewhere = new Map(
    Object.entries(elsewhere).map(([where, of]) => [where, makeKms(of, where)] as const),
  );
  const asked = { requests: 0, lookups: 0 };
  const requests: KmsRequest[] = [];
  const lookups: KmsRequest[] = [];
  const waiting: (() => void)[] = [];

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(message);
    const request = toRequest(message, response, body);
    const isLookup = LOOKUPS.has(request.operation);
    (isLookup ? lookups : requests).push(request);
    const fault = faults?.(request, ++asked[isLookup ? "lookups" : "requests"]);
    for (const wake of waiting.splice(0)) wake();
    if (fault?.wait !== undefined) await Promise.race([settled(fault.wait), request.ended]);
    if (fault?.destroy === "before") message.socket.destroy();
    if (response.destroyed || message.socket.destroyed) return;
    const { statusCode, headers, body: bytes } = toAnswer(fault, request, body);
    response.writeHead(statusCode, { ...headers, "content-length": bytes.length });
    if (fault?.destroy === "during") {
      response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => message.socket.destroy());
    } else {
      response.end(bytes);
    }
  }

  function toAnswer(fault: Fault | undefined, request: KmsRequest, body: string): SandboxResponse {
    if (fault?.answer) {
      const { status, body: answered, contentType, headers } = fault.answer;
      const type = contentType ?? headers?.["content-type"] ?? "application/x-amz-json-1.1";
      return {
        statusCode: status,
        headers: { ...headers, "content-type": type },
        body: Buffer.from(answered, "utf8"),
      };
    }
    if (request.operation === CALLER) return callerAnswer(callers?.(request.accessKeyId));
    const refusal = access?.(request.accessKeyId, request.operation, request.input ?? {});
    return refusal
      ? respondWithError(refusal)
      : answer(kmsElsewhere.get(request.region ?? "") ?? kms, request.operation, body);
  }

  const server = createServer((message, response) => {
    serve(message, response).catch((error: unknown) => {
      // A request whose client hung up while sending it is no one's fault; anything else is the test's or ours.
      if (message.destroyed && !message.complete) return;
      console.error("The KMS server of the tests failed:", error);
      message.socket.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // An address of another kind is for pipes.
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    region,
    requests,
    lookups,
    async received(n) {
      for (;;) {
        const request = requests[n - 1];
        if (request) return request;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    fail(next) {
      faults = next;
      asked.requests = asked.lookups = 0;
    },
    restrict(next) {
      access = next;
    },
    identify(next) {
      callers = next;
    },
    setKeys(next) {
      kms = makeKms(next);
    },
    arn: (id) => `arn:aws:kms:${region}:${accountId}:${id.startsWith("alias/") ? id : `key/${id}`}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function toRequest(message: IncomingMessage, response: ServerResponse, body: string): KmsRequest {
  const { headers } = message;
  const request = {
    operation: operationOf(headers) || stsOperationOf(body),
    input: parseObject(body),
    headers,
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
    accessKeyId: /Credential=([^/,\s]+)\//.exec(headers.authorization ?? "")?.[1],
    region: /Credential=[^/,\s]+\/\d+\/([^/,\s]+)\//.exec(headers.authorization ?? "")?.[1],
    aborted: false,
    ended: new Promise<void>((resolve) => {
      response.once("close", () => {
        request.aborted = !response.writableFinished;
        resolve();
      });
    }),
  };
  return request;
}

/** Of the AWS query protocol: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
function stsOperationOf(body: string): string {
  return new URLSearchParams(body).get("Action") ?? "";
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
function callerAnswer(arn: string | undefined): SandboxResponse {
  const xml =
    arn === undefined
      ? "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
      : `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>${arn}</Arn><UserId>AIDATEST</UserId><Account>${arn.split(":")[4] ?? ""}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;
  return {
    statusCode: arn === undefined ? 403 : 200,
    headers: { "content-type": "text/xml" },
    body: Buffer.from(xml, "utf8"),
  };
}

function parseObject(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

async function settled(wait: number | Promise<unknown>): Promise<void> {
  if (typeof wait === "number") {
    // unref: a long wait that a closed connection cut short must not keep the process.
    await new Promise((resolve) => setTimeout(resolve, wait).unref());
  } else {
    await Promise.allSettled([wait]);
  }
}
