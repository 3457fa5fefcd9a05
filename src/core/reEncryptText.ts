/** All tokens of a text to another key, context or form: what a file has of them, and what becomes of it. */
import { createHash } from "node:crypto";
import { findTokens } from "./findInText";
import type { Failure } from "./errors";
import type { Limiter } from "./limiter";
import { mapConcurrently } from "./mapConcurrently";
import type { Ciphers } from "./messages";
import { reEncryptReadableToken } from "./reEncryption";
import type { ReEncryption } from "./reEncryptionPlan";
import { parseToken, type Token } from "./tokens";
import { MAX_CONCURRENT_REQUESTS } from "./transform";

/** Where a token stands that was left alone, and why. */
export interface LeftAlone {
  /** Counted from 1. */
  readonly line: number;
  readonly failure: Failure;
}

export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface ReEncryptedText {
  readonly replacements: readonly Replacement[];
  /** Already as they are to be. */
  readonly kept: number;
  readonly leftAlone: readonly LeftAlone[];
  /** Cut or altered, so that nobody can read them. */
  readonly damaged: number;
  /** Digests of all tokens that are as they are to be, once the replacements are made. */
  readonly finished: readonly string[];
}

/** What tells a finished token when it is met again. Nothing can be learned from it. */
export function digestOf(token: Uint8Array): string {
  return createHash("sha256").update(token).digest("hex").slice(0, 32);
}

export interface TextOptions {
  readonly plan: ReEncryption & { readonly isAws: boolean };
  readonly isFinished: (digest: string) => boolean;
  /** Of the requests of several texts. */
  readonly limiter: Limiter;
}

/** Throws where the reason is not a token's own; then nothing is to be replaced. */
export async function reEncryptText(
  ciphers: Ciphers,
  text: string,
  { plan, isFinished, limiter }: TextOptions,
  signal: AbortSignal,
): Promise<ReEncryptedText> {
  const { tokens, damaged } = findTokens(text);
  const lines = linesOf(text, tokens);
  const results = await mapConcurrently(tokens, MAX_CONCURRENT_REQUESTS, signal, (token, index, either) => {
    const isWritten = plan.format === undefined || plan.format === token.format;
    if (isWritten && isFinished(digestOf(token.bytes))) return Promise.resolve(undefined);
    const part = { content: token, line: lines[index] ?? 1 };
    return limiter.run(() => reEncryptReadableToken(ciphers, part, plan, either));
  });
  const replacements: Replacement[] = [];
  const leftAlone: LeftAlone[] = [];
  const finished: string[] = [];
  for (const [index, result] of results.entries()) {
    const { start, end, bytes } = tokens[index] as Token;
    if (typeof result === "object") leftAlone.push({ line: lines[index] ?? 1, failure: result.unreadable });
    else if (result === undefined) finished.push(digestOf(bytes));
    else {
      replacements.push({ start, end, text: result });
      finished.push(digestOf(parseToken(result)?.bytes ?? bytes));
    }
  }
  return { replacements, kept: finished.length - replacements.length, leftAlone, damaged, finished };
}

/** The lines that tokens begin in, counted from 1, in one pass. */
export function linesOf(text: string, tokens: readonly Token[]): number[] {
  let line = 1;
  let from = 0;
  return tokens.map(({ start }) => {
    for (let at = text.indexOf("\n", from); at !== -1 && at < start; at = text.indexOf("\n", from)) {
      line++;
      from = at + 1;
    }
    return line;
  });
}

export function replaceIn(text: string, replacements: readonly Replacement[]): string {
  const pieces: string[] = [];
  let from = 0;
  for (const { start, end, text: replacement } of replacements) {
    pieces.push(text.slice(from, start), replacement);
    from = end;
  }
  return pieces.join("") + text.slice(from);
}
