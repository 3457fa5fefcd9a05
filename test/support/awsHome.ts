/** A temporary HOME with AWS config files, as a developer's machine has. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface AwsHome {
  /** Text of `~/.aws/config`. */
  readonly config?: string;
  /** Text of `~/.aws/credentials`. */
  readonly credentials?: string;
}

export function writeAwsHome(home: string, { config, credentials }: AwsHome): void {
  mkdirSync(join(home, ".aws"), { recursive: true });
  if (config !== undefined) writeFileSync(join(home, ".aws", "config"), config);
  if (credentials !== undefined) writeFileSync(join(home, ".aws", "credentials"), credentials);
}
