/** That infra-replica.yaml puts the same key, under the same rules, into another Region. */
import assert from "node:assert/strict";
import {
  keyArn,
  keyPolicyOf,
  keyStack,
  keyTemplate,
  propertiesOf,
  replicaArn,
  replicaRegion,
  replicaStack,
  replicaTemplate,
} from "./keyStack";

suite("infra-replica.yaml", () => {
  test("makes a replica of the key, which stays when the stack goes", () => {
    const { type, properties } = replicaStack().resources.Key!;
    assert.equal(type, "AWS::KMS::ReplicaKey");
    assert.equal(properties.PrimaryKeyArn, keyArn);
    const { DeletionPolicy, UpdateReplacePolicy } = replicaTemplate.Resources.Key!;
    assert.deepEqual([DeletionPolicy, UpdateReplacePolicy], ["Retain", "Retain"]);
  });

  const given: Record<string, string>[] = [{}, { EnforceIdentity: "false" }, { ContextKey: "user_id" }];
  for (const parameters of given)
    test(`has the key policy of the first stack with ${JSON.stringify(parameters)}`, () => {
      assert.deepEqual(keyPolicyOf(replicaStack(parameters)), keyPolicyOf(keyStack(parameters)));
    });

  test("has the alias of the first stack", () => {
    for (const parameters of [{}, { AliasName: "alias/app" }] as Record<string, string>[])
      assert.equal(
        propertiesOf(replicaStack(parameters), "Alias").AliasName,
        propertiesOf(keyStack(parameters), "Alias").AliasName,
      );
  });

  test("takes the parameters that both share with the same defaults and limits", () => {
    for (const [name, { Description, ...rules }] of Object.entries(replicaTemplate.Parameters)) {
      const ours = keyTemplate.Parameters[name];
      assert.ok(Description);
      if (ours) assert.deepEqual({ ...rules, Description: ours.Description }, ours);
    }
    assert.deepEqual(
      Object.keys(replicaTemplate.Parameters).filter((name) => !(name in keyTemplate.Parameters)),
      ["PrimaryKeyArn"],
    );
  });

  test("says where the replica is", () => {
    const { KeyArn, Region } = replicaStack().outputs;
    assert.deepEqual(KeyArn, { value: replicaArn, exportName: "our-replica-KeyArn" });
    assert.deepEqual(Region, { value: replicaRegion, exportName: "our-replica-Region" });
  });
});
