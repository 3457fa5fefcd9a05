/** Of whom it is said that somebody else's name is used, and of whom it is not. */
import assert from "node:assert/strict";
import { isClaim, otherPerson } from "../../../src/core/claimedIdentity";
import type { Origin } from "../../../src/core/target";

const USER = "arn:aws:iam::111122223333:user";
const SSO = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Developers_0123456789abcdef";
const ROLE = "arn:aws:sts::111122223333:assumed-role/App";

interface Case {
  readonly identity: string;
  readonly arn: string;
  readonly origin?: Origin;
  readonly identities?: readonly string[];
  /** The name that is told. */
  readonly told?: string;
  readonly sandbox?: boolean;
}

const cases: readonly Case[] = [
  // Another person
  { identity: "alice", arn: `${USER}/bob`, told: "bob" },
  { identity: "alice", arn: `${USER}/staff/europe/bob`, told: "bob" },
  { identity: "alice", arn: `${SSO}/bob@example.com`, told: "bob@example.com" },
  { identity: "alice", arn: `${SSO}/bob`, told: "bob" },
  { identity: "alice", arn: `${ROLE}/bob@example.com`, told: "bob@example.com" },
  { identity: "alice@example.com", arn: `${USER}/bob`, told: "bob" },
  { identity: "alice", arn: "arn:aws:sts::111122223333:federated-user/bob", told: "bob" },
  { identity: "alice", arn: "arn:aws-cn:iam::111122223333:user/bob", told: "bob" },
  { identity: "Łucja", arn: `${USER}/Zoë`, told: "Zoë" },
  // Another identity that is configured, whatever it is called
  { identity: "alice", arn: `${ROLE}/bob`, identities: ["alice", "bob"], told: "bob" },
  { identity: "alice", arn: `${USER}/deploy`, identities: ["deploy"], told: "deploy" },
  { identity: "alice", arn: `${USER}/bob`, origin: "default", identities: ["bob"], told: "bob" },
  { identity: "alice", arn: `${SSO}/bob@example.com`, identities: ["Bob"], told: "bob@example.com" },
  // The same person
  { identity: "alice", arn: `${USER}/alice`, identities: ["alice", "bob"] },
  { identity: "alice", arn: `${USER}/Alice` },
  { identity: "alice", arn: `${SSO}/alice@example.com` },
  { identity: "alice", arn: `${SSO}/alice.smith@example.com` },
  { identity: "alice.smith", arn: `${USER}/asmith` },
  { identity: "asmith", arn: `${SSO}/alice.smith@example.com` },
  { identity: "alice@example.com", arn: `${USER}/alice` },
  // Nobody's name
  { identity: "deploy", arn: `${USER}/alice`, identities: ["alice"] },
  { identity: "deploy", arn: `${USER}/bob` },
  { identity: "team-payments", arn: `${USER}/bob` },
  { identity: "prod", arn: `${SSO}/bob@example.com` },
  { identity: "customer42", arn: `${USER}/bob` },
  { identity: "1", arn: `${USER}/bob` },
  { identity: "alice-dev", arn: `${USER}/bob`, origin: "default" },
  { identity: "alice", arn: `${USER}/bob`, origin: "default" },
  // Nobody in particular calls
  { identity: "alice", arn: `${USER}/kms-selection-Encryptor-1A2B3C` },
  { identity: "alice", arn: `${USER}/kms-poc-encryptor` },
  { identity: "alice", arn: `${USER}/ci` },
  { identity: "alice", arn: `${ROLE}/botocore-session-1700000000` },
  { identity: "alice", arn: `${ROLE}/aws-sdk-js-1700000000000` },
  { identity: "alice", arn: `${ROLE}/i-0123456789abcdef0` },
  { identity: "alice", arn: `${ROLE}/GitHubActions` },
  { identity: "alice", arn: "arn:aws:iam::111122223333:root" },
  { identity: "alice", arn: "" },
  // Nobody's
  { identity: "alice", arn: `${USER}/bob`, sandbox: true },
];

suite("You are who you claim", () => {
  for (const { identity, arn, origin = "user", identities = [], told, sandbox = false } of cases) {
    const where = [origin === "user" ? "" : origin, identities.join("+"), sandbox ? "sandbox" : ""];
    const title = `${identity}, ${arn || "no ARN"}${where
      .filter(Boolean)
      .map((each) => `, ${each}`)
      .join("")}`;
    test(`${title}: ${told === undefined ? "nothing is said" : `it is ${told}`}`, () => {
      const target = { identity: { value: identity, origin }, sandbox };
      const settings = {
        identities: {
          value: Object.fromEntries(identities.map((name) => [name, {}])),
          scope: "user" as const,
        },
      };
      assert.equal(otherPerson(target, settings, { arn }), told);
      // Whoever is not asked about is never told of.
      if (told !== undefined) assert.equal(isClaim(target, settings), true);
    });
  }

  test("nobody is asked who calls when the answer cannot matter", () => {
    const settings = (names: readonly string[]) => ({
      identities: { value: Object.fromEntries(names.map((name) => [name, {}])), scope: "user" as const },
    });
    const target = (value: string, origin: Origin, sandbox = false) => ({
      identity: { value, origin },
      sandbox,
    });
    assert.equal(isClaim(target("default", "default"), settings([])), false);
    assert.equal(isClaim(target("deploy", "user"), settings(["deploy"])), false);
    assert.equal(isClaim(target("alice", "user", true), settings(["bob"])), false);
    assert.equal(isClaim(target("alice", "user"), settings([])), true);
    assert.equal(isClaim(target("deploy", "user"), settings(["bob"])), false);
  });
});
