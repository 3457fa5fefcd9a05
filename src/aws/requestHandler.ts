/** How long a request may take, whatever service it goes to. A person cancels earlier; this ends what nobody watches. */
export const REQUEST_HANDLER = {
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
export const REQUEST_HANDLER_OF_SEVERAL = {
  ...REQUEST_HANDLER,
  connectionTimeout: 1_500,
  requestTimeout: 4_000,
};
