/** What the header of an AWS Encryption SDK message tells in clear. A bundle of its own: nobody needs keys to read it. */
import { MessageFormat, NodeAlgorithmSuite } from "@aws-crypto/material-management-node";
import { deserializeFactory, type MessageHeader } from "@aws-crypto/serialize";
import type { EncryptionContext } from "../core/encryptionContext";
import { KmsSelectionError } from "../core/errors";
import type { MessageFacts } from "../core/messages";

/** What the Encryption SDK itself puts into the context of a signed message. */
const SIGNATURE_KEY = "aws-crypto-public-key";

/** Of a data key that KMS encrypted: https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/message-format.html */
export const KMS_PROVIDER_ID = "aws-kms";

const { deserializeMessageHeader } = deserializeFactory(
  (bytes) => Buffer.from(bytes).toString("utf8"),
  NodeAlgorithmSuite,
);

/** Throws `token-damaged`. */
export function readHeader(message: Uint8Array): MessageHeader {
  try {
    const info = deserializeMessageHeader(message);
    if (info) return info.messageHeader;
  } catch (error) {
    throw new KmsSelectionError({ code: "token-damaged" }, { cause: error });
  }
  throw new KmsSelectionError({ code: "token-damaged" });
}

/** The context that whoever made the message gave to it. */
export function contextIn({ encryptionContext }: MessageHeader): EncryptionContext {
  return Object.fromEntries(Object.entries(encryptionContext).filter(([name]) => name !== SIGNATURE_KEY));
}

/**
 * For people alone: nothing of it is verified before the message is opened. Throws `token-damaged`.
 */
export function describeMessage(message: Uint8Array): MessageFacts {
  const header = readHeader(message);
  const named = (ofKms: boolean): string[] =>
    header.encryptedDataKeys
      .filter(({ providerId }) => (providerId === KMS_PROVIDER_ID) === ofKms)
      .map(({ providerInfo }) => providerInfo);
  return {
    context: contextIn(header),
    keyArns: named(true),
    otherKeys: named(false),
    isCommitted: header.version !== MessageFormat.V1,
  };
}
