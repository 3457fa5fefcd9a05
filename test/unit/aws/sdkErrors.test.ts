/** Errors that a server on loopback cannot bring about: by their names, codes and words. */
import assert from "node:assert/strict";
import { CredentialsProviderError } from "@smithy/core/config";
import { translateError } from "../../../src/aws/sdkErrors";
import { KmsSelectionError, type Failure } from "../../../src/core/errors";

function errorOf(members: object, message = "canary"): Error {
  return Object.assign(new Error(message), members);
}

const credentials = (message: string): Error => new CredentialsProviderError(message, { logger: undefined });
const http = (status: number, name = "Unknown"): Error =>
  errorOf({ name, $metadata: { httpStatusCode: status, requestId: "id" } });

suite("Translating errors", () => {
  const cases: [title: string, error: unknown, expected: Failure, profile?: Record<string, string>][] = [
    ["text", "canary", { code: "unexpected" }],
    ["nothing", undefined, { code: "unexpected" }],
    ["an error of nobody's", new Error("canary"), { code: "unexpected" }],
    ["an error of the code itself", new TypeError("canary"), { code: "unexpected" }],

    ...["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "EPIPE"].map(
      (code): [string, unknown, Failure] => [code, errorOf({ code }), { code: "network", reason: code }],
    ),
    [
      "a name that is not found",
      errorOf({ code: "ENOTFOUND", hostname: "kms.x.amazonaws.com" }),
      { code: "network", reason: "ENOTFOUND", host: "kms.x.amazonaws.com" },
    ],
    [
      "an address that refuses",
      errorOf({ code: "ECONNREFUSED", address: "10.0.0.1" }),
      { code: "network", reason: "ECONNREFUSED", host: "10.0.0.1" },
    ],
    [
      "a proxy that refuses",
      errorOf({}, "Bad response from proxy: 403 canary"),
      { code: "network", reason: "the proxy refused the connection" },
    ],
    [
      "a proxy that asks for a password",
      http(407),
      { code: "network", reason: "the proxy asks for authentication" },
    ],
    ...[
      "CERT_HAS_EXPIRED",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "ERR_TLS_CERT_ALTNAME_INVALID",
      "HOSTNAME_MISMATCH",
    ].map((code): [string, unknown, Failure] => [
      code,
      errorOf({ code }),
      { code: "certificate", reason: code },
    ]),
    ["no answer in time", errorOf({ name: "TimeoutError" }), { code: "timeout" }],
    [
      "no connection in time",
      errorOf({ code: "ETIMEDOUT", address: "10.0.0.1" }),
      { code: "timeout", host: "10.0.0.1" },
    ],
    [
      "a file that is not there",
      errorOf({ code: "ENOENT", syscall: "open", path: "/canary" }),
      { code: "credentials-failed", reason: "its web_identity_token_file cannot be read (ENOENT)" },
    ],

    ["HTTP 429", http(429), { code: "throttled" }],
    ["HTTP 500", http(500), { code: "kms-unavailable" }],
    ["HTTP 503 and a page", http(503, "SyntaxError"), { code: "kms-unavailable" }],
    ["HTTP 200 and a page", http(200, "SyntaxError"), { code: "response-invalid" }],
    ["a page", new SyntaxError("canary"), { code: "response-invalid" }],
    ["HTTP 400", http(400), { code: "response-invalid" }],

    [
      "STS refuses the role",
      errorOf(
        { name: "AccessDenied" },
        "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/r",
      ),
      {
        code: "access-denied",
        caller: "arn:aws:iam::111122223333:user/alice",
        action: "sts:AssumeRole",
        resource: "arn:aws:iam::111122223333:role/r",
      },
    ],
    ["STS says that a token has expired", errorOf({ name: "ExpiredToken" }), { code: "credentials-expired" }],
    [
      "STS says that a token has expired, of a profile with SSO",
      errorOf({ name: "ExpiredTokenException" }),
      { code: "credentials-expired", signIn: "sso" },
      { sso_start_url: "https://x" },
    ],
    ["STS knows no such key", errorOf({ name: "InvalidClientTokenId" }), { code: "credentials-invalid" }],
    ["the clock is wrong", errorOf({ name: "RequestTimeTooSkewed" }), { code: "clock-skew" }],
    ["the request has expired", errorOf({ name: "RequestExpired" }), { code: "clock-skew" }],
    [
      "a signature of tomorrow",
      errorOf({ name: "SignatureDoesNotMatch" }, "Signature not yet current: 2030"),
      { code: "clock-skew" },
    ],

    [
      "no credentials",
      credentials("Could not load credentials from any providers"),
      { code: "credentials-missing" },
    ],
    [
      "an SSO session that has expired",
      credentials(
        "The SSO session associated with this profile has expired. To refresh this SSO session run 'aws sso login'",
      ),
      { code: "credentials-expired", signIn: "sso" },
    ],
    [
      "an SSO session that AWS does not know any more",
      credentials("UnauthorizedException: Session token not found or invalid"),
      { code: "credentials-expired", signIn: "sso" },
    ],
    ["SSO refuses the role", credentials("ForbiddenException: No access"), { code: "access-denied" }],
    [
      "SSO cannot be reached",
      credentials("Error: getaddrinfo ENOTFOUND portal.sso.x.amazonaws.com"),
      { code: "network", reason: "ENOTFOUND" },
    ],
    [
      "an SSO token that cannot be renewed",
      errorOf(
        { name: "TokenProviderError" },
        "Token is expired. To refresh this SSO session run 'aws sso login'",
      ),
      { code: "credentials-expired", signIn: "sso" },
    ],
    [
      "a login that has expired",
      credentials("Your session has expired. Please reauthenticate."),
      { code: "credentials-expired", signIn: "login" },
    ],
    [
      "a login that cannot be renewed",
      credentials("Failed to refresh token: canary. Please re-authenticate using aws login"),
      { code: "credentials-expired", signIn: "login" },
    ],
    [
      "a command of a source profile",
      credentials("Command failed: canary --cycle\nsource_profile canary"),
      {
        code: "credentials-failed",
        reason: "its credential_process failed; run that command in a terminal to see why",
      },
    ],
  ];
  for (const [title, error, expected, profile = {}] of cases) {
    test(title, () => {
      const translated = translateError(error, profile);
      assert.deepEqual(translated.failure, expected);
      assert.equal(translated.cause, error);
      assert.doesNotMatch(JSON.stringify(translated) + translated.message, /canary/);
    });
  }

  test("an error of ours stays as it is", () => {
    const error = new KmsSelectionError({ code: "response-invalid" });
    assert.equal(translateError(error, {}), error);
  });

  test("name, request id and HTTP status are kept", () => {
    assert.deepEqual(translateError(http(500, "Odd"), {}).source, {
      name: "Odd",
      requestId: "id",
      httpStatus: 500,
    });
    assert.deepEqual(translateError(new RangeError("x"), {}).source, { name: "RangeError" });
  });

  test("names and ids that do not look like some are not kept: they would go into the log", () => {
    const odd = errorOf({
      name: "canary canary",
      $metadata: { requestId: "canary\nline", httpStatusCode: 400 },
    });
    const { source } = translateError(odd, {});
    assert.deepEqual(source, { name: "unknown", httpStatus: 400 });
  });

  test("reasons that come from AWS are cut", () => {
    const long = "x".repeat(5000);
    const refused = translateError(errorOf({ name: "ValidationException" }, long), {}).failure;
    assert.ok(refused.code === "invalid-request" && refused.reason.length === 300);
    const denied = translateError(
      errorOf({ name: "AccessDeniedException" }, `User: a is not authorized because no ${long}`),
      {},
    ).failure;
    assert.ok(denied.code === "access-denied" && denied.reason?.length === 200);
  });
});
