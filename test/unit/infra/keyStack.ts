/** The stack of infra.yaml as it would be in an account that does not exist. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../host/paths";
import {
  type Mapping,
  parseTemplate,
  resolveTemplate,
  type Stack,
  type Value,
} from "../../support/cloudFormation";

export const account = "111122223333";
export const region = "us-east-2";
export const keyArn = `arn:aws:kms:${region}:${account}:key/mrk-1`;

const read = (name: string) => parseTemplate(readFileSync(join(root, name), "utf8"));
export const keyTemplate = read("infra.yaml");
export const replicaTemplate = read("infra-replica.yaml");

export const replicaRegion = "eu-west-1";
export const replicaArn = keyArn.replace(region, replicaRegion);

/** Stands for a secret access key: whatever shows it shows the secret. */
export const secretAccessKey = "SECRET-ACCESS-KEY";

const physical: Record<string, string> = {
  "AWS::AccountId": account,
  "AWS::Partition": "aws",
  "AWS::Region": region,
  "AWS::StackName": "our-stack",
  Key: "mrk-1",
  "Key.Arn": keyArn,
  Alias: "alias/kms-selection",
  EncryptGroup: "our-stack-EncryptGroup-1",
  DecryptGroup: "our-stack-DecryptGroup-1",
  EncryptPolicy: `arn:aws:iam::${account}:policy/our-stack-EncryptPolicy-1`,
  DecryptPolicy: `arn:aws:iam::${account}:policy/our-stack-DecryptPolicy-1`,
  EncryptorUser: "our-stack-EncryptorUser-1",
  DecryptorUser: "our-stack-DecryptorUser-1",
  EncryptorAccessKey: "AKIA-ENCRYPTOR",
  DecryptorAccessKey: "AKIA-DECRYPTOR",
  "EncryptorAccessKey.SecretAccessKey": secretAccessKey,
  "DecryptorAccessKey.SecretAccessKey": secretAccessKey,
  EncryptorSecret: `arn:aws:secretsmanager:${region}:${account}:secret:EncryptorSecret-1`,
  DecryptorSecret: `arn:aws:secretsmanager:${region}:${account}:secret:DecryptorSecret-1`,
};

export function keyStack(parameters: Record<string, string> = {}): Stack {
  return resolveTemplate(keyTemplate, parameters, physical);
}

/** The stack of infra-replica.yaml in a second Region. */
export function replicaStack(parameters: Record<string, string> = {}): Stack {
  return resolveTemplate(
    replicaTemplate,
    { PrimaryKeyArn: keyArn, ...parameters },
    {
      ...physical,
      "AWS::Region": replicaRegion,
      "AWS::StackName": "our-replica",
      "Key.Arn": replicaArn,
    },
  );
}

export function propertiesOf(stack: Stack, name: string): Mapping {
  const resource = stack.resources[name];
  if (!resource) throw new Error(`The stack has no ${name}`);
  return resource.properties;
}

export interface Statement {
  Sid: string;
  Effect: string;
  Principal?: Value;
  Action: string[] | string;
  Resource: string;
  Condition?: Record<string, Record<string, Value>>;
}

export interface Policy {
  Version: string;
  Statement: Statement[];
}

/** Of a key, whose policy is JSON in a string. */
export function keyPolicyOf(stack: Stack): Policy {
  return JSON.parse(propertiesOf(stack, "Key").KeyPolicy as string) as Policy;
}

export function managedPolicyOf(stack: Stack, name: string): Policy {
  return propertiesOf(stack, name).PolicyDocument as unknown as Policy;
}
