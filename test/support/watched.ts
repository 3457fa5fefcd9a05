/** Counts what the extension leaves behind, in the extension host. */
import { createRequire } from "node:module";
import { join } from "node:path";
import * as vscode from "vscode";

export interface Watched {
  /** Live listeners of the extension by event. */
  listeners(): Readonly<Record<string, number>>;
  /** Progress notifications of the extension: those that are not at their end, and all that there were. */
  progress(): { readonly open: number; readonly shown: number };
  /** Timers that its own code has set, and that neither have come nor were cleared. */
  readonly timers: () => number;
  /** The errors that it showed since the last call. */
  messages(): string[];
  /** From now on each input box is answered with this text, and each list with its first row. */
  answer(text: string): void;
  restore(): void;
}

type Api = Record<string, unknown>;
type Event = (listener: unknown, self?: unknown, disposables?: vscode.Disposable[]) => vscode.Disposable;

const isEvent = (of: Api, name: string): boolean =>
  /^on(?:Did|Will)/.test(name) && Object.getOwnPropertyDescriptor(of, name)?.writable === true;

/** Counts what the extension asks of VS Code, by its own object of the API; errors are answered by nobody. */
export function watch(): Watched {
  const { extensionPath } = vscode.extensions.getExtension("kms-selection.kms-selection")!;
  // VS Code gives each extension an object of its own, by the place of the file that asks for it.
  const api = createRequire(join(extensionPath, "dist/extension.js"))("vscode") as typeof vscode;
  const counts: Record<string, number> = {};
  const restores: (() => void)[] = [];
  let open = 0;
  let shownProgress = 0;
  let shown: string[] = [];

  function replace(of: Api, name: string, by: unknown): void {
    const original = of[name];
    of[name] = by;
    restores.push(() => (of[name] = original));
  }
  for (const of of [api.workspace, api.window] as unknown as Api[])
    for (const name of Object.keys(of).filter((each) => isEvent(of, each))) {
      const event = of[name] as Event;
      replace(of, name, (...given: Parameters<Event>) => {
        const listening = event(...given);
        counts[name] = (counts[name] ?? 0) + 1;
        let live = true;
        return {
          dispose() {
            if (live) counts[name]!--;
            live = false;
            listening.dispose();
          },
        };
      });
    }
  const timers = watchTimers(extensionPath);
  restores.push(timers.restore);
  const { withProgress } = api.window;
  const window = api.window as unknown as Api;
  replace(window, "withProgress", (...given: Parameters<typeof withProgress>) => {
    open++;
    shownProgress++;
    const ended = withProgress(...given);
    const closed = () => {
      open--;
    };
    ended.then(closed, closed);
    return ended;
  });
  replace(window, "showErrorMessage", (message: string) => {
    shown.push(message);
    return Promise.resolve(undefined);
  });
  return {
    listeners: () => Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    progress: () => ({ open, shown: shownProgress }),
    timers: timers.live,
    answer: (text) => {
      replace(window, "showInputBox", () => Promise.resolve(text));
      replace(window, "createInputBox", () => answeredBox(text));
      replace(window, "showQuickPick", ([first]: readonly unknown[]) => Promise.resolve(first));
    },
    messages: () => {
      const messages = shown;
      shown = [];
      return messages;
    },
    restore: () => {
      for (const restore of restores) restore();
    },
  };
}

/** Accepts the text once it is shown, and is left when that has come to nothing. */
function answeredBox(text: string): Partial<vscode.InputBox> {
  const accepted = new vscode.EventEmitter<void>();
  const hidden = new vscode.EventEmitter<void>();
  const { event: never } = new vscode.EventEmitter<never>();
  return {
    value: "",
    onDidAccept: accepted.event,
    onDidHide: hidden.event,
    onDidChangeValue: never,
    onDidTriggerButton: never,
    show() {
      this.value = text;
      accepted.fire();
    },
    set validationMessage(message: string | vscode.InputBoxValidationMessage | undefined) {
      if (message !== undefined) hidden.fire();
    },
    hide: () => undefined,
    dispose: () => undefined,
  };
}

/** By the place that sets them: VS Code has timers of its own in this process. */
function watchTimers(folder: string): { readonly live: () => number; readonly restore: () => void } {
  const live = new Set<unknown>();
  const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
  const isOurs = (): boolean => (new Error().stack ?? "").split("\n")[3]?.includes(folder) ?? false;
  const watching =
    (set: typeof setTimeout | typeof setInterval, isOnce: boolean) =>
    (callback: (...given: unknown[]) => void, ms?: number, ...given: unknown[]): unknown => {
      if (!isOurs()) return set(callback, ms, ...given);
      const called = (...with_: unknown[]): void => {
        if (isOnce) live.delete(timer);
        callback(...with_);
      };
      const timer: unknown = set(called, ms, ...given);
      live.add(timer);
      return timer;
    };
  const clearing =
    (clear: typeof clearTimeout) =>
    (timer: NodeJS.Timeout): void => {
      live.delete(timer);
      clear(timer);
    };
  Object.assign(globalThis, {
    setTimeout: watching(setTimeout, true),
    setInterval: watching(setInterval, false),
    clearTimeout: clearing(clearTimeout),
    clearInterval: clearing(clearInterval),
  });
  return {
    live: () => live.size,
    restore: () => Object.assign(globalThis, { setTimeout, setInterval, clearTimeout, clearInterval }),
  };
}
