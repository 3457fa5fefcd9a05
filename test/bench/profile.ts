/** Where the time of a piece of work goes: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/ */
import { existsSync, readFileSync } from "node:fs";
import { type Profiler, Session } from "node:inspector/promises";
import { SourceMap, type SourceMapPayload } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readJson, root } from "../host/paths";

/** Milliseconds by what ran, the most first. The profiler costs time itself: shares count more than milliseconds. */
export type Profile = readonly (readonly [part: string, ms: number])[];

/** Microseconds between samples. */
const INTERVAL = 100;

export async function profiled(work: () => unknown): Promise<Profile> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: INTERVAL });
  await session.post("Profiler.start");
  await work();
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  return partsOf(profile);
}

function partsOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Profile {
  const callers = new Map(nodes.flatMap((node) => (node.children ?? []).map((id) => [id, node] as const)));
  const parts = new Map(nodes.map((node) => [node.id, partOf(node, callers.get(node.id))]));
  const times = new Map<string, number>();
  samples.forEach((id, index) => {
    const part = parts.get(id);
    // Until the first sample, the profiler starts.
    if (part !== undefined && index > 0)
      times.set(part, (times.get(part) ?? 0) + (timeDeltas[index] ?? 0) / 1000);
  });
  return [...times].sort(([, one], [, other]) => other - one);
}

/** By names that V8 gives, and by where the source of a function is. `undefined`: the profiler's own. */
function partOf(
  { callFrame: { functionName, url, lineNumber, columnNumber } }: Profiler.ProfileNode,
  caller: Profiler.ProfileNode | undefined,
): string | undefined {
  switch (functionName) {
    case "(idle)":
      return "waits for the window, or for an answer";
    case "(garbage collector)":
      return "collects garbage";
    case "(program)":
    case "(root)":
      return "V8 itself";
  }
  // What is written in C++ has no file.
  const file = url === "" ? (caller?.callFrame.url ?? "") : url;
  if (file.startsWith("node:")) return partOfNode(file);
  if (url === "") return BUFFERS;
  const source = sourceOf(url, lineNumber, columnNumber);
  const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source) ?? [];
  if (name?.startsWith("@aws-crypto/")) return "the AWS Encryption SDK";
  if (name !== undefined && SDK_STREAMS.includes(name)) return "streams of the AWS Encryption SDK";
  if (name !== undefined && /^@(?:aws|aws-sdk|smithy)\//.test(name)) return "the AWS SDK";
  if (source.includes("/vs/")) return "VS Code";
  if (name !== undefined) return "other packages";
  return /(?:^|\/)src\//.test(source) ? "this extension" : "the benchmark";
}

const SDK_STREAMS = ["readable-stream", "duplexify", "end-of-stream", "stream-shift"];
const BUFFERS = "Node: buffers and encodings";

function partOfNode(file: string): string | undefined {
  if (file.includes("inspector")) return undefined;
  if (file.includes("crypto")) return "Node: cryptography";
  if (/buffer|encoding|string_decoder/.test(file)) return BUFFERS;
  if (/stream|event|timers|task_queues|async|process/.test(file)) return "Node: streams, events and timers";
  if (/modules|vm|fs|path/.test(file)) return "Node: reads and compiles code";
  return "Node: other";
}

const maps = new Map<string, SourceMap | undefined>();

/** The path that the source map gives, or that of the file itself. */
function sourceOf(url: string, line: number, column: number): string {
  const file = url.startsWith("file:") ? fileURLToPath(url) : url;
  if (!maps.has(file)) maps.set(file, mapOf(file));
  const entry = maps.get(file)?.findEntry(line, column);
  return entry && "originalSource" in entry ? entry.originalSource : file;
}

/** The packed bundles have theirs in dist/; those of the tests hold them. */
function mapOf(file: string): SourceMap | undefined {
  const isPacked = /kms-selection\.kms-selection[^/]*\/dist\//.test(file);
  const beside = join(root, "dist", `${basename(file)}.map`);
  if (isPacked) return existsSync(beside) ? new SourceMap(readJson(beside) as SourceMapPayload) : undefined;
  if (!file.startsWith(join(root, "out"))) return undefined;
  const [, base64] =
    /\n\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/.exec(readFileSync(file, "utf8")) ?? [];
  return base64 === undefined
    ? undefined
    : new SourceMap(JSON.parse(Buffer.from(base64, "base64").toString()) as SourceMapPayload);
}
