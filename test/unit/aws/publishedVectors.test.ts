/**
 * The AWS Encryption SDK's published test vectors of the time before commitment, `awses-decrypt/python-1.3.5.zip` of
 * https://github.com/awslabs/aws-encryption-sdk-test-vectors. Their keys are in an account of AWS, so that what is shown
 * here is all that happens before and around the answer of KMS. Looked for beside the repository.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { NodeAlgorithmSuite } from "@aws-crypto/material-management-node";
import { openPromise } from "yauzl";
import { localClient, localKms } from "../../../src/aws/main";
import { EncryptionSdkMessages } from "../../../src/aws/messages";
import { readHeader } from "../../../src/aws/messageHeader";
import { KmsException } from "../../../src/sandbox/kmsException";
import { createRequestHandler } from "../../../src/sandbox/main";
import { root } from "../../host/paths";
import { rejectedBy } from "../core/failures";

const zip = join(root, "../shared/vectors/awses-decrypt-python-1.3.5.zip");
const never = new AbortController().signal;
const KEY = "alias/app";
const ARN = /^arn:aws:kms:us-west-2:\d{12}:key\/[\w-]+$/;

interface Manifest {
  readonly tests: Readonly<Record<string, { readonly ciphertext: string }>>;
}

type Input = Readonly<Record<string, unknown>>;

async function filesOf(path: string): Promise<Map<string, Buffer>> {
  const archive = await openPromise(path);
  const files = new Map<string, Buffer>();
  for await (const entry of archive.eachEntry()) {
    files.set(entry.fileName, await buffer(await archive.openReadStreamPromise(entry)));
  }
  return files;
}

/** A KMS that keeps what it is asked, and answers as it is told. */
function recordingKms(answer: (input: Input) => Record<string, unknown>) {
  const asked: { readonly operation: string; readonly input: Input }[] = [];
  const handler = createRequestHandler({
    call: (operation, given) => {
      const input = given as Input; // an object, by the JSON protocol
      asked.push({ operation, input });
      return answer(input);
    },
  });
  return { asked, kms: localKms(localClient("us-west-2", handler), () => undefined) };
}

const incorrectKey = (): never => {
  throw new KmsException("IncorrectKeyException", "");
};

if (!existsSync(zip))
  console.log("  The published test vectors are left out: they are not beside the repository");
else {
  suite("Published test vectors of the AWS Encryption SDK", () => {
    let messages: { readonly bytes: Buffer }[];

    suiteSetup(async () => {
      const files = await filesOf(zip);
      const { tests } = JSON.parse(files.get("decrypt_message.json")!.toString()) as Manifest; // a published format
      messages = Object.values(tests).map(({ ciphertext }) => ({
        bytes: files.get(ciphertext.replace("file://", ""))!,
      }));
      assert.equal(messages.length, 360);
    });

    /** As it stands in the header, and as a person would have configured it. */
    function contextsOf(bytes: Uint8Array) {
      const whole = { ...readHeader(bytes).encryptionContext };
      const own = Object.fromEntries(
        Object.entries(whole).filter(([name]) => name !== "aws-crypto-public-key"),
      );
      return { whole, own };
    }

    function open(
      kms: ReturnType<typeof recordingKms>["kms"],
      bytes: Uint8Array,
      context: Record<string, string>,
      allowUncommitted: boolean,
      keyId: string | undefined,
    ) {
      const reader = new EncryptionSdkMessages({ kms, isAws: true, allowUncommitted });
      return rejectedBy(reader.open(keyId, bytes, context, never));
    }

    test("the headers of all are read: keys, context, signed or not, frames or none", () => {
      const kinds = new Set<string>();
      for (const { bytes } of messages) {
        const { encryptedDataKeys, suiteId, contentType, encryptionContext } = readHeader(bytes);
        assert.ok(encryptedDataKeys.length > 0);
        for (const { providerId, providerInfo } of encryptedDataKeys) {
          assert.equal(providerId, "aws-kms");
          assert.match(providerInfo, ARN);
        }
        kinds.add(`suite ${suiteId}, content ${contentType}`);
        kinds.add("aws-crypto-public-key" in encryptionContext ? "signed" : "not signed");
      }
      assert.ok(kinds.has("signed") && kinds.has("not signed"));
      assert.ok(kinds.size > 12, [...kinds].join("; "));
    });

    test("without the setting each is refused, and KMS is not asked", async () => {
      const { asked, kms } = recordingKms(incorrectKey);
      for (const { bytes } of messages) {
        const { failure } = await open(kms, bytes, contextsOf(bytes).own, false, KEY);
        assert.equal(failure.code, "message-without-commitment");
      }
      assert.equal(asked.length, 0);
    });

    test("with another identity each is refused, and KMS is not asked", async () => {
      const { asked, kms } = recordingKms(incorrectKey);
      for (const { bytes } of messages) {
        const { failure } = await open(kms, bytes, { ...contextsOf(bytes).own, identity: "bob" }, true, KEY);
        assert.equal(failure.code, "message-of-another-context");
      }
      assert.equal(asked.length, 0);
    });

    test("with the setting KMS is asked for the data key, with the context of the message", async () => {
      for (const { bytes } of messages) {
        const { whole, own } = contextsOf(bytes);
        for (const keyId of [KEY, undefined]) {
          const { asked, kms } = recordingKms(incorrectKey);
          const { failure } = await open(kms, bytes, own, true, keyId);
          assert.equal(failure.code, "incorrect-key");
          const { encryptedDataKeys } = readHeader(bytes);
          assert.deepEqual(
            asked,
            encryptedDataKeys.map(({ providerInfo, encryptedDataKey }) => ({
              operation: "Decrypt",
              input: {
                KeyId: keyId ?? providerInfo,
                CiphertextBlob: Buffer.from(encryptedDataKey).toString("base64"),
                EncryptionContext: whole,
              },
            })),
          );
        }
      }
    });

    test("a data key that is not the right one opens none, and nothing of a text is answered", async () => {
      for (const { bytes } of messages) {
        const { keyLengthBytes } = new NodeAlgorithmSuite(readHeader(bytes).suiteId);
        const { asked, kms } = recordingKms(({ KeyId }) => ({
          KeyId,
          Plaintext: randomBytes(keyLengthBytes).toString("base64"),
        }));
        const { failure } = await open(kms, bytes, contextsOf(bytes).own, true, KEY);
        assert.equal(failure.code, "token-damaged");
        assert.equal(asked.length, 1);
      }
    });
  });
}
