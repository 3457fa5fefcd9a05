/** The one place where what the SDK throws becomes a failure of ours. */
import {
  DependencyTimeoutException,
  DisabledException,
  IncorrectKeyException,
  InvalidArnException,
  InvalidCiphertextException,
  InvalidGrantTokenException,
  InvalidKeyUsageException,
  KeyUnavailableException,
  KMSInternalException,
  KMSInvalidStateException,
  NotFoundException,
  UnsupportedOperationException,
} from "@aws-sdk/client-kms";
import { isKmsSelectionError, KmsSelectionError, type ErrorSource, type Failure } from "../core/errors";
import type { Profile } from "./sharedConfig";

/** What the SDK and Node put on their errors, as far as it is looked at; nothing of it is certain to be there. */
interface AnyError {
  readonly name: string;
  readonly message: string;
  readonly code?: unknown;
  readonly hostname?: unknown;
  readonly address?: unknown;
  readonly syscall?: unknown;
  readonly cause?: unknown;
  readonly $metadata?: { readonly requestId?: string; readonly httpStatusCode?: number };
}

/** `profile`: the settings of the profile in use, to tell which sign-in it needs. */
export function translateError(error: unknown, profile: Profile): KmsSelectionError {
  if (isKmsSelectionError(error)) return error;
  if (!(error instanceof Error)) return new KmsSelectionError({ code: "unexpected" }, { cause: error });
  const any = error as AnyError;
  return new KmsSelectionError(failureOf(any, profile), { cause: error, source: sourceOf(any) });
}

function sourceOf(error: AnyError): ErrorSource {
  const { requestId, httpStatusCode } = error.$metadata ?? {};
  const id = plain(requestId);
  return {
    name: plain(error.name) ?? "unknown",
    ...(id === undefined ? {} : { requestId: id }),
    ...(httpStatusCode === undefined ? {} : { httpStatus: httpStatusCode }),
  };
}

/** Names and ids come from whoever answered; they go into the log only if they look like it. */
function plain(text: string | undefined): string | undefined {
  return text !== undefined && /^[\w.-]{1,80}$/.test(text) ? text : undefined;
}

function failureOf(error: AnyError, profile: Profile): Failure {
  return (
    ofKms(error) ??
    ofName(error, profile) ??
    ofCredentials(error, profile) ??
    ofFile(error) ??
    ofNetwork(error) ??
    ofResponse(error) ?? { code: "unexpected" }
  );
}

/** Exceptions of the KMS model: https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html#API_Decrypt_Errors */
function ofKms(error: AnyError): Failure | undefined {
  if (error instanceof InvalidCiphertextException) return { code: "invalid-ciphertext" };
  if (error instanceof IncorrectKeyException) return { code: "incorrect-key" };
  if (error instanceof NotFoundException) return { code: "key-not-found" };
  if (error instanceof InvalidKeyUsageException) return { code: "key-usage" };
  if (error instanceof InvalidArnException) return { code: "invalid-arn" };
  if (error instanceof UnsupportedOperationException) return { code: "unsupported-operation" };
  if (error instanceof InvalidGrantTokenException)
    return { code: "invalid-request", reason: "a grant token is not valid." };
  if (error instanceof DisabledException || error instanceof KMSInvalidStateException)
    return ofKeyState(error);
  if (
    error instanceof KeyUnavailableException ||
    error instanceof DependencyTimeoutException ||
    error instanceof KMSInternalException
  ) {
    return { code: "kms-unavailable" };
  }
  return undefined;
}

/** KMS tells disabled keys and keys that wait for deletion apart in the message alone. */
function ofKeyState(error: DisabledException | KMSInvalidStateException): Failure {
  if (/pending deletion|pendingdeletion/i.test(error.message)) return { code: "key-pending-deletion" };
  if (error instanceof DisabledException || /is disabled/i.test(error.message))
    return { code: "key-disabled" };
  const [, state] = /\bis (?:in state )?([a-z ]{3,40}?)\.?$/i.exec(error.message) ?? [];
  return { code: "key-invalid-state", ...(state === undefined ? {} : { state }) };
}

/** Errors common to all of AWS: https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html, and those of STS. */
function ofName(error: AnyError, profile: Profile): Failure | undefined {
  switch (error.name) {
    case "AccessDeniedException":
    case "AccessDenied":
    case "NotAuthorized":
      return ofAccessDenied(error.message);
    case "ThrottlingException":
    case "Throttling":
    case "TooManyRequestsException":
    case "RequestLimitExceeded":
    case "LimitExceededException":
      return { code: "throttled" };
    case "ExpiredTokenException":
    case "ExpiredToken":
      return expired(profile);
    case "RequestExpired":
    case "RequestTimeTooSkewed":
    case "InvalidSignatureTimestamp":
      return { code: "clock-skew" };
    case "InvalidSignatureException":
    case "SignatureDoesNotMatch":
      return /expired|not yet current/i.test(error.message)
        ? { code: "clock-skew" }
        : { code: "credentials-invalid" };
    case "UnrecognizedClientException":
    case "InvalidClientTokenId":
    case "IncompleteSignature":
    case "IncompleteSignatureException":
    case "InvalidAccessKeyId":
    case "MissingAuthenticationToken":
    case "MissingAuthenticationTokenException":
    case "OptInRequired":
      return { code: "credentials-invalid" };
    case "ValidationException":
    case "ValidationError":
    case "SerializationException":
      return { code: "invalid-request", reason: withoutValues(error.message) };
    case "EndpointError":
      return { code: "setting-invalid", setting: "endpoint_url", reason: error.message.replace(/\.$/, "") };
    case "ServiceUnavailable":
    case "ServiceUnavailableException":
    case "InternalFailure":
    case "InternalServerError":
    case "InternalServiceError":
      return { code: "kms-unavailable" };
    default:
      return undefined;
  }
}

