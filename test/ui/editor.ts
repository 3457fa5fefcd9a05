/** The active text editor, as it is seen and typed into. */
import type { Locator } from "playwright-core";
import type { VsCode } from "../host/types";
import { until } from "./until";

interface Point {
  x: number;
  y: number;
}

export class Editor {
  /** The key that commands are made with. */
  readonly modifier: "Meta" | "Control";
  private readonly code: VsCode;
  private readonly active: Locator;

  constructor(code: VsCode) {
    this.code = code;
    this.modifier = code.kind === "desktop" && process.platform === "darwin" ? "Meta" : "Control";
    this.active = code.page.locator(".editor-group-container.active .editor-instance .monaco-editor").first();
  }

  async focus(): Promise<void> {
    await until(
      async () => {
        await this.active.locator("textarea, .native-edit-context").first().focus({ timeout: 2000 });
        return this.active.evaluate((editor) => editor.classList.contains("focused"));
      },
      (focused) => focused,
      "the editor to have the focus",
    );
  }

  /** The lines in sight, without their numbers. Short files are in sight as a whole. */
  async text(): Promise<string> {
    const lines = await this.active
      .locator(".view-line")
      .evaluateAll((found) =>
        found.map((line) => ({ top: parseFloat((line as HTMLElement).style.top), text: line.textContent })),
      );
    return lines
      .sort((a, b) => a.top - b.top)
      .map(({ text }) => text.replaceAll("\u00a0", " "))
      .join("\n");
  }

  waitForText(holds: string | RegExp | ((text: string) => boolean)): Promise<string> {
    return until(
      () => this.text(),
      (text) =>
        typeof holds === "string" ? text === holds : holds instanceof RegExp ? holds.test(text) : holds(text),
      `the editor to hold ${String(holds)}`,
    );
  }

  /** Selects the first occurrence of a text within one line in sight, with the mouse. */
  async select(text: string): Promise<void> {
    const wanted = new RegExp(`\\(${text.length} selected\\)`);
    // A drag that meets an editor which is just drawn anew selects something else, and is made again.
    await until(
      async () => {
        await this.drag(text, []);
        return this.waitForSelection(wanted, 2000);
      },
      (found) => wanted.test(found),
      `"${text}" to be selected`,
    );
  }

  /** Adds a selection to those that are there, as Alt and dragging does. */
  async addSelection(text: string): Promise<void> {
    await this.drag(text, ["Alt"]);
    await this.waitForSelection(/^\d+ selections/);
  }

  /** Selects a rectangle: from the start of one text to the end of another one further down. */
  async selectColumns(from: string, to: string): Promise<void> {
    // With Shift the rectangle begins where the cursor is.
    await this.putCursor(from);
    await this.dragBetween((await this.edges(from)).start, (await this.edges(to)).end, ["Shift", "Alt"]);
    await this.waitForSelection(/^\d+ selections/);
  }

  /** Selects what a double click does. */
  async selectWord(text: string): Promise<void> {
    const { start, end } = await this.edges(text);
    await this.code.page.mouse.dblclick((start.x + end.x) / 2, start.y);
    await this.waitForSelection(/selected/);
  }

  /** Puts the cursor before a text. */
  async putCursor(text: string): Promise<void> {
    const { start } = await this.edges(text);
    await this.code.page.mouse.click(start.x, start.y);
    await this.waitForSelection(/^Ln \d+, Col \d+$/);
  }

  /** Puts the cursor behind the last character of a line, counted from 1. */
  async putCursorAtEnd(line: number): Promise<void> {
    await this.press(`${this.modifier}+Home`);
    for (let i = 1; i < line; i++) await this.press("ArrowDown");
    await this.press("End");
    await this.waitForSelection(new RegExp(`^Ln ${line}, Col (?!1$)\\d+$`));
  }

  async selectAll(): Promise<void> {
    await this.press(`${this.modifier}+a`);
    await this.waitForSelection(/selected/);
  }

  /** Adds a cursor in the line below, `count` times. */
  async addCursorsBelow(count: number): Promise<void> {
    const key =
      this.modifier === "Control" && process.platform === "linux" ? "Control+Shift+ArrowDown" : undefined;
    for (let i = 0; i < count; i++) await this.press(key ?? `${this.modifier}+Alt+ArrowDown`);
    await this.waitForSelection(new RegExp(`^${count + 1} selections`));
  }

  async undo(): Promise<void> {
    await this.press(`${this.modifier}+z`);
  }

  /** Saves, and waits until the tab is no longer marked as changed. */
  async save(): Promise<void> {
    await this.press(`${this.modifier}+s`);
    await this.code.page.locator(".editor-group-container.active .tab.active:not(.dirty)").waitFor();
  }

  /** Types as if by keyboard, at the cursors. */
  async type(text: string): Promise<void> {
    await this.focus();
    await this.code.page.keyboard.insertText(text);
  }

  async press(key: string): Promise<void> {
    await this.focus();
    await this.code.page.keyboard.press(key);
  }

  /** "Ln 1, Col 5 (8 selected)", "3 selections (24 characters selected)". */
  selection(): Promise<string> {
    return this.code.page.locator('.statusbar-item[id="status.editor.selection"]').innerText();
  }

  waitForSelection(text: RegExp, timeout?: number): Promise<string> {
    return until(
      () => this.selection(),
      (found) => text.test(found),
      `a selection like ${String(text)}`,
      timeout,
    );
  }

  private async drag(text: string, keys: string[]): Promise<void> {
    const { start, end } = await this.edges(text);
    await this.dragBetween(start, end, keys);
  }

  private async dragBetween(start: Point, end: Point, keys: string[]): Promise<void> {
    const { keyboard, mouse } = this.code.page;
    for (const key of keys) await keyboard.down(key);
    await mouse.move(start.x, start.y);
    await mouse.down();
    await mouse.move(end.x, end.y, { steps: 4 });
    await mouse.up();
    for (const key of keys) await keyboard.up(key);
  }

  /** Where a text in sight begins and ends on the screen. */
  private edges(text: string): Promise<{ start: Point; end: Point }> {
    return until(
      () => this.active.locator(".view-line").evaluateAll(edgesIn, text),
      (found) => found !== undefined,
      `"${text}" in the editor`,
    ) as Promise<{ start: Point; end: Point }>; // until() has waited for it
  }
}

/** Runs in the window: the places of the first and of the last character, over all pieces that a line is made of. */
function edgesIn(lines: Element[], text: string): { start: Point; end: Point } | undefined {
  for (const line of lines) {
    const pieces: Text[] = [];
    const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) pieces.push(walker.currentNode as Text);
    const from = pieces
      .map((piece) => piece.data)
      .join("")
      .replaceAll("\u00a0", " ")
      .indexOf(text);
    if (from < 0) continue;
    const place = (offset: number, side: "left" | "right"): Point => {
      let rest = offset;
      for (const piece of pieces) {
        if (rest < piece.length) {
          const range = document.createRange();
          range.setStart(piece, rest);
          range.setEnd(piece, rest + 1);
          const box = range.getBoundingClientRect();
          return { x: box[side], y: (box.top + box.bottom) / 2 };
        }
        rest -= piece.length;
      }
      throw new Error("beyond the line");
    };
    return { start: place(from, "left"), end: place(from + text.length - 1, "right") };
  }
  return undefined;
}
