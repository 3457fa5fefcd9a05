/** What the coverage-guided fuzzer calls: one target, chosen by the environment. */
import { targets } from "./targets";

export function fuzz(data: Uint8Array): void {
  const target = targets[process.env.KMS_SELECTION_FUZZ_TARGET ?? ""];
  if (!target) throw new Error(`KMS_SELECTION_FUZZ_TARGET is one of: ${Object.keys(targets).join(", ")}`);
  target(data);
}
