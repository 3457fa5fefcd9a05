"""Encrypts or decrypts with the AWS Encryption SDK for Python.

Takes one JSON argument: endpoint, keyArns, and either ciphertext, or text, context, suite (a name of AlgorithmSuite)
and frameLength (0: no frames). Prints JSON: ciphertext, or text and context.
"""

import base64
import json
import os
import sys

asked = json.loads(sys.argv[1])
os.environ["AWS_ENDPOINT_URL_KMS"] = asked["endpoint"]
os.environ["AWS_ACCESS_KEY_ID"] = "AKIATEST"
os.environ["AWS_SECRET_ACCESS_KEY"] = "secret"

import aws_encryption_sdk
from aws_encryption_sdk.identifiers import Algorithm, CommitmentPolicy

provider = aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(key_ids=asked["keyArns"])
if "text" in asked:
    algorithm = Algorithm[asked["suite"]]
    client = aws_encryption_sdk.EncryptionSDKClient(
        commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
        if algorithm.is_committing()
        else CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT
    )
    ciphertext, _ = client.encrypt(
        source=asked["text"].encode("utf-8"),
        key_provider=provider,
        encryption_context=asked["context"],
        algorithm=algorithm,
        frame_length=asked["frameLength"],
    )
    print(json.dumps({"ciphertext": base64.b64encode(ciphertext).decode("ascii")}))
else:
    client = aws_encryption_sdk.EncryptionSDKClient(
        commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
    )
    plaintext, header = client.decrypt(
        source=base64.b64decode(asked["ciphertext"]), key_provider=provider
    )
    print(json.dumps({"text": plaintext.decode("utf-8"), "context": header.encryption_context}))
