/** Pythons with other people's KMS servers and clients at fixed versions. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type PythonOrNone, pythonWith } from "../support/python";

export const VERSIONS = {
  moto: "5.2.5",
  ministack: "1.5.33",
  boto3: "1.44.5",
  encryptionSdk: "4.0.7",
  /** The newest that runs on Python 3.11. */
  localstack: "4.7.0",
  /** The AWS CLI that PyPI has is version 1. */
  awsCli: "1.46.3",
} as const;

/** flask and flask-cors are what moto's server needs of its `server` extra for KMS. */
export const findPython = (): PythonOrNone =>
  pythonWith([
    `moto==${VERSIONS.moto}`,
    `boto3==${VERSIONS.boto3}`,
    "flask==3.1.3",
    "flask-cors==6.0.5",
    `aws-encryption-sdk==${VERSIONS.encryptionSdk}`,
  ]);

/** These two are apart, because they ask for other versions of the same packages. */
export const findMiniStack = (): PythonOrNone =>
  pythonWith([`ministack==${VERSIONS.ministack}`, "cryptography==46.0.5"]);

/** With what it asks for in no version, or in one that came later and no longer fits. */
export const findLocalStack = (): PythonOrNone =>
  pythonWith([
    `localstack-core[runtime]==${VERSIONS.localstack}`,
    "cbor2==5.7.1",
    "cryptography==45.0.7",
    "pyopenssl==25.1.0",
    "service-identity==24.2.0",
    "idna==3.20",
  ]);

export const findAwsCli = (): PythonOrNone => pythonWith([`awscli==${VERSIONS.awsCli}`]);

/** Nothing of the person's own AWS configuration may reach the clients. */
export const CLIENT_ENV = {
  PATH: process.env.PATH,
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_CONFIG_FILE: "",
  HOME: "/nonexistent",
};

/** Runs a script of test/interop with one JSON argument, and reads the JSON that it prints. */
export async function runScript(python: string, script: string, argument: unknown): Promise<unknown> {
  const { stdout } = await promisify(execFile)(python, [script, JSON.stringify(argument)], {
    encoding: "utf8",
    env: CLIENT_ENV,
  });
  return JSON.parse(stdout);
}
