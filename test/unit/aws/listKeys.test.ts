/** Keys as the picker lists them: the real client, HTTP on loopback, and permissions that lack. */
import assert from "node:assert/strict";
import { KMSClient } from "@aws-sdk/client-kms";
import { localKms } from "../../../src/aws/main";
import type { KeyDescription } from "../../../src/core/keyDescription";
import { APP_KEY_ID, awsErrors, startKmsServer, TEST_REGION, type KmsServer } from "../../support/kmsServer";
import { assertCode, rejectedBy } from "../core/failures";

const never = new AbortController().signal;

suite("List of keys", () => {
  let server: KmsServer;
  let client: KMSClient;

  setup(async () => {
    server = await startKmsServer();
    client = new KMSClient({
      region: TEST_REGION,
      endpoint: server.url,
      credentials: { accessKeyId: "AKIA", secretAccessKey: "x" },
      maxAttempts: 1,
    });
  });

  teardown(async () => {
    client.destroy();
    await server.close();
  });

  async function list(signal = never): Promise<KeyDescription[][]> {
    const lists: KeyDescription[][] = [];
    for await (const keys of localKms(client, () => undefined).listKeys(signal)) lists.push(keys);
    return lists;
  }

  const asked = (operation: string) => server.lookups.filter((request) => request.operation === operation);
  const deny = (...operations: string[]): void => {
    server.restrict((_, operation) =>
      operations.includes(operation) ? awsErrors.accessDenied("a", operation, "*") : undefined,
    );
  };

  test("the names first, then what each key is; a key with two aliases is asked about once", async () => {
    const [names, described] = await list();
    assert.deepEqual(
      names?.map(({ alias, account, metadata }) => [alias, account, metadata]),
      ["app", "disabled", "kms-poc", "mac", "other", "pending-deletion"].map((name) => [
        `alias/${name}`,
        "000000000000",
        undefined,
      ]),
    );
    assert.deepEqual(
      described?.map(({ alias, metadata, rotates }) => [alias, metadata?.KeyState, rotates]),
      [
        ["alias/app", "Enabled", true],
        ["alias/disabled", "Disabled", undefined],
        ["alias/kms-poc", "Enabled", true],
        ["alias/mac", "Enabled", undefined],
        ["alias/other", "Enabled", false],
        ["alias/pending-deletion", "PendingDeletion", undefined],
      ],
    );
    assert.equal(asked("DescribeKey").length, 5);
    assert.equal(asked("GetKeyRotationStatus").length, 2);
  });

  test("all pages; of keys of AWS nothing more is asked", async () => {
    const aliases = Array.from({ length: 250 }, (_, n) => `alias/key-${String(n).padStart(3, "0")}`);
    server.setKeys([
      { keyId: APP_KEY_ID, aliases },
      { keyId: "99999999-9999-4999-8999-999999999999", aliases: ["alias/aws/s3"], manager: "AWS" },
    ]);
    const [, described] = await list();
    assert.deepEqual(
      described?.map(({ alias }) => alias),
      ["alias/aws/s3", ...aliases],
    );
    assert.equal(asked("ListAliases").length, 3);
    assert.equal(asked("DescribeKey").length, 1);
  });

  test("a bounded number of requests at a time", async () => {
    const keys = Array.from({ length: 40 }, (_, n) => ({
      keyId: `11111111-1111-4111-8111-${String(n).padStart(12, "0")}`,
      aliases: [`alias/key-${n}`],
    }));
    server.setKeys(keys);
    let underWay = 0;
    let most = 0;
    server.fail(({ operation, ended }) => {
      if (operation !== "DescribeKey") return undefined;
      most = Math.max(most, ++underWay);
      void ended.then(() => underWay--);
      return { wait: 5 };
    });
    const [, described] = await list();
    assert.equal(
      described?.every(({ metadata }) => metadata !== undefined),
      true,
    );
    assert.equal(most, 8);
    assert.equal(asked("DescribeKey").length, 40);
  });

  test("who may not describe keys still has their names", async () => {
    deny("DescribeKey");
    const [names, described] = await list();
    assert.deepEqual(described, names);
    assert.equal(asked("GetKeyRotationStatus").length, 0);
  });

  test("who may not ask for the rotation has all else", async () => {
    deny("GetKeyRotationStatus");
    const [, described] = await list();
    assert.deepEqual([described?.[0]?.metadata?.KeyState, described?.[0]?.rotates], ["Enabled", undefined]);
  });

  test("who may not list aliases is told so", async () => {
    deny("ListAliases");
    assertCode(await rejectedBy(list()), "access-denied");
  });

  test("ends when it is cancelled, and asks nothing more", async () => {
    const cancelled = new AbortController();
    server.fail(({ operation }) => {
      if (operation !== "DescribeKey") return undefined;
      cancelled.abort();
      return { wait: new Promise(() => undefined) };
    });
    assertCode(await rejectedBy(list(cancelled.signal)), "cancelled");
    assert.ok(asked("DescribeKey").length <= 8);
    assert.equal(asked("GetKeyRotationStatus").length, 0);
  });
});
