/**
 * STS, the portal of IAM Identity Center, and its token service, behind HTTP on loopback: each as it is on the wire. They
 * give credentials to whoever has a token or a code; signatures are not verified.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface IdentityRequest {
  readonly action: "AssumeRole" | "AssumeRoleWithWebIdentity" | "GetRoleCredentials" | "CreateToken";
  /** What was sent, by the names that the service has for it. */
  readonly input: Readonly<Record<string, string>>;
  /** Of the Authorization header. */
  readonly accessKeyId: string | undefined;
}

export interface IdentityServer {
  /** `http://127.0.0.1:port`, for an endpoint setting. */
  readonly url: string;
  readonly requests: readonly IdentityRequest[];
  /** The codes that are taken, each once. */
  readonly codes: Set<string>;
  /** The access tokens of Identity Center that are taken. */
  readonly tokens: Set<string>;
  /** The refresh tokens that are exchanged for an access token. */
  readonly refreshTokens: Set<string>;
  /** Seconds that credentials and tokens are good for from now on. */
  lifetime: number;
  /** Answers wait for this. */
  wait: Promise<unknown> | undefined;
  /** Connections are cut instead of answered. */
  isDown: boolean;
  close(): Promise<void>;
}

/** Secrets that are given out begin with this. */
export const SESSION_TOKEN = "canary-session-token-7f3a";

class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export async function startIdentityServer(): Promise<IdentityServer> {
  const requests: IdentityRequest[] = [];
  const codes = new Set<string>();
  const tokens = new Set<string>();
  const refreshTokens = new Set<string>();
  let given = 0;

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await read(message);
    if (identity.isDown) {
      message.socket.destroy();
      return;
    }
    requests.push(request);
    await identity.wait;
    const isXml = request.action.startsWith("AssumeRole");
    try {
      const body = answer(request);
      response.writeHead(200, { "content-type": isXml ? "text/xml" : "application/json" }).end(body);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, code, message: words } = error;
      response.setHeader("x-amzn-errortype", code);
      if (isXml) response.writeHead(status, { "content-type": "text/xml" }).end(xmlError(code, words));
      else {
        response
          .writeHead(status, { "content-type": "application/json" })
          .end(JSON.stringify({ message: words, error: code, error_description: words }));
      }
    }
  }

  function answer({ action, input }: IdentityRequest): string {
    const expiration = new Date(Date.now() + identity.lifetime * 1000);
    switch (action) {
      case "AssumeRole":
        checkCode(input);
        return assumed("AssumeRole", input, ++given, expiration);
      case "AssumeRoleWithWebIdentity":
        return assumed("AssumeRoleWithWebIdentity", input, ++given, expiration);
      case "GetRoleCredentials":
        if (!tokens.has(input.access_token ?? ""))
          throw new Refusal(401, "UnauthorizedException", "Session token not found or invalid");
        return JSON.stringify({
          roleCredentials: {
            accessKeyId: `ASIA${input.role_name}${++given}`,
            secretAccessKey: "secret",
            sessionToken: `${SESSION_TOKEN}-${given}`,
            expiration: expiration.getTime(),
          },
        });
      case "CreateToken": {
        if (!refreshTokens.delete(input.refreshToken ?? ""))
          throw new Refusal(400, "InvalidGrantException", "Invalid refresh token provided");
        const accessToken = `${SESSION_TOKEN}-access-${++given}`;
        const refreshToken = `${SESSION_TOKEN}-refresh-${given}`;
        tokens.add(accessToken);
        refreshTokens.add(refreshToken);
        return JSON.stringify({
          accessToken,
          refreshToken,
          expiresIn: identity.lifetime,
          tokenType: "Bearer",
        });
      }
    }
  }

  /** In the words of https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html for what it refuses. */
  function checkCode({ SerialNumber, TokenCode }: IdentityRequest["input"]): void {
    if (SerialNumber === undefined) return;
    if (!SerialNumber.includes(":mfa/"))
      throw new Refusal(
        403,
        "AccessDenied",
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
      );
    if (!codes.delete(TokenCode ?? ""))
      throw new Refusal(
        403,
        "AccessDenied",
        "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
      );
  }

  const server = createServer((message, response) => {
    serve(message, response).catch((error: unknown) => {
      console.error("The identity server of the tests failed:", error);
      message.socket.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // An address of another kind is for pipes.
  const { port } = server.address() as AddressInfo;

  const identity: IdentityServer = {
    url: `http://127.0.0.1:${port}`,
    requests,
    codes,
    tokens,
    refreshTokens,
    lifetime: 3600,
    wait: undefined,
    isDown: false,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return identity;
}

async function read(message: IncomingMessage): Promise<IdentityRequest> {
  const body = await text(message);
  const url = new URL(message.url ?? "/", "http://loopback");
  const accessKeyId = /Credential=([^/,\s]+)\//.exec(message.headers.authorization ?? "")?.[1];
  if (url.pathname === "/federation/credentials") {
    const access_token = String(message.headers["x-amz-sso_bearer_token"]);
    const input = { ...Object.fromEntries(url.searchParams), access_token };
    return { action: "GetRoleCredentials", input, accessKeyId };
  }
  if (url.pathname === "/token")
    return { action: "CreateToken", input: JSON.parse(body) as Record<string, string>, accessKeyId };
  const { Action, ...input } = Object.fromEntries(new URLSearchParams(body));
  if (Action !== "AssumeRole" && Action !== "AssumeRoleWithWebIdentity")
    throw new Error(`Nobody answers ${message.url ?? ""} ${Action ?? ""}`);
  return { action: Action, input, accessKeyId };
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html#API_AssumeRole_Examples */
function assumed(
  action: string,
  { RoleArn = "", RoleSessionName = "" }: IdentityRequest["input"],
  number: number,
  expiration: Date,
): string {
  const role = RoleArn.split("/").at(-1) ?? "";
  const arn = RoleArn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/");
  return `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>
<AssumedRoleUser><AssumedRoleId>AROA:${RoleSessionName}</AssumedRoleId><Arn>${arn}/${RoleSessionName}</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>ASIA${role}${number}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>${SESSION_TOKEN}-${number}</SessionToken><Expiration>${expiration.toISOString()}</Expiration></Credentials>
</${action}Result><ResponseMetadata><RequestId>11111111-2222-4333-8444-555555555555</RequestId></ResponseMetadata></${action}Response>`;
}

function xmlError(code: string, message: string): string {
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>11111111-2222-4333-8444-555555555555</RequestId></ErrorResponse>`;
}
