/** How long a request may take, whatever service it goes to. A person cancels earlier; this ends what nobody watches. */
export const REQUEST_HANDLER = {
  /** Milliseconds. */
  connectionTimeout: 10_000,
  requestTimeout: 60_000,
  /** Without a byte: the one above ends with the first bytes of an answer. */
  socketTimeout: 60_000,
  throwOnRequestTimeout: true,
};
