/** A text is typed or edited outside of any document: in a box while it has one line, in a panel where it has several. */
import type { App } from "./app";
import { editInBox } from "./editInBox";
import { editInPanel } from "./editInPanel";
import type { Editing } from "./editSurface";

/** Settles when it is closed, saved or not. */
export async function editText(app: App, editing: Editing): Promise<void> {
  const typed = editing.text.includes("\n") ? editing.text : await editInBox(editing);
  if (typed !== undefined) await editInPanel(app, { ...editing, text: typed });
}
