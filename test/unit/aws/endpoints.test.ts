/** Each service has its own endpoint; KMS's are tested with its connection. */
import assert from "node:assert/strict";
import { resolveConnection } from "../../../src/aws/connection";
import { endpointOf } from "../../../src/aws/endpoints";
import { useHome } from "./home";

suite("The endpoint of STS", () => {
  const home = useHome();
  const services = [
    "[services local]",
    "kms =\n  endpoint_url = http://127.0.0.1:1",
    "sts =\n  endpoint_url = http://127.0.0.1:2",
    "[profile a]\nregion = x\nservices = local\nendpoint_url = http://127.0.0.1:3\n",
  ].join("\n");

  async function endpoint(config: string): Promise<string | undefined> {
    home.config(config);
    return endpointOf("sts", await resolveConnection({ keyId: "", profile: "a", region: "x" }))?.url;
  }

  test("is that of the services section that the profile names", async () => {
    assert.equal(await endpoint(services), "http://127.0.0.1:2");
  });

  test("is that of the profile when the services section names none", async () => {
    assert.equal(await endpoint(services.replace("sts =", "s3 =")), "http://127.0.0.1:3");
  });

  test("is AWS_ENDPOINT_URL_STS before all, and never that of KMS", async () => {
    process.env.AWS_ENDPOINT_URL_KMS = "http://127.0.0.1:4";
    assert.equal(await endpoint(services), "http://127.0.0.1:2");
    process.env.AWS_ENDPOINT_URL_STS = "http://127.0.0.1:5";
    assert.equal(await endpoint(services), "http://127.0.0.1:5");
  });

  test("is AWS's own when nothing names another", async () => {
    assert.equal(await endpoint("[profile a]\nregion = x\n"), undefined);
  });
});
