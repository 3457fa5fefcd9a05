/** A program `aws` that signs in as the real one does, without asking anybody: it writes the session's token. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface FakeAwsCli {
  /** The folder for PATH. */
  readonly folder: string;
  /** Runs it, as a terminal of VS Code or the person would. */
  run(...args: string[]): void;
}

/** `sessions`: what each profile's session is named in the cache: an sso-session, a start URL or a login session. */
export function writeFakeAwsCli(folder: string, home: string, sessions: Record<string, string>): FakeAwsCli {
  const file = join(folder, "aws");
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `#!${process.execPath}\n${SCRIPT.replace("SESSIONS", JSON.stringify(sessions))}`);
  chmodSync(file, 0o755);
  return {
    folder,
    run: (...args) => {
      execFileSync(file, args, { env: { HOME: home } });
    },
  };
}

/** The cache file of an SSO session: https://docs.aws.amazon.com/sdkref/latest/guide/understanding-auth-sso.html */
export function ssoCacheFile(home: string, session: string): string {
  return join(home, ".aws", "sso", "cache", `${createHash("sha1").update(session).digest("hex")}.json`);
}

/** The access token that a sign-in with it gives. */
export const SIGNED_IN = "canary-access-token-7f3a";

const SCRIPT = `
const { createHash } = require("node:crypto");
const { mkdirSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const [command, login, option, profile] = process.argv.slice(2);
const session = SESSIONS[profile];
if (command !== "sso" || login !== "login" || option !== "--profile" || session === undefined) process.exit(252);
const file = join(process.env.HOME, ".aws/sso/cache", createHash("sha1").update(session).digest("hex") + ".json");
mkdirSync(dirname(file), { recursive: true });
const token = {
  startUrl: "https://loopback.awsapps.com/start", region: "us-east-2",
  accessToken: "${SIGNED_IN}", expiresAt: new Date(Date.now() + 8 * 3600e3).toISOString(),
  clientId: "client", clientSecret: "secret", registrationExpiresAt: new Date(Date.now() + 90 * 86400e3).toISOString(),
  refreshToken: "canary-refresh-token-7f3a",
};
writeFileSync(file, JSON.stringify(token));
`;
