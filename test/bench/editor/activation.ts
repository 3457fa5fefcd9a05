/** How long activation takes, and what it loads: once in each window, beside an extension that is empty. */
import { statSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { until } from "../../ui/until";
import type { Figure } from "../figures";
import { EMPTY, OURS, timesOf, type Times } from "../timedExtensions";

export async function measure(): Promise<Figure[]> {
  // Both start by themselves, once VS Code has.
  const both = (): (Times | undefined)[] => [timesOf(OURS), timesOf(EMPTY)];
  const [ours, empty] = await until(
    () => Promise.resolve(both()),
    (times) => times.every((each) => each !== undefined),
    "both extensions are active",
  );
  if (!ours || !empty) throw new Error("One of the extensions did not start.");
  const { extensionPath } = vscode.extensions.getExtension(OURS) ?? {};
  const size = (times: Times): number =>
    times.files.reduce((sum, file) => sum + statSync(file).size / 1024, 0);
  const extension = join(extensionPath ?? "", "dist/extension.js");
  if (ours.files.join() !== extension) throw new Error(`Activation loads ${ours.files.join(", ")}.`);
  return [
    {
      title: "activation: load and run our code",
      floor: "an empty extension",
      unit: "ms",
      own: [ours.load + ours.activate],
      base: [empty.load + empty.activate],
      limit: { of: "difference", most: 5 },
    },
    {
      title: "activation, until the status bar shows the key",
      floor: "an empty extension",
      unit: "ms",
      own: [ours.load + ours.settle],
      base: [empty.load + empty.settle],
    },
    {
      title: "code that activation loads",
      floor: "an empty extension",
      unit: "KB",
      own: [size(ours)],
      base: [size(empty)],
      limit: { of: "own", most: 40 },
    },
  ];
}
