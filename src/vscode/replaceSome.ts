/** Writes the results of some of the parts that were looked at; the others stay. */
import type * as vscode from "vscode";
import type { TextRange } from "../core/trackedRanges";
import { replaceParts } from "./replaceParts";
import { WorkingSelections, type SelectedPart } from "./workingSelections";

/**
 * `undefined` leaves a part as it is. The parts that stay are not followed any more: nothing has happened since they were
 * looked at. `following` follows all parts, in their order. Throws what `replaceParts` throws.
 */
export async function replaceSome(
  editor: vscode.TextEditor,
  following: WorkingSelections,
  parts: readonly SelectedPart<unknown>[],
  texts: readonly (string | undefined)[],
): Promise<TextRange[]> {
  const places = following.verify();
  const some = parts.flatMap((part, index) =>
    texts[index] === undefined ? [] : { ...part, ...places[index] },
  );
  if (some.length === 0) return [];
  const working = new WorkingSelections(editor, some, { keepSelections: true });
  try {
    return await replaceParts(
      working,
      texts.filter((text) => text !== undefined),
    );
  } finally {
    working.dispose();
  }
}
