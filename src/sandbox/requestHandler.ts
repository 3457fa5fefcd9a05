/** Lets a real `KMSClient` talk to a LocalKms with no socket: `new KMSClient({ region, credentials, requestHandler })`. */
import { randomUUID } from "node:crypto";
import { KmsException } from "./kmsException";
import type { LocalKms } from "./localKms";

export interface SandboxRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface SandboxResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

/** The part of Smithy's HttpHandler that a client uses; written down here so that nothing of the SDK is imported. */
export interface SandboxRequestHandler {
  readonly metadata: { readonly handlerProtocol: string };
  handle(
    request: SandboxRequest,
    options?: { readonly abortSignal?: unknown },
  ): Promise<{ response: SandboxResponse }>;
  destroy(): void;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): Record<string, never>;
}

export function createRequestHandler(kms: Pick<LocalKms, "call">): SandboxRequestHandler {
  return {
    metadata: { handlerProtocol: "http/1.1" },
    // Asynchronous, so that what throws is a rejection, as it is with a handler that has a socket.
    async handle(request, { abortSignal } = {}) {
      await Promise.resolve();
      if (isAborted(abortSignal)) throw abortError();
      return { response: answer(kms, operationOf(request.headers), textOf(request.body)) };
    },
    destroy() {
      // There is no connection to close.
    },
    updateHttpClientConfig() {
      // There is nothing to configure.
    },
    httpHandlerConfigs: () => ({}),
  };
}

/** One request of the AWS JSON 1.1 protocol: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
export function answer(kms: Pick<LocalKms, "call">, operation: string, body: string): SandboxResponse {
  try {
    return respond(200, kms.call(operation, parseJson(body)));
  } catch (error) {
    if (error instanceof KmsException) return respondWithError(error);
    throw error;
  }
}

export function respondWithError({ name, message, statusCode }: KmsException): SandboxResponse {
  const response = respond(statusCode, { __type: name, ...(message !== "" && { message }) });
  return { ...response, headers: { ...response.headers, "x-amzn-errortype": name } };
}

/** `TrentService` is the name that KMS goes by in its protocol. Empty if the header is missing or another service's. */
export function operationOf(headers: Readonly<Record<string, unknown>>): string {
  const target = headers["x-amz-target"];
  return typeof target === "string" ? (/^TrentService\.(\w+)$/.exec(target)?.[1] ?? "") : "";
}

function respond(statusCode: number, output: Record<string, unknown>): SandboxResponse {
  const body = Buffer.from(JSON.stringify(output), "utf8");
  return {
    statusCode,
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "content-length": String(body.length),
      "x-amzn-requestid": randomUUID(),
    },
    body,
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new KmsException("SerializationException");
  }
}

function textOf(body: unknown): string {
  if (typeof body === "string") return body;
  // Not Buffer.from(body): the SDK's own kind of bytes takes that for reading them as a string, and warns.
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  if (body === undefined) return "";
  throw new TypeError("The sandbox reads request bodies that are text or bytes; this one is neither.");
}

function isAborted(signal: unknown): boolean {
  return typeof signal === "object" && signal !== null && "aborted" in signal && signal.aborted === true;
}

function abortError(): Error {
  const error = new Error("Request aborted");
  // The name by which the SDK's own handlers tell it.
  error.name = "AbortError";
  return error;
}
