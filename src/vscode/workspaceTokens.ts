/** A look at all tokens of a workspace, before anything is asked of KMS. */
import * as vscode from "vscode";
import { findTokens } from "../core/findInText";
import { mapConcurrently } from "../core/mapConcurrently";
import { TokenCounter, type TokenCounts } from "../core/tokenCounts";
import { readTokenFile } from "./tokenFile";
import { findWorkspaceFiles, MAX_CONCURRENT_FILES } from "./workspaceFiles";
import { NotWritten } from "./writeAtomically";

export interface FileWithTokens {
  readonly uri: vscode.Uri;
  readonly tokens: number;
}

export interface WorkspaceTokens extends TokenCounts {
  /** Those that have tokens, cut ones included. */
  readonly files: readonly FileWithTokens[];
  readonly tokens: number;
  /** How many files were not looked at, by the reason. */
  readonly leftOut: ReadonlyMap<string, number>;
}

/** Reads every file, one after the other as far as memory is concerned: nothing of them is kept but numbers. */
export async function findWorkspaceTokens(signal: AbortSignal): Promise<WorkspaceTokens> {
  const [{ describeMessage }, { files, ignored, outside }] = await Promise.all([
    import("../aws/messageHeader"),
    findWorkspaceFiles(signal),
  ]);
  const counter = new TokenCounter();
  const leftOut = new Map<string, number>();
  const leaveOut = (reason: string, number: number): void => {
    if (number > 0) leftOut.set(reason, (leftOut.get(reason) ?? 0) + number);
  };
  leaveOut("ignored by .gitignore", ignored);
  leaveOut("linked from outside of the workspace", outside);
  const counts = await mapConcurrently(files, MAX_CONCURRENT_FILES, signal, async (uri) => {
    try {
      const { tokens, damaged } = findTokens((await readTokenFile(uri)).text);
      counter.add(tokens, describeMessage);
      return tokens.length + damaged;
    } catch (error) {
      leaveOut(reasonOf(error), 1);
      return 0;
    }
  });
  return {
    files: files.flatMap((uri, index) => (counts[index] ? { uri, tokens: counts[index] } : [])),
    tokens: counts.reduce((sum, each) => sum + each, 0),
    keys: counter.keys,
    contexts: counter.contexts,
    leftOut,
  };
}

/** In words that go on after "it". */
export function reasonOf(error: unknown): string {
  if (error instanceof NotWritten) return error.message;
  if (error instanceof vscode.FileSystemError) return `cannot be read (${error.code})`;
  throw error;
}
