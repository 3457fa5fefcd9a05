/** Hovers and CodeLenses: what a token tells of itself, and what can be done with it. Never its plaintext. */
import * as vscode from "vscode";
import { describeToken, type KnownIdentity, type TokenDescription } from "../../core/describeToken";
import { findTokens } from "../../core/findInText";
import type { MessageFacts } from "../../core/messages";
import { chooseIdentity, offeredIdentities, resolveTarget, type Target } from "../../core/target";
import { findTokenAt } from "../../core/findTokenAt";
import { isCertain, type Token } from "../../core/tokens";
import type { ChoiceStore } from "../choiceStore";
import type { DecryptDenials } from "../decryptDenials";
import { contextFor, inForce } from "../inForce";
import { escapeIcons, escapeMarkdown } from "../labels";
import { actionsFor, isTokenAction, RUN_ON_TOKEN } from "./actions";
import { Places } from "./places";

/** Lines around the mouse that are looked at: a token of 64 KB, wrapped, has as many. */
const HOVER_LINES = 1200;
/** UTF-16 code units of a line that are looked at, on either side of the mouse. */
const HOVER_LENGTH = 200_000;

/** With more of them the window is busy drawing lines above lines, and typing suffers. Hovers are there all the same. */
const MAX_LENS_LINES = 100;

export class TokenHints {
  private readonly choices: ChoiceStore;
  private readonly denials: DecryptDenials;
  private readonly places = new Places();

  constructor(choices: ChoiceStore, denials: DecryptDenials) {
    this.choices = choices;
    this.denials = denials;
  }

  async hover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | undefined> {
    const known = this.known(document);
    if (!known?.hover) return undefined;
    const around = textAround(document, position);
    const token = tokenAt(
      document.getText(around),
      document.offsetAt(position) - document.offsetAt(around.start),
    );
    if (!token) return undefined;
    const range = rangeOf(document, token, document.offsetAt(around.start));
    const { facts } = await describe(token, known);
    const lines = facts.map(([name, value]) => `- ${name}: ${escapeMarkdown(value.replace(/\s+/g, " "))}`);
    const id = this.places.add(document, range);
    const links = actionsFor(document, this.denials.has(document)).map(({ title, command }) => {
      const args = encodeURIComponent(JSON.stringify([id, command]));
      return `[${title}](command:${RUN_ON_TOKEN}?${args})`;
    });
    const text = new vscode.MarkdownString(
      ["**KMS Selection**", "", ...lines, "", links.join(" · ")].join("\n"),
    );
    text.isTrusted = { enabledCommands: [RUN_ON_TOKEN] };
    return new vscode.Hover(text, range);
  }

  async codeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    const known = this.known(document);
    if (!known?.codeLens) return [];
    const { version } = document;
    const lines = new Map<number, { readonly token: Token; readonly range: vscode.Range }[]>();
    for (const token of findTokens(document.getText()).tokens) {
      const range = rangeOf(document, token, 0);
      const others = lines.get(range.start.line);
      if (others) others.push({ token, range });
      else lines.set(range.start.line, [{ token, range }]);
    }
    if (lines.size > MAX_LENS_LINES) return [];
    const actions = actionsFor(document, this.denials.has(document));
    const lenses = await Promise.all(
      [...lines.values()].map(async ([first, ...more]): Promise<vscode.CodeLens[]> => {
        if (!first) return [];
        const { token, range } = first;
        const { title } = await describe(token, known);
        if (document.version !== version) return [];
        // The words of several tokens would not fit above one line; each has its hover.
        if (more.length > 0)
          return [new vscode.CodeLens(range, { title: `${more.length + 1} secrets`, command: "" })];
        const id = this.places.add(document, range);
        return [
          new vscode.CodeLens(range, { title: escapeIcons(title), command: "" }),
          ...actions.map((action) => {
            const run = { title: action.title, command: RUN_ON_TOKEN, arguments: [id, action.command] };
            return new vscode.CodeLens(range, run);
          }),
        ];
      }),
    );
    return lenses.flat();
  }

  /** Runs a command of the palette on the token of a hint, if it still stands there. */
  async run(id: unknown, command: unknown): Promise<void> {
    const place = this.places.get(id);
    if (!place || !isTokenAction(command)) return;
    const shown = vscode.window.visibleTextEditors.find(
      ({ document }) => document.uri.toString() === place.uri.toString(),
    );
    if (shown?.document.getText(place.range) !== place.text) {
      void vscode.window.showInformationMessage("The token has changed or moved. Point at it again.");
      return;
    }
    const editor = await vscode.window.showTextDocument(shown.document, shown.viewColumn);
    editor.selection = new vscode.Selection(place.range.start, place.range.end);
    await vscode.commands.executeCommand(command);
  }

  /** `undefined`: a setting is not valid; the status bar says so. */
  private known(document: vscode.TextDocument): Known | undefined {
    try {
      const { settings, target } = inForce(this.choices, document);
      const others = offeredIdentities(settings, target.sandbox)
        .filter((name) => name !== target.identity.value)
        .map((name) =>
          resolveTarget(settings, chooseIdentity(this.choices.get(), name, settings), process.env),
        );
      return {
        hover: settings.hover.value,
        codeLens: settings.codeLens.value,
        yours: identityOf(target, document),
        others: others.flatMap((other) => identityOf(other, document) ?? []),
      };
    } catch {
      return undefined;
    }
  }
}

interface Known {
  readonly hover: boolean;
  readonly codeLens: boolean;
  readonly yours: KnownIdentity | undefined;
  readonly others: readonly KnownIdentity[];
}

/** `undefined`: its context has no value for this document. */
function identityOf(target: Target, document: vscode.TextDocument): KnownIdentity | undefined {
  try {
    return { name: target.identity.value, context: contextFor(target, document) };
  } catch {
    return undefined;
  }
}

async function describe(token: Token, { yours, others }: Known): Promise<TokenDescription> {
  const facts = token.kind === "encryption-sdk" ? await factsOf(token) : undefined;
  return describeToken(token, facts, yours, others);
}

/** `undefined`: the header is damaged. */
async function factsOf({ bytes }: Token): Promise<MessageFacts | undefined> {
  const { describeMessage } = await import("../../aws/messageHeader");
  try {
    return describeMessage(bytes);
  } catch {
    return undefined;
  }
}

/** Only what is certainly a token: other base64 may be anything, and needs no hint. */
function tokenAt(text: string, offset: number): Token | undefined {
  try {
    const token = findTokenAt(text, offset);
    return token && isCertain(token) && token.start <= offset && offset <= token.end ? token : undefined;
  } catch {
    return undefined;
  }
}

function textAround(document: vscode.TextDocument, { line, character }: vscode.Position): vscode.Range {
  const { length } = document.lineAt(line).text;
  if (length > 2 * HOVER_LENGTH)
    return new vscode.Range(line, Math.max(0, character - HOVER_LENGTH), line, character + HOVER_LENGTH);
  return document.validateRange(
    new vscode.Range(Math.max(0, line - HOVER_LINES), 0, line + HOVER_LINES + 1, 0),
  );
}

function rangeOf(document: vscode.TextDocument, { start, end }: Token, offset: number): vscode.Range {
  return new vscode.Range(document.positionAt(offset + start), document.positionAt(offset + end));
}
