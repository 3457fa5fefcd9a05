/** Find Tokens Under Other Keys: lists what a moved alias or a rotated key has left behind, and offers to re-encrypt it. */
import * as vscode from "vscode";
import { KmsSelectionError } from "../../core/errors";
import { Limiter } from "../../core/limiter";
import { mapConcurrently } from "../../core/mapConcurrently";
import { whereTokensAre, type FoundToken, type Whereabouts } from "../../core/tokensUnderOtherKeys";
import { MAX_CONCURRENT_REQUESTS } from "../../core/transform";
import type { App } from "../app";
import { escapeIcons } from "../labels";
import { firstWish, nowFor, ReEncryptionRun } from "../reEncryptionRun";
import { runOnWorkspace } from "../runOperation";
import type { Outcome } from "../runningOperation";
import { readTokenFile } from "../tokenFile";
import { MAX_CONCURRENT_FILES } from "../workspaceFiles";
import { findWorkspaceTokens, reasonOf } from "../workspaceTokens";
import { reEncryptWorkspace } from "./reEncryptWorkspace";
import { numberOf } from "./reEncryptionReport";

type Place = FoundToken & { readonly uri: vscode.Uri };

export async function findTokensUnderOtherKeys(app: App): Promise<void> {
  let places: readonly Place[] | undefined;
  await runOnWorkspace(
    app,
    "re-encrypt",
    async (prepare) => {
      const { found, outcome } = await find(app, prepare);
      places = found;
      return outcome;
    },
    () => findTokensUnderOtherKeys(app),
  );
  if (places) await offer(app, places);
}

type Prepare = Parameters<Parameters<typeof runOnWorkspace>[2]>[0];

async function find(app: App, prepare: Prepare): Promise<{ found: readonly Place[]; outcome: Outcome }> {
  const { files } = await findWorkspaceTokens(new AbortController().signal);
  const first = files[0]?.uri;
  if (!first) throw new KmsSelectionError({ code: "no-tokens" });
  const wish = { ...firstWish(nowFor(app, first)), fromKey: undefined };
  const run = new ReEncryptionRun(
    app,
    wish,
    files.map(({ uri }) => uri),
  );
  const prepared = await run.prepare(prepare);
  const limiter = new Limiter(MAX_CONCURRENT_REQUESTS);
  const title = `Looking for tokens under other keys than ${prepared.keyId}…`;
  const found = await prepared.request(title, async (signal) => {
    await run.lookAtKeys(signal);
    return mapConcurrently(files, MAX_CONCURRENT_FILES, signal, async ({ uri }, _, either) => {
      // It may be gone by now.
      const file = await readTokenFile(uri).catch(reasonOf);
      if (typeof file === "string") return [];
      const { ciphers, plan } = run.readyFor(uri);
      const tokens = await whereTokensAre(ciphers, file.text, plan, limiter, either);
      return tokens.map((each): Place => ({ ...each, uri }));
    });
  });
  const all = found.flat();
  return { found: all, outcome: { summary: `${numberOf(all.length, "token")} looked at`, bytes: 0 } };
}

interface Row extends vscode.QuickPickItem {
  readonly run?: () => Promise<unknown>;
}

async function offer(app: App, places: readonly Place[]): Promise<void> {
  const left = places.filter(({ where }) => where.kind !== "current" && where.kind !== "unknown");
  const unknown = places.filter(({ where }) => where.kind === "unknown").length;
  const others = unknown > 0 ? `; of ${numberOf(unknown, "token")} it is not known, as you are now` : "";
  if (left.length === 0) {
    void vscode.window.showInformationMessage(`No token is under other keys or older key material${others}.`);
    return;
  }
  const rows: Row[] = [
    {
      label: "Re-encrypt Workspace…",
      description: "to the key in force, from whichever key",
      iconPath: new vscode.ThemeIcon("play"),
      run: () => reEncryptWorkspace(app, { ...firstWish(nowFor(app, left[0]?.uri)), fromKey: undefined }),
    },
    { label: "Tokens", kind: vscode.QuickPickItemKind.Separator },
    ...left.map(rowOf),
  ];
  const row = await vscode.window.showQuickPick(rows, {
    title: `${numberOf(left.length, "Token")} Under Other Keys${others}`,
    matchOnDescription: true,
  });
  await row?.run?.();
}

function describe(where: Whereabouts): string {
  switch (where.kind) {
    case "current":
    case "unknown":
      return "";
    case "other-key":
      return where.keyArn;
    case "older-material":
      return `older material of ${where.keyArn}`;
    case "other-spare-keys":
      return [
        ...where.missing.map((name) => `does not open with ${name}`),
        ...where.needless.map((name) => `opens also with ${name}`),
      ].join(", ");
  }
}

function rowOf({ uri, line, where }: Place): Row {
  return {
    label: `${escapeIcons(vscode.workspace.asRelativePath(uri))}:${line}`,
    description: describe(where),
    run: async () => {
      const at = new vscode.Position(line - 1, 0);
      await vscode.window.showTextDocument(uri, { selection: new vscode.Range(at, at) });
    },
  };
}
