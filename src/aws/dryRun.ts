/** Asks KMS whether it would do an operation: https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html */
import {
  DecryptCommand,
  DryRunOperationException,
  EncryptCommand,
  GenerateDataKeyCommand,
  ReEncryptCommand,
  type KMSClient,
} from "@aws-sdk/client-kms";
import type { EncryptionContext } from "../core/encryptionContext";
import type { DryRunOperation } from "../core/keyAccess";

/** What a KMS encrypts that knows no dry runs. No secret, and nobody's text. */
const TEST_TEXT = Buffer.from("A test of KMS Selection");

/** With it KMS looks at permissions alone, and wants no ciphertext. */
const WITHOUT_CIPHERTEXT = { DryRun: true, DryRunModifiers: ["IGNORE_CIPHERTEXT" as const] };

/** Throws what KMS throws when it would not do it. */
export async function dryRun(
  client: KMSClient,
  operation: DryRunOperation,
  keyId: string,
  context: EncryptionContext,
  abortSignal: AbortSignal,
): Promise<"would-succeed" | "done"> {
  try {
    await send(client, operation, keyId, context, abortSignal);
    return "done";
  } catch (error) {
    if (error instanceof DryRunOperationException) return "would-succeed";
    throw error;
  }
}

async function send(
  client: KMSClient,
  operation: DryRunOperation,
  keyId: string,
  context: EncryptionContext,
  abortSignal: AbortSignal,
): Promise<void> {
  const common = { KeyId: keyId, EncryptionContext: context };
  switch (operation) {
    case "Encrypt":
      await client.send(new EncryptCommand({ ...common, Plaintext: TEST_TEXT, DryRun: true }), {
        abortSignal,
      });
      return;
    case "GenerateDataKey": {
      const command = new GenerateDataKeyCommand({ ...common, NumberOfBytes: 32, DryRun: true });
      const { Plaintext } = await client.send(command, { abortSignal });
      // A real data key, of a KMS that knows no dry runs.
      Plaintext?.fill(0);
      return;
    }
    case "Decrypt":
      await client.send(new DecryptCommand({ ...common, ...WITHOUT_CIPHERTEXT }), { abortSignal });
      return;
    case "ReEncrypt": {
      const command = new ReEncryptCommand({
        SourceKeyId: keyId,
        SourceEncryptionContext: context,
        DestinationKeyId: keyId,
        DestinationEncryptionContext: context,
        ...WITHOUT_CIPHERTEXT,
      });
      await client.send(command, { abortSignal });
      return;
    }
  }
}
