/**
 * Whether a sign-in session has ended or only could not be renewed. The SDK says "expired" in both cases, and nobody is to
 * sign in anew because the network is down.
 */
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { AwsCredentialIdentityProvider } from "@smithy/types";
import { KmsSelectionError } from "../core/errors";
import type { Connection } from "./connection";
import { requestHandler } from "./requestHandler";

/** Milliseconds after an attempt in which the SDK makes no other one, and says "expired" at once. */
const PAUSE = 30_000;

/** How the SDK's providers end what they say of a session that is over. */
const ENDED = /refresh this SSO session|refresh token/i;

/** For one session: its requests, and how the last one failed. */
export class SessionRenewal extends NodeHttpHandler {
  private failure: { readonly error: unknown; readonly at: number } | undefined;

  constructor(connection: Connection) {
    super(requestHandler(connection));
  }

  override async handle(
    ...[request, options]: Parameters<NodeHttpHandler["handle"]>
  ): ReturnType<NodeHttpHandler["handle"]> {
    try {
      const answer = await super.handle(request, options);
      const { statusCode } = answer.response;
      // A proxy answers so for a host that it cannot reach.
      const isBroken = statusCode === 407 || statusCode >= 500;
      const host = request.hostname;
      this.failed(
        isBroken ? new KmsSelectionError({ code: "network", reason: `HTTP ${statusCode}`, host }) : undefined,
      );
      return answer;
    } catch (error) {
      this.failed(error);
      throw error;
    }
  }

  private failed(error: unknown): void {
    this.failure = error === undefined ? undefined : { error, at: Date.now() };
  }

  /** Throws what kept the session from being renewed, in place of "expired". */
  watching(source: AwsCredentialIdentityProvider): AwsCredentialIdentityProvider {
    return async (options) => {
      try {
        return await source(options);
      } catch (error) {
        const isEnded = error instanceof Error && ENDED.test(error.message);
        if (isEnded && this.failure && Date.now() - this.failure.at < PAUSE) throw this.failure.error;
        throw error;
      }
    };
  }
}
