/** An operation whose sign-in session has ended waits, with its selections, until the person has signed in. */
import { constants, watchFile, unwatchFile } from "node:fs";
import { access } from "node:fs/promises";
import { basename, delimiter, isAbsolute, join } from "node:path";
import * as vscode from "vscode";
import { actionTitles, describeFailure, type Circumstances } from "../core/describeFailure";
import { KmsSelectionError, toKmsSelectionError } from "../core/errors";
import {
  signInArguments,
  signInCommand,
  SignIns,
  type SignInSession,
  type SignInWindow,
  type Turn,
} from "../core/signIn";
import type { App } from "./app";
import { chooseProfile } from "./commands/chooseProfile";
import type { Connected } from "./connections";
import { escapeLinks } from "./labels";
import { takeTurn } from "./oneWindow";
import { cancellable } from "./progress";

/** For the whole window: the commands are one bundle, which is loaded once. */
const signIns = new SignIns();

/** Milliseconds. How soon a sign-in in another window, or in a terminal of the person's own, is noticed. */
const WATCH_INTERVAL = 500;

const INSTALLATION = "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html";

/** Runs the work, and again as a whole after each sign-in that it turns out to need. Throws `cancelled` without one. */
export async function signingIn<Result>(
  app: App,
  { kms, connection }: Pick<Connected, "kms" | "connection">,
  circumstances: Circumstances,
  work: () => Promise<Result>,
): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch (thrown) {
      const error = toKmsSelectionError(thrown);
      const session = connection?.session;
      if (error.failure.code !== "credentials-expired" || !session) throw thrown;
      const window: SignInWindow = {
        turn: (wanted, ended) => turn(app, wanted, ended),
        ask: (why) => ask(app, why, circumstances),
        run: runInTerminal,
        watch,
        isSignedIn: () => isSignedIn(kms),
      };
      await signIns.renew(session, error, window);
    }
  }
}

/** Windows share the storage that is no workspace's. */
function turn({ globalStorageUri }: App, session: SignInSession, ended: AbortSignal): Promise<Turn> {
  const file = join(globalStorageUri.fsPath, "sign-ins", basename(session.cacheFile, ".json"));
  return takeTurn(file, (waiting) =>
    cancellable(`Another window asks to sign in profile ${session.profile}…`, (cancelled) =>
      waiting(AbortSignal.any([cancelled, ended])),
    ),
  );
}

async function ask(app: App, error: KmsSelectionError, circumstances: Circumstances): Promise<boolean> {
  const { message = "", actions = [] } = describeFailure(error, circumstances) ?? {};
  const items = actions.map((action) => ({ title: actionTitles[action], action }));
  for (;;) {
    const chosen = await vscode.window.showErrorMessage(escapeLinks(message), ...items);
    if (chosen?.action === "install-aws-cli") {
      await vscode.env.openExternal(vscode.Uri.parse(INSTALLATION));
      continue;
    }
    // For the next operation; this one began with another profile.
    if (chosen?.action === "choose-profile") await chooseProfile(app);
    return chosen?.action === "sign-in";
  }
}

/** What else may be wrong with the credentials is told by the operation itself, which goes on. */
async function isSignedIn(kms: Connected["kms"]): Promise<boolean> {
  try {
    await kms.authenticate(new AbortController().signal);
    return true;
  } catch (error) {
    return toKmsSelectionError(error).failure.code !== "credentials-expired";
  }
}

/** In a terminal that the person sees; the profile's name is an argument of its own, no shell reads it. */
async function runInTerminal(session: SignInSession, signal: AbortSignal): Promise<number | undefined> {
  const shellPath = await findAwsCli();
  if (shellPath === undefined)
    throw new KmsSelectionError({ code: "aws-cli-missing", command: signInCommand(session) });
  const terminal = vscode.window.createTerminal({
    name: "AWS Sign-In",
    shellPath,
    shellArgs: signInArguments(session),
    isTransient: true,
  });
  terminal.show();
  return cancellable(`Waiting for the sign-in of profile ${session.profile} in the terminal…`, (cancelled) =>
    exitCodeOf(terminal, AbortSignal.any([signal, cancelled])),
  );
}

/** Throws `cancelled` when it is aborted. */
function exitCodeOf(terminal: vscode.Terminal, signal: AbortSignal): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const subscription = vscode.window.onDidCloseTerminal((closed) => {
      if (closed !== terminal) return;
      subscription.dispose();
      resolve(terminal.exitStatus?.code);
    });
    signal.addEventListener(
      "abort",
      () => {
        subscription.dispose();
        reject(new KmsSelectionError({ code: "cancelled" }));
      },
      { once: true },
    );
  });
}

/** Its whole path, so that no program of that name in the workspace is run; on Windows no script, which a shell would read. */
async function findAwsCli(): Promise<string | undefined> {
  const name = process.platform === "win32" ? "aws.exe" : "aws";
  for (const folder of (process.env.PATH ?? "").split(delimiter).filter(isAbsolute)) {
    const file = join(folder, name);
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return undefined;
}

function watch(file: string, changed: () => void, signal: AbortSignal): void {
  watchFile(file, { interval: WATCH_INTERVAL, persistent: false }, changed);
  signal.addEventListener("abort", () => {
    unwatchFile(file, changed);
  });
}
