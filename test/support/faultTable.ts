/** What a network and a KMS can do wrong, and the words by which a person is told. The page docs/proof.md shows it. */
import { KmsException } from "../../src/sandbox/kmsException";
import { respondWithError } from "../../src/sandbox/requestHandler";
import { chunked, cutAt, inPlace, resetAt, type Spoil } from "./wire";

export interface FaultCase {
  readonly title: string;
  readonly spoil: Spoil;
  /** What the message says after `Can't decrypt: `. */
  readonly words: string;
}

const UNREACHABLE =
  "could not reach KMS (ECONNRESET). Check the network, the proxy (http.proxy) and the Region us-east-2.";
const NOT_OF_KMS =
  "the answer of KMS in us-east-2 was not one of KMS. A proxy or a custom endpoint may have answered instead.";
const UNAVAILABLE = "KMS is temporarily unavailable, also after several tries.";
const THROTTLED =
  "the account's KMS request quota is used up for now, also after several tries. Wait a moment and try again.";

/** A whole answer; without a type it has no header that names an error. */
const http = (status: number, body: string, type = "application/x-amz-json-1.1"): Spoil =>
  inPlace(
    () =>
      `HTTP/1.1 ${status} Some\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
/** KMS refuses in its own words. */
export function exception(name: string, status: number): Spoil {
  const { body } = respondWithError(new KmsException(name, "", status));
  return http(status, Buffer.from(body).toString());
}

export const faultTable: readonly FaultCase[] = [
  { title: "the connection is reset before the answer", spoil: resetAt(0), words: UNREACHABLE },
  { title: "the connection is reset in the answer's headers", spoil: resetAt(40), words: UNREACHABLE },
  { title: "the connection ends in the answer's body", spoil: cutAt(300), words: UNREACHABLE },
  {
    title: "an answer in chunks that are none",
    spoil: inPlace(() => chunked("zz\r\nabc")),
    words: UNREACHABLE,
  },
  { title: "what is no HTTP", spoil: inPlace(() => "SSH-2.0-OpenSSH_9.2\r\n"), words: NOT_OF_KMS },
  { title: "what is no JSON", spoil: http(200, "{"), words: NOT_OF_KMS },
  { title: "JSON of another shape", spoil: http(200, '{"a":[1]}'), words: NOT_OF_KMS },
  {
    title: "a page in place of an answer",
    spoil: http(200, "<html></html>", "text/html"),
    words: NOT_OF_KMS,
  },
  { title: "HTTP 302", spoil: http(302, ""), words: NOT_OF_KMS },
  { title: "HTTP 400 without an error's name", spoil: http(400, ""), words: NOT_OF_KMS },
  { title: "HTTP 404 and a page", spoil: http(404, "<html></html>", "text/html"), words: NOT_OF_KMS },
  { title: "HTTP 429", spoil: http(429, ""), words: THROTTLED },
  { title: "HTTP 500", spoil: http(500, ""), words: UNAVAILABLE },
  { title: "HTTP 502 and a page", spoil: http(502, "<html></html>", "text/html"), words: UNAVAILABLE },
  { title: "HTTP 503", spoil: http(503, ""), words: UNAVAILABLE },
  { title: "KMSInternalException", spoil: exception("KMSInternalException", 500), words: UNAVAILABLE },
  { title: "ThrottlingException", spoil: exception("ThrottlingException", 400), words: THROTTLED },
];
