/** The first command of a window, which loads the AWS SDK; and what memory it and a thousand selections take. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { fill, openEditor, run } from "../editing";
import { milliseconds, secrets, type Figure } from "../figures";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void; // what the flag provides

/** Megabytes that are in use. */
function heap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

export async function measure(): Promise<Figure[]> {
  const editor = await openEditor();
  await fill(editor, secrets(1));
  const before = heap();
  const first = await milliseconds(() => run(editor, "encryptSelection"));
  await fill(editor, secrets(1000));
  await run(editor, "encryptSelection");
  await fill(editor, secrets(1));
  return [
    {
      title: "the first Encrypt Selection of a window",
      floor: "a new process that loads the bare KMS client and makes one call",
      unit: "ms",
      own: [first],
      base: [Number(process.env.KMS_SELECTION_BENCH_FIRST_CALL)],
    },
    {
      title: "heap of the extension host after 1,000 selections",
      floor: "the same host before the first command",
      unit: "MB",
      own: [heap()],
      base: [before],
    },
  ];
}
