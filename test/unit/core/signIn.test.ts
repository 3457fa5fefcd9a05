/** How operations wait for a sign-in: one question, whatever becomes of it. */
import assert from "node:assert/strict";
import { KmsSelectionError, type Failure } from "../../../src/core/errors";
import {
  signInArguments,
  signInCommand,
  SignIns,
  type SignInSession,
  type Turn,
} from "../../../src/core/signIn";
import { assertCode, rejectedBy } from "./failures";

const SESSION: SignInSession = { kind: "sso", profile: "my dev", cacheFile: "/cache/a.json" };
const EXPIRED = new KmsSelectionError({ code: "credentials-expired", signIn: "sso" });
const COMMAND = "aws sso login --profile my dev";

/** A window in which the person answers, and commands end, as told; what is not told does not happen. */
class FakeWindow {
  readonly asked: Failure[] = [];
  readonly runs: SignInSession[] = [];
  signedIn = false;
  turns = 0;
  released = false;
  /** Until it settles another window asks. */
  turnBefore: Promise<void> | undefined;
  changed: (() => void) | undefined;
  watching = false;
  private readonly answers: (boolean | undefined)[];
  private readonly ends: (number | undefined | KmsSelectionError)[];

  constructor(answers: (boolean | undefined)[], ends: (number | undefined | KmsSelectionError)[] = []) {
    this.answers = answers;
    this.ends = ends;
  }

  async turn(): Promise<Turn> {
    this.turns++;
    await this.turnBefore;
    return {
      hasWaited: this.turnBefore !== undefined,
      release: () => Promise.resolve(void (this.released = true)),
    };
  }

  ask(error: KmsSelectionError): Promise<boolean> {
    this.asked.push(error.failure);
    const answer = this.answers.shift();
    return answer === undefined ? new Promise(() => undefined) : Promise.resolve(answer);
  }

  run(session: SignInSession): Promise<number | undefined> {
    this.runs.push(session);
    if (this.ends.length === 0) return new Promise(() => undefined);
    const end = this.ends.shift();
    if (end instanceof KmsSelectionError) return Promise.reject(end);
    if (end === 0) this.signedIn = true;
    return Promise.resolve(end);
  }

  watch(file: string, changed: () => void, signal: AbortSignal): void {
    assert.equal(file, SESSION.cacheFile);
    this.changed = changed;
    this.watching = true;
    signal.addEventListener("abort", () => (this.watching = false));
  }

  isSignedIn(): Promise<boolean> {
    return Promise.resolve(this.signedIn);
  }
}

