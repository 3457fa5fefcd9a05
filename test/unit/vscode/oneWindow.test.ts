/** Windows that take turns by a file that they share. */
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { takeTurn } from "../../../src/vscode/oneWindow";
import { temporaryFolder } from "../../host/paths";
import { assertCode, rejectedBy } from "../core/failures";

const never = new AbortController().signal;

suite("Turns of windows", () => {
  const work = temporaryFolder();
  suiteTeardown(() => {
    work.remove();
  });
  let files = 0;
  let file = "";
  setup(() => {
    file = join(work.path, "sign-ins", String(++files));
  });

  const take = (cancelled = never) => takeTurn(file, (wait) => wait(cancelled));

  test("the first has it at once", async () => {
    const { hasWaited, release } = await take();
    assert.equal(hasWaited, false);
    assert.ok(existsSync(file));
    await release();
    assert.ok(!existsSync(file));
  });

  test("one after the other, and each knows that it has waited", async () => {
    const events: string[] = [];
    const first = await take();
    const waiting: Promise<void>[] = [];
    const others = ["second", "third"].map(async () => {
      let begins = (): void => undefined;
      waiting.push(new Promise((resolve) => (begins = resolve)));
      const { hasWaited, release } = await takeTurn(file, (wait) => {
        begins();
        return wait(never);
      });
      assert.ok(hasWaited);
      events.push("taken");
      await new Promise((resolve) => setImmediate(resolve));
      events.push("released");
      await release();
    });
    await Promise.all(waiting);
    events.push("released by the first");
    await first.release();
    await Promise.all(others);
    assert.deepEqual(events, ["released by the first", "taken", "released", "taken", "released"]);
  });

  test("released twice, it is the next one's all the same", async () => {
    const first = await take();
    await first.release();
    const second = await take();
    await first.release();
    assert.ok(existsSync(file));
    await second.release();
  });

  test("who is cancelled while waiting has none", async () => {
    const { release } = await take();
    const controller = new AbortController();
    const waiting = rejectedBy(take(controller.signal));
    controller.abort();
    assertCode(await waiting, "cancelled");
    assert.ok(existsSync(file));
    await release();
  });

  test("that of a window that is gone is over after some seconds; one that is alive keeps it", async function () {
    this.timeout(30_000);
    const alive = await take();
    const gone = join(work.path, "sign-ins", "gone");
    writeFileSync(gone, "");
    const controller = new AbortController();
    const waiting = rejectedBy(take(controller.signal));
    const { hasWaited, release } = await takeTurn(gone, (wait) => wait(never));
    assert.ok(hasWaited);
    assert.ok(existsSync(file));
    controller.abort();
    assertCode(await waiting, "cancelled");
    await Promise.all([alive.release(), release()]);
  });

  test("where no file can be made, nobody waits", async () => {
    writeFileSync(join(work.path, "no-folder"), "");
    const { hasWaited } = await takeTurn(join(work.path, "no-folder", "x"), () => assert.fail("it waited"));
    assert.equal(hasWaited, false);
  });
});
