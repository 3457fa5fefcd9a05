/** What runs on the page on which a secret of several lines is edited. The text is in its field, and kept nowhere else. */
import type { FromPage, ToPage } from "../editPage";

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void };

/** Milliseconds. */
const FOCUS_PASSES = 100;

/** Milliseconds. VS Code may move the focus so long after a click into the page, or after its opening. */
const FOCUS_SETTLES = 2000;

const extension = acquireVsCodeApi();
const text = element("text", HTMLTextAreaElement);
const saveButton = element("save", HTMLButtonElement);
let isCovered = false;
/** By `performance.now()`. */
let shownAt = -Infinity;

function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no element "${id}".`);
  return found;
}

function setShown(isShown: boolean): void {
  isCovered = !isShown;
  for (const id of ["edit", "save"]) element(id, HTMLElement).hidden = !isShown;
  for (const id of ["covered", "show"]) element(id, HTMLElement).hidden = isShown;
  if (!isShown) {
    text.value = "";
    return;
  }
  shownAt = performance.now();
  text.focus();
}

function setBusy(isBusy: boolean): void {
  text.readOnly = isBusy;
  saveButton.disabled = isBusy;
}

function save(): void {
  if (saveButton.disabled || saveButton.hidden) return;
  extension.postMessage({ type: "save" });
}

addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  switch (data.type) {
    case "text":
      text.value = data.text;
      text.setSelectionRange(0, 0);
      setShown(true);
      break;
    case "cover":
      setShown(false);
      break;
    case "busy":
    case "failed":
      setBusy(data.type === "busy");
      element("message", HTMLElement).textContent = data.type === "failed" ? data.message : "";
  }
});
text.addEventListener("input", () => {
  extension.postMessage({ type: "typed", text: text.value });
});
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save();
});
saveButton.addEventListener("click", save);
addEventListener("blur", () => {
  // On the way to the page's frame, VS Code takes the focus for a moment after the click that gave it.
  setTimeout(() => {
    if (!document.hasFocus()) extension.postMessage({ type: "left" });
  }, FOCUS_PASSES);
});
addEventListener("focus", () => {
  // On a slow machine, the moment lasts longer. Who asked for the text just now need not ask again.
  if (isCovered && performance.now() - shownAt < FOCUS_SETTLES) extension.postMessage({ type: "show" });
});
for (const type of ["show", "cancel"] as const) {
  element(type, HTMLButtonElement).addEventListener("click", () => {
    extension.postMessage({ type });
  });
}
extension.postMessage({ type: "ready" });
