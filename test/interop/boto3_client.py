"""Encrypts or decrypts with boto3, as the proof of concept did: ASCII text, base64, one context.

Takes one JSON argument: endpoint, region, keyId, context, and either message or ciphertext.
Prints JSON: ciphertext or message, or the error that KMS answered with.
"""

import base64
import json
import sys

import boto3
from botocore.exceptions import ClientError

asked = json.loads(sys.argv[1])
kms = boto3.client(
    "kms",
    endpoint_url=asked["endpoint"],
    region_name=asked["region"],
    aws_access_key_id="AKIATEST",
    aws_secret_access_key="secret",
)
try:
    if "message" in asked:
        answer = kms.encrypt(
            KeyId=asked["keyId"],
            Plaintext=asked["message"].encode("ascii"),
            EncryptionContext=asked["context"],
        )
        print(json.dumps({"ciphertext": base64.b64encode(answer["CiphertextBlob"]).decode("ascii")}))
    else:
        answer = kms.decrypt(
            KeyId=asked["keyId"],
            CiphertextBlob=base64.b64decode(asked["ciphertext"]),
            EncryptionContext=asked["context"],
        )
        print(json.dumps({"message": answer["Plaintext"].decode("ascii")}))
except ClientError as error:
    print(json.dumps({"error": error.response["Error"]["Code"]}))