suite("Signing in", () => {
  const renew = (window: FakeWindow): Promise<void> => new SignIns().renew(SESSION, EXPIRED, window);

  test("the command names the profile, as an argument of its own", () => {
    assert.deepEqual(signInArguments(SESSION), ["sso", "login", "--profile", "my dev"]);
    assert.deepEqual(signInArguments({ ...SESSION, kind: "login" }), ["login", "--profile", "my dev"]);
    assert.equal(signInCommand(SESSION), COMMAND);
  });

  test("a command that ends with 0 and leaves credentials is a sign-in", async () => {
    const window = new FakeWindow([true], [0]);
    await renew(window);
    assert.deepEqual(window.asked, [EXPIRED.failure]);
    assert.deepEqual(window.runs, [SESSION]);
    assert.equal(window.watching, false);
  });

  for (const [title, end, exitCode] of [
    ["a terminal that is closed", undefined, {}],
    ["a command that fails", 255, { exitCode: 255 }],
  ] as const) {
    test(`${title} is told once, with another try`, async () => {
      const window = new FakeWindow([true, true], [end, 0]);
      await renew(window);
      assert.deepEqual(window.asked, [
        EXPIRED.failure,
        { code: "sign-in-failed", command: COMMAND, ...exitCode },
      ]);
    });

    test(`${title}, and the person has had enough: cancelled`, async () => {
      const window = new FakeWindow([true, false], [end]);
      assertCode(await rejectedBy(renew(window)), "cancelled");
      assert.equal(window.asked.length, 2);
      assert.equal(window.watching, false);
    });
  }

  test("a command that ends with 0 and leaves no credentials is told", async () => {
    const window = new FakeWindow([true, false], [0]);
    window.isSignedIn = () => Promise.resolve(false);
    assertCode(await rejectedBy(renew(window)), "cancelled");
    assert.deepEqual(window.asked[1], { code: "sign-in-failed", command: COMMAND, exitCode: 0 });
  });

  test("without the AWS CLI it is told, with another try", async () => {
    const missing = new KmsSelectionError({ code: "aws-cli-missing", command: COMMAND });
    const window = new FakeWindow([true, true], [missing, 0]);
    await renew(window);
    assert.deepEqual(window.asked, [EXPIRED.failure, missing.failure]);
  });

  test("what else the terminal fails with ends it", async () => {
    const cancelled = new KmsSelectionError({ code: "cancelled" });
    assertCode(await rejectedBy(renew(new FakeWindow([true], [cancelled]))), "cancelled");
  });

  for (const [title, answers] of [
    ["while the question is open", []],
    ["while the command runs", [true]],
  ] as const) {
    test(`a sign-in elsewhere counts, ${title}`, async () => {
      const window = new FakeWindow([...answers]);
      const renewed = renew(window);
      await Promise.resolve();
      // Half a file.
      window.changed?.();
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(window.watching, true);
      window.signedIn = true;
      window.changed?.();
      await renewed;
      assert.equal(window.watching, false);
    });
  }

  test("five operations ask once; after that a new question is asked", async () => {
    const signIns = new SignIns();
    const window = new FakeWindow([true, false], [0]);
    await Promise.all([1, 2, 3, 4, 5].map(() => signIns.renew(SESSION, EXPIRED, window)));
    assert.equal(window.asked.length, 1);
    assertCode(await rejectedBy(signIns.renew(SESSION, EXPIRED, window)), "cancelled");
    assert.equal(window.asked.length, 2);
  });

  test("five operations whose question is dismissed are cancelled together", async () => {
    const signIns = new SignIns();
    const window = new FakeWindow([false]);
    const all = [1, 2, 3, 4, 5].map(() => rejectedBy(signIns.renew(SESSION, EXPIRED, window)));
    for (const error of await Promise.all(all)) assertCode(error, "cancelled");
    assert.equal(window.asked.length, 1);
  });

  suite("in one of several windows", () => {
    const ticks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

    test("asks when its turn has come, and releases it when the person has answered", async () => {
      const window = new FakeWindow([true], [0]);
      let come = (): void => undefined;
      window.turnBefore = new Promise((resolve) => (come = resolve));
      const renewed = renew(window);
      await ticks();
      assert.deepEqual([window.turns, window.asked.length], [1, 0]);
      come();
      await renewed;
      assert.deepEqual([window.asked.length, window.released], [1, true]);
    });

    test("asks nothing when the person has signed in at the other one", async () => {
      const window = new FakeWindow([]);
      window.turnBefore = Promise.resolve();
      window.signedIn = true;
      await renew(window);
      assert.deepEqual([window.asked.length, window.released], [0, true]);
    });

    test("releases its turn when the question is answered by a sign-in elsewhere, though it stands there", async () => {
      const window = new FakeWindow([]);
      const renewed = renew(window);
      await ticks();
      assert.deepEqual([window.asked.length, window.released], [1, false]);
      window.signedIn = true;
      window.changed?.();
      await renewed;
      assert.equal(window.released, true);
    });
  });

  test("another session has a question of its own", async () => {
    const signIns = new SignIns();
    const window = new FakeWindow([true, true], [0, 0]);
    window.watch = () => undefined;
    await Promise.all([
      signIns.renew(SESSION, EXPIRED, window),
      signIns.renew({ ...SESSION, cacheFile: "/cache/b.json" }, EXPIRED, window),
    ]);
    assert.equal(window.asked.length, 2);
  });
});
