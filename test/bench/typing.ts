/**
 * How long a key takes from the keyboard to the screen, in a document of 10 MB with 5,000 tokens: in a window with the
 * extension beside one without, key by key, so that both meet the same machine.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CDPSession, Page } from "playwright-core";
import { type LaunchOptions, launch } from "../host/launch";
import { temporaryFolder } from "../host/paths";
import { openWorkbench } from "../ui/window";
import { Workbench } from "../ui/workbench";
import { median, type Figure } from "./figures";

const TOKENS = 5000;
const SIZE = 10_000_000;
const ROUNDS = 8;
/** Rounds that compile the code, and do not count. */
const WARM_UP = 4;
const KEYS = 30;

/** What a window does with a round of keys. */
interface Round {
  /** Milliseconds from a key to the frame that shows it: the median. */
  readonly latency: number;
  /** Milliseconds that the window's main thread was busy, until it had nothing more to do. */
  readonly work: number;
}

export async function measureTyping(): Promise<Figure[]> {
  const work = temporaryFolder();
  const options = (name: string): LaunchOptions => {
    const folder = join(work.path, name);
    mkdirSync(folder);
    const file = join(folder, "large.env");
    writeFileSync(file, largeText());
    return { folder, file, settings: { "kmsSelection.sandbox": true, "editor.wordWrap": "off" } };
  };
  const bare = new Workbench(await launch({ ...options("bare"), extensionsDir: join(work.path, "none") }));
  const ours = await openWorkbench(options("ours"));
  try {
    for (const { editor } of [bare, ours]) await editor.waitForText(/^SECRET=hunter2\nKEY_0=/);
    const figures = await compare("a key in 10 MB with 5,000 tokens", ours, bare);
    await ours.editor.select("hunter2");
    await ours.runCommand("KMS: Encrypt Selection");
    await ours.editor.waitForText((text) => !text.includes("hunter2"));
    await ours.runCommand("KMS: Decrypt Selection");
    await ours.editor.waitForText((text) => text.includes("hunter2"));
    return [...figures, ...(await compare("a key in 10 MB, where a value is decrypted", ours, bare))];
  } finally {
    await Promise.all([bare, ours].map(({ code }) => code.close()));
    work.remove();
  }
}

async function compare(title: string, ours: Workbench, bare: Workbench): Promise<Figure[]> {
  const own: Round[] = [];
  const base: Round[] = [];
  for (let n = -WARM_UP; n < ROUNDS; n++) {
    // Each is the first one half of the time.
    const first = n % 2 === 0 ? await typeInto(bare) : undefined;
    const round = await typeInto(ours);
    const floor = first ?? (await typeInto(bare));
    if (n < 0) continue;
    own.push(round);
    base.push(floor);
  }
  const figure = (what: string, of: (round: Round) => number): Figure => ({
    title: `${title}: ${what}`,
    floor: "VS Code without the extension",
    unit: "ms",
    own: own.map(of),
    base: base.map(of),
  });
  return [
    { ...figure("until it shows", ({ latency }) => latency), limit: { of: "ratio", most: 1.1 } },
    figure(`work of the window for ${KEYS} keys`, ({ work }) => work),
  ];
}

async function typeInto({ editor, page }: Workbench): Promise<Round> {
  await page.bringToFront();
  await editor.press("Control+Home");
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const before = await busyTime(session);
  const latencies: number[] = [];
  for (let key = 0; key < KEYS; key++) latencies.push(await latencyOf(page, "x"));
  await settled(page);
  const work = (await busyTime(session)) - before;
  await session.detach();
  // The document stays as long as it is.
  await editor.press("Control+Shift+Home");
  await editor.press("Delete");
  await settled(page);
  return { latency: median(latencies), work };
}

/** By the window's own clock. */
async function latencyOf(page: Page, key: string): Promise<number> {
  const shown = await page.evaluateHandle(() => {
    const lines = document.querySelector(".editor-group-container.active .view-lines");
    const milliseconds = new Promise<number>((resolve) => {
      const onKey = (event: KeyboardEvent): void => {
        const observer = new MutationObserver(() => {
          observer.disconnect();
          resolve(performance.now() - event.timeStamp);
        });
        if (lines) observer.observe(lines, { childList: true, characterData: true, subtree: true });
      };
      addEventListener("keydown", onKey, { once: true, capture: true });
    });
    // In an object: a promise would be waited for.
    return { milliseconds };
  });
  await page.keyboard.press(key);
  const found = await shown.evaluate(({ milliseconds }) => milliseconds);
  await shown.dispose();
  return found;
}

/** Milliseconds since the session began to count. */
async function busyTime(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN);
}

/** The backup is written a second after the last change; hints are asked for sooner. */
async function settled(page: Page): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
}

function largeText(): string {
  const length = Math.floor(SIZE / TOKENS) - "KEY_0000=ENC[KMS,]\n".length;
  const bytes = Math.floor((length * 3) / 4);
  const tokens = Array.from(
    { length: TOKENS },
    (_, n) => `KEY_${n}=ENC[KMS,${randomBytes(bytes).toString("base64")}]\n`,
  );
  return `SECRET=hunter2\n${tokens.join("")}`;
}
