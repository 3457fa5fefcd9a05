/** The page on which a secret of several lines is edited. It comes without the secret, and loads and keeps nothing. */

/** What is shown around the text. */
export interface EditLabels {
  /** "Edit Secret" */
  readonly title: string;
  /** What saving does, and for whom. */
  readonly prompt: string;
  /** "Encrypt and Replace" */
  readonly action: string;
}

/** What the page says. */
export type FromPage =
  | { readonly type: "ready" }
  | { readonly type: "typed"; readonly text: string }
  | { readonly type: "save" }
  | { readonly type: "left" }
  | { readonly type: "show" }
  | { readonly type: "cancel" };

/** What the page is told. */
export type ToPage =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "cover" }
  | { readonly type: "busy" }
  | { readonly type: "failed"; readonly message: string };

/** `script`: a bundle of its own, made of editPageScript. `autocomplete`: browsers keep what is in other fields, to restore a closed tab. */
export function editPage(nonce: string, { title, prompt, action }: EditLabels, script: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<div id="edit" hidden>
<label for="text">${escapeHtml(prompt)}</label>
<textarea id="text" autocomplete="off" autocapitalize="off" autocorrect="off" spellcheck="false" wrap="off"></textarea>
</div>
<p id="covered" hidden>The text is hidden while you are elsewhere. What you typed is kept.</p>
<p id="message" role="alert"></p>
<button id="save">${escapeHtml(action)}</button>
<button id="show" hidden>Show</button>
<button id="cancel">Cancel</button>
<script nonce="${nonce}">${script}</script>
</body>
</html>`;
}

export function isFromPage(message: unknown): message is FromPage {
  if (typeof message !== "object" || message === null || !("type" in message)) return false;
  if (message.type === "typed") return "text" in message && typeof message.text === "string";
  return ["ready", "left", "save", "show", "cancel"].includes(String(message.type));
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
html, body { height: 100%; }
body { display: flex; flex-direction: column; box-sizing: border-box; padding: 12px; gap: 8px; align-items: flex-start; }
[hidden] { display: none !important; }
#edit { display: flex; flex-direction: column; flex: 1; width: 100%; gap: 8px; min-height: 6em; }
textarea {
  flex: 1; resize: none; padding: 8px; box-sizing: border-box;
  font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size);
  color: var(--vscode-input-foreground); background: var(--vscode-input-background);
  border: 1px solid var(--vscode-input-border, var(--vscode-contrastBorder, transparent));
}
textarea:focus, button:focus-visible { outline: 1px solid var(--vscode-focusBorder); }
button {
  padding: 4px 12px; border: 1px solid var(--vscode-button-border, transparent); cursor: pointer;
  color: var(--vscode-button-foreground); background: var(--vscode-button-background);
}
button:disabled { opacity: 0.5; cursor: default; }
#message { margin: 0; color: var(--vscode-errorForeground); }
p { margin: 0; }
`;
