/** How a request may be made, whatever service it goes to: how long it may take, and whose certificates are trusted. */
import type { NodeHttpHandlerOptions } from "@smithy/types";
import { trusting } from "./caBundle";

/** A person cancels earlier; this ends what nobody watches. */
export const REQUEST_LIMITS = {
  /** Milliseconds. */
  connectionTimeout: 10_000,
  requestTimeout: 60_000,
  /** Without a byte: the one above ends with the first bytes of an answer. */
  socketTimeout: 60_000,
  throwOnRequestTimeout: true,
};

/**
 * Where another KMS can answer instead: with the three attempts of the SDK, it is asked after some 5 seconds without a
 * connection, or 13 without an answer. KMS itself takes a small part of a second.
 */
export const OF_SEVERAL = { connectionTimeout: 1_500, requestTimeout: 4_000 };

/** `limits`: those that are other than usual. */
export function requestHandler(
  { caBundle }: { readonly caBundle: string | undefined },
  limits: Partial<typeof REQUEST_LIMITS> = {},
): NodeHttpHandlerOptions {
  return { ...REQUEST_LIMITS, ...limits, ...(caBundle !== undefined && { httpsAgent: trusting(caBundle) }) };
}
