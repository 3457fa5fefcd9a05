/** What may be a recovery key, and what must not. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync, randomUUID, type KeyObject } from "node:crypto";
import { loadRecoveryKey } from "../../../src/aws/recoveryKey";
import { rejectedBy } from "../core/failures";
import { useHome } from "./home";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const toPem = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();
const PEM = toPem(publicKey);

suite("A recovery key", () => {
  const home = useHome();

  test("its fingerprint is the SHA-256 of its DER, as OpenSSL tells it", async () => {
    const file = home.write("recovery.pem", PEM);
    const der = execFileSync("openssl", ["pkey", "-pubin", "-in", file, "-outform", "DER"]);
    const digest = execFileSync("openssl", ["dgst", "-sha256", "-r"], { input: der, encoding: "utf8" });
    assert.equal((await loadRecoveryKey(PEM)).fingerprint, digest.split(" ")[0]);
  });

  test("from text, from a file, from the home folder, and in the older form of PEM: the same", async () => {
    const expected = await loadRecoveryKey(PEM);
    assert.equal(expected.publicKey, PEM);
    const older = publicKey.export({ type: "pkcs1", format: "pem" }).toString();
    const file = home.write("keys/recovery.pem", `\n${PEM}\n`);
    for (const setting of [PEM.trim(), older, file, "~/keys/recovery.pem"]) {
      assert.deepEqual(await loadRecoveryKey(setting), expected);
    }
  });

  const refused: [title: string, setting: () => string, reason: RegExp][] = [
    [
      "a private key",
      () => privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      /private key.*offline/,
    ],
    [
      "a private key in the older form",
      () => privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
      /private key/,
    ],
    [
      "a private key that is encrypted",
      () =>
        privateKey
          .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: randomUUID() })
          .toString(),
      /private key/,
    ],
    [
      "a private key in a file, behind the public one",
      () => home.write("both.pem", PEM + privateKey.export({ type: "pkcs8", format: "pem" }).toString()),
      /private key/,
    ],
    [
      "an elliptic curve",
      () => toPem(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey),
      /RSA key of at least 2048 bits/,
    ],
    [
      "RSA for signatures alone",
      () => toPem(generateKeyPairSync("rsa-pss", { modulusLength: 2048 }).publicKey),
      /RSA key/,
    ],
    [
      "a short RSA key",
      () => toPem(generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey),
      /at least 2048 bits/,
    ],
    [
      "what is no key",
      () => "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
      /public key in PEM/,
    ],
    [
      "a certificate",
      () => "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
      /public key in PEM/,
    ],
    ["a file of something else", () => home.write("notes.txt", "hello"), /public key in PEM/],
    ["a relative path", () => "recovery.pem", /begins with \/ or ~\//],
    ["a file that is not there", () => "~/nowhere.pem", /nowhere\.pem cannot be read: ENOENT/],
    ["a folder", () => home.path, /cannot be read: EISDIR/],
  ];
  for (const [title, setting, reason] of refused) {
    test(`not: ${title}`, async () => {
      const { failure } = await rejectedBy(loadRecoveryKey(setting()));
      assert.ok(failure.code === "setting-invalid");
      assert.equal(failure.setting, "kmsSelection.recoveryPublicKey");
      assert.match(failure.reason, reason);
    });
  }
});
