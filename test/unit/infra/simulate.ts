/** How IAM decides a request, by the caller's policies and the one of the resource. */
import assert from "node:assert/strict";
import {
  createValidatedPolicy,
  validateIdentityPolicy,
  validateResourcePolicy,
} from "@cloud-copilot/iam-policy";
import { runUnsafeSimulation } from "@cloud-copilot/iam-simulate";
import { account, type Policy } from "./keyStack";

export type Decision = "allowed" | "denied";

export interface IamRequest {
  readonly principal: string;
  readonly action: string;
  /** ARN; "*" for an action that knows no resources. */
  readonly resource: string;
  readonly context: Record<string, string | string[]>;
  readonly identityPolicies: readonly Policy[];
  readonly resourcePolicy?: Policy | undefined;
}

export function simulate(request: IamRequest): Decision {
  const { principal, action, resource, context } = request;
  const identityPolicies = request.identityPolicies.map((policy, index) => {
    assert.deepEqual(validateIdentityPolicy(policy), []);
    return { name: `policy ${index}`, policy };
  });
  // With its name, without which the evaluation breaks off.
  const resourcePolicy =
    request.resourcePolicy &&
    createValidatedPolicy(request.resourcePolicy, validateResourcePolicy, { name: "resource policy" });
  assert.deepEqual(resourcePolicy?.errors ?? [], []);
  // The checked entry point would drop kms:EncryptionContext:… from the request.
  const result = runUnsafeSimulation(
    {
      request: {
        principal,
        action,
        resource: { resource, accountId: account },
        contextVariables: context,
      },
      identityPolicies,
      resourcePolicy,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  return result === "Allowed" ? "allowed" : "denied";
}

export const everything: Policy = {
  Version: "2012-10-17",
  Statement: [{ Sid: "Everything", Effect: "Allow", Action: "*", Resource: "*" }],
};
