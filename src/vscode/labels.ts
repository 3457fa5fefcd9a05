/** Names from files and settings, made safe for where they are shown. */

/** Status-bar texts and quick-pick labels turn `$(name)` into an icon; behind a backslash they do not. */
export function escapeIcons(text: string): string {
  return text.replaceAll("$(", "\\$(");
}

/** Notifications turn `[text](target)` into a link, commands included. */
export function escapeLinks(text: string): string {
  return text.replaceAll("](", "] (");
}

/** Any ASCII punctuation may stand behind a backslash (https://spec.commonmark.org/0.31.2/#backslash-escapes). */
export function escapeMarkdown(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, "\\$&");
}

/** A reason, which goes on after other words, standing alone. */
export function sentence(reason: string): string {
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`;
}
