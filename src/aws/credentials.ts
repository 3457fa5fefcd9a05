/** The credentials of a connection, as the AWS CLI would find them. */
import { fromIni, fromNodeProviderChain } from "@aws-sdk/credential-providers";
import type { AwsCredentialIdentityProvider } from "@smithy/types";
import type { Connection } from "./connection";

/** Settings by which a profile says itself where its credentials come from. */
const SOURCES = [
  "aws_access_key_id",
  "credential_process",
  "credential_source",
  "login_session",
  "role_arn",
  "sso_account_id",
  "sso_session",
  "sso_start_url",
  "web_identity_token_file",
];

/**
 * A profile that says where its credentials come from is asked alone: the SDK's chain would go on to the machine's own
 * role when that fails, act as somebody else, and hide the reason. Every other profile gets the whole chain.
 * The SDK's client caches and refreshes what either answers.
 */
export function credentialsOf({ profile, settings }: Connection): AwsCredentialIdentityProvider {
  // The connection's files may be newer than what the SDK has read in this bundle.
  const init = { ignoreCache: true, ...(profile !== undefined && { profile }) };
  const isNamed = profile !== undefined && SOURCES.some((source) => settings[source] !== undefined);
  return isNamed ? fromIni(init) : fromNodeProviderChain(init);
}
