"""Encrypts texts one after the other, as a script would; prints the milliseconds without the start of Python."""
import json
import sys
import time

import boto3

given = json.loads(sys.argv[1])
kms = boto3.client(
    "kms",
    endpoint_url=given["endpoint"],
    region_name=given["region"],
    aws_access_key_id="AKIATEST",
    aws_secret_access_key="secret",
)
started = time.perf_counter()
for number in range(given["count"]):
    kms.encrypt(KeyId=given["key"], Plaintext=f"secret {number}".encode(), EncryptionContext=given["context"])
print(json.dumps({"milliseconds": (time.perf_counter() - started) * 1000}))
