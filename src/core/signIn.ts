/** Sign-in sessions that a person renews with the AWS CLI, and how an operation waits for that. */
import { isKmsSelectionError, KmsSelectionError, type SignIn } from "./errors";

export interface SignInSession {
  readonly kind: SignIn;
  /** The profile that has it: the one in use, or one that it takes its credentials from. */
  readonly profile: string;
  /** Where the AWS CLI keeps its token. */
  readonly cacheFile: string;
}

/**
 * For the program `aws`. Not every version knows `--sso-session`; `--profile` they all do:
 * https://docs.aws.amazon.com/cli/latest/reference/sso/login.html, https://docs.aws.amazon.com/cli/latest/reference/login/
 */
export function signInArguments({ kind, profile }: SignInSession): string[] {
  return [...(kind === "sso" ? ["sso", "login"] : ["login"]), "--profile", profile];
}

export function signInCommand(session: SignInSession): string {
  return ["aws", ...signInArguments(session)].join(" ");
}

export interface Turn {
  /** Another window had the turn before. */
  readonly hasWaited: boolean;
  readonly release: () => Promise<void>;
}

/** What a sign-in needs from the window. */
export interface SignInWindow {
  /** Waits as long as another window asks; then it is this one's turn, until it is released. Throws `cancelled`. */
  turn(session: SignInSession, signal: AbortSignal): Promise<Turn>;
  /** Tells why, and asks whether to sign in. */
  ask(error: KmsSelectionError): Promise<boolean>;
  /** Runs the command; its exit code, or `undefined` where the person ended it. Throws `aws-cli-missing`, `cancelled`. */
  run(session: SignInSession, signal: AbortSignal): Promise<number | undefined>;
  /** Calls back whenever the file may have changed, until the signal is aborted. */
  watch(file: string, changed: () => void, signal: AbortSignal): void;
  /** Whether there are credentials now. */
  isSignedIn(): Promise<boolean>;
}

/** One question for each session, however many operations wait for it. */
export class SignIns {
  private readonly underWay = new Map<string, Promise<void>>();

  /** Settles when the person has signed in, here or in another window. Throws `cancelled`. */
  renew(session: SignInSession, error: KmsSelectionError, window: SignInWindow): Promise<void> {
    const known = this.underWay.get(session.cacheFile);
    if (known) return known;
    const renewed = signIn(session, error, window).finally(() => this.underWay.delete(session.cacheFile));
    this.underWay.set(session.cacheFile, renewed);
    return renewed;
  }
}

async function signIn(session: SignInSession, error: KmsSelectionError, window: SignInWindow): Promise<void> {
  const ended = new AbortController();
  const elsewhere = new Promise<void>((resolve) => {
    const look = async (): Promise<void> => {
      if (await window.isSignedIn()) resolve();
    };
    window.watch(session.cacheFile, () => void look(), ended.signal);
  });
  try {
    await Promise.race([elsewhere, signInInTurn(session, error, window, ended.signal)]);
  } finally {
    ended.abort();
  }
}

async function signInInTurn(
  session: SignInSession,
  error: KmsSelectionError,
  window: SignInWindow,
  signal: AbortSignal,
): Promise<void> {
  const { hasWaited, release } = await window.turn(session, signal);
  // The message may stand there for long after it was answered elsewhere; nobody has to wait for it then.
  signal.addEventListener("abort", () => void release());
  try {
    if (signal.aborted || (hasWaited && (await window.isSignedIn()))) return;
    await signInHere(session, error, window, signal);
  } finally {
    await release();
  }
}

/** Asks until it has succeeded, or the person has had enough. */
async function signInHere(
  session: SignInSession,
  error: KmsSelectionError,
  window: SignInWindow,
  signal: AbortSignal,
): Promise<void> {
  for (let why = error; await window.ask(why);) {
    // The message may stand there for long after it was answered elsewhere.
    if (signal.aborted) return;
    try {
      const exitCode = await window.run(session, signal);
      if (exitCode === 0 && (await window.isSignedIn())) return;
      why = new KmsSelectionError({
        code: "sign-in-failed",
        command: signInCommand(session),
        ...(exitCode === undefined ? {} : { exitCode }),
      });
    } catch (thrown) {
      if (!isKmsSelectionError(thrown) || thrown.failure.code !== "aws-cli-missing") throw thrown;
      why = thrown;
    }
  }
  throw new KmsSelectionError({ code: "cancelled" });
}