/** KMS repeats the values that it refuses ("Value '…' at 'plaintext' failed …"); of those only the keys may be shown. */
function withoutValues(message: string): string {
  return message.replace(/value '.*?' at/gis, "the value at").slice(0, 300);
}

function ofAccessDenied(message: string): Failure {
  // For a ciphertext whose key the caller may not know of: https://repost.aws/knowledge-center/kms-access-denied-exception
  if (/ciphertext refers to a customer master key|refers to a key that does not exist/i.test(message)) {
    return { code: "key-not-accessible" };
  }
  const [, caller] = /User: (\S+)/i.exec(message) ?? [];
  const [, action] = /not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)/i.exec(message) ?? [];
  const [, resource] = /on resource:? (\S+?)(?=[,.]?(?:\s|$))/i.exec(message) ?? [];
  const [, because] = /\b(?:because|with) ((?:an explicit deny|no ).*?)\.?$/i.exec(message) ?? [];
  return {
    code: "access-denied",
    ...(caller === undefined ? {} : { caller }),
    ...(action === undefined ? {} : { action }),
    ...(resource === undefined ? {} : { resource }),
    ...(because === undefined ? {} : { reason: because.slice(0, 200) }),
  };
}

function expired(profile: Profile): Failure {
  if (profile.login_session !== undefined) return { code: "credentials-expired", signIn: "login" };
  const isSso = profile.sso_session !== undefined || profile.sso_start_url !== undefined;
  return isSso ? { code: "credentials-expired", signIn: "sso" } : { code: "credentials-expired" };
}

/** The credential providers tell their failures apart in the message alone. */
function ofCredentials(error: AnyError, profile: Profile): Failure | undefined {
  if (!["CredentialsProviderError", "ProviderError", "TokenProviderError"].includes(error.name))
    return undefined;
  const { message } = error;
  // First of all: this message holds a command line and what the command printed, which may be secrets, and any words.
  // The command may also be that of a `source_profile`.
  if (profile.credential_process !== undefined || /credential_process|^Command failed/.test(message)) {
    const reason = "its credential_process failed; run that command in a terminal to see why";
    return { code: "credentials-failed", reason };
  }
  // What the provider for SSO itself was answered is put into its message.
  const [network] = /\bE[A-Z_]{4,}\b/.exec(message) ?? [];
  if (network && NETWORK.has(network)) return { code: "network", reason: network };
  if (message.startsWith("ForbiddenException")) return { code: "access-denied" };
  if (/aws sso login|sso session|^UnauthorizedException/i.test(message)) {
    return { code: "credentials-expired", signIn: "sso" };
  }
  if (/aws login|re-?authenticate|^Failed to load token/i.test(message)) {
    return { code: "credentials-expired", signIn: "login" };
  }
  // Messages of the SDK's own about profiles hold names of profiles and settings alone.
  if (
    /^(?:Detected a cycle|Unsupported credential source|Profile is configured with invalid SSO)/.test(message)
  ) {
    return { code: "credentials-failed", reason: message.replace(/\.$/, "").slice(0, 300) };
  }
  return { code: "credentials-missing" };
}

/**
 * Of all that is asked for only a `web_identity_token_file` is read without the SDK putting its own words to it. A
 * connection is read from as well.
 */
function ofFile({ syscall, code }: AnyError): Failure | undefined {
  if (typeof code !== "string" || (syscall !== "open" && syscall !== "read")) return undefined;
  if (NETWORK.has(code) || code === TIMED_OUT) return undefined;
  return { code: "credentials-failed", reason: `its web_identity_token_file cannot be read (${code})` };
}

const TIMED_OUT = "ETIMEDOUT";
const NETWORK = new Set([
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "EPROTO",
  "UND_ERR_SOCKET",
]);

/** Node's names for certificates that it does not trust: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const CERTIFICATE =
  /^(?:CERT_|CRL_|DEPTH_ZERO_|ERR_TLS_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|SELF_SIGNED|UNABLE_TO_)/;

function ofNetwork(error: AnyError): Failure | undefined {
  const code = typeof error.code === "string" ? error.code : "";
  const host = [error.hostname, error.address].find((each): each is string => typeof each === "string");
  const where = host === undefined ? {} : { host };
  if (CERTIFICATE.test(code)) return { code: "certificate", reason: code, ...where };
  if (NETWORK.has(code)) return { code: "network", reason: code, ...where };
  // "socket hang up" has a code; a proxy that refuses the tunnel has none.
  if (/proxy/i.test(error.message))
    return { code: "network", reason: "the proxy refused the connection", ...where };
  if (error.name === "TimeoutError" || code === TIMED_OUT) return { code: "timeout", ...where };
  return undefined;
}

/** An answer that came, but not from KMS, or not in whole. */
function ofResponse(error: AnyError): Failure | undefined {
  // No HTTP: https://nodejs.org/api/errors.html#hpe_internal
  if (typeof error.code === "string" && error.code.startsWith("HPE_")) return { code: "response-invalid" };
  const status = error.$metadata?.httpStatusCode;
  if (status === undefined) return error.name === "SyntaxError" ? { code: "response-invalid" } : undefined;
  if (status === 429) return { code: "throttled" };
  if (status === 407) return { code: "network", reason: "the proxy asks for authentication" };
  return status >= 500 ? { code: "kms-unavailable" } : { code: "response-invalid" };
}
