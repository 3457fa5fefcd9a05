/** What a re-encryption of a workspace did, in words. */
import type * as vscode from "vscode";
import { explainFailure } from "../../core/describeFailure";
import { KmsSelectionError } from "../../core/errors";
import type { Wish } from "../../core/reEncryptionWish";
import type { Progress } from "../reEncryptFiles";

/** Lines of a list. Whoever has more mends these first. */
const MAX_LISTED = 1000;

/** "1 token", "2,000 files" */
export function numberOf(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}

/** `description`: of the wish. `show`: a file as the person knows it. Everything of files stands in code, which is not read as Markdown. */
export function reportText(
  wish: Wish,
  description: string,
  { tokens, files, kept, damaged, edited, leftAlone, notWritten }: Progress,
  end: "done" | "stopped",
  show: (uri: vscode.Uri) => string,
): string {
  const code = (text: string): string => `\`${text.replaceAll("`", "'")}\``;
  const list = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0
      ? []
      : [
          "",
          `## ${title}`,
          "",
          ...lines.slice(0, MAX_LISTED).map((line) => `- ${line}`),
          ...(lines.length > MAX_LISTED
            ? [`- and ${(lines.length - MAX_LISTED).toLocaleString("en-US")} more`]
            : []),
        ];
  const at = {
    identity: wish.fromIdentity ?? "any that is set up here",
    ...(wish.fromKey !== undefined && { keyId: wish.fromKey }),
  };
  return [
    end === "done" ? "# Re-encryption" : "# Re-encryption, stopped before its end",
    "",
    code(description),
    "",
    ...(end === "stopped"
      ? [
          "What is listed here is done. Run **KMS: Re-encrypt Workspace…** again to go on with the others.",
          "",
        ]
      : []),
    `- ${numberOf(tokens, "token")} re-encrypted, in ${numberOf(files, "file")}`,
    `- ${numberOf(kept, "token")} done already`,
    `- ${numberOf(leftAlone.length, "token")} left alone`,
    ...(damaged > 0 ? [`- ${numberOf(damaged, "token")} damaged: cut off or altered`] : []),
    ...list(
      "Changed, and not saved: open documents",
      edited.map((uri) => code(show(uri))),
    ),
    ...list(
      "Not written",
      notWritten.map(({ uri, reason }) => `${code(show(uri))} ${reason}`),
    ),
    ...list(
      "Left alone",
      leftAlone.map(
        ({ uri, line, failure }) =>
          `${code(`${show(uri)}:${line}`)} ${explainFailure(new KmsSelectionError(failure), at)}`,
      ),
    ),
    "",
  ].join("\n");
}
