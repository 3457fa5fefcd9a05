/** Test Key Access against moto, a KMS that knows no dry runs, and an STS that is not ours. */
import assert from "node:assert/strict";
import { resolveConnection } from "../../src/aws/connection";
import { Aws } from "../../src/aws/main";
import { toKmsSelectionError } from "../../src/core/errors";
import {
  doneForReal,
  testedOperations,
  verdictOf,
  type Answer,
  type KeyAccess,
  type TestedOperation,
} from "../../src/core/keyAccess";
import { useHome } from "../unit/aws/home";
import { REGION, startMoto } from "./emulators";
import { findPython } from "./python";
import { type Server, withKeys } from "./worlds";

const found = findPython();
if ("missing" in found) console.log(`  Key access with moto is left out: ${found.missing}`);
else defineSuite(found.python);

function defineSuite(python: string): void {
  suite("key access, the KMS being moto", function () {
    this.timeout(60_000);
    const home = useHome();
    const signal = new AbortController().signal;
    let server: Server;
    let aws: Aws;
    suiteSetup(async () => {
      server = await withKeys(startMoto(python), ["app"]);
      aws = new Aws(() => assert.fail("a code was asked for"));
    });
    suiteTeardown(async () => {
      aws.dispose();
      await server.close();
    });
    setup(() => {
      home.config(`[profile a]\nendpoint_url = ${server.url}\n`);
      home.credentials("[a]\naws_access_key_id = AKIAMOTO\naws_secret_access_key = x\n");
    });
    const connect = () => resolveConnection({ keyId: "alias/app", profile: "a", region: REGION });

    test("nothing is claimed of what it does for real, nor of what it does not understand", async () => {
      const kms = aws.kms(await connect(), () => undefined);
      const answer = async (operation: TestedOperation): Promise<Answer> => {
        if (operation === "DescribeKey")
          return kms.describeKey("alias/app", signal).then(() => "would-succeed");
        return kms.dryRun(operation, "alias/app", { identity: "alice" }, signal).catch(toKmsSelectionError);
      };
      const operations = testedOperations(undefined);
      const answers = Object.fromEntries(
        await Promise.all(operations.map(async (each) => [each, await answer(each)] as const)),
      ) as Record<TestedOperation, Answer>;
      const access: KeyAccess = {
        keyId: "alias/app",
        identity: "alice",
        context: { identity: "alice" },
        metadata: undefined,
        rotation: undefined,
        profiles: [{ direction: undefined, profile: "a", caller: undefined, answers }],
      };
      assert.deepEqual(doneForReal(access), ["Encrypt", "GenerateDataKey"]);
      const verdicts = operations.map((each) => [each, verdictOf(access, each, answers[each]).kind]);
      assert.deepEqual(verdicts, [
        ["Encrypt", "not-known"],
        ["GenerateDataKey", "not-known"],
        ["Decrypt", "not-known"],
        ["ReEncrypt", "not-known"],
        ["DescribeKey", "allowed"],
      ]);
    });

    test("its STS tells the caller", async () => {
      const { arn, account } = await aws.caller(await connect(), signal);
      assert.match(arn, /^arn:aws:(?:iam|sts)::\d{12}:/);
      assert.match(account, /^\d{12}$/);
    });
  });
}
