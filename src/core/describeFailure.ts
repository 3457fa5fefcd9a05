/** Words for people: what happened, what to do, and the buttons that do it. The only place that has them. */
import { showContext, type EncryptionContext } from "./encryptionContext";
import { isOfDestination, type Failure, type KmsSelectionError, type Operation } from "./errors";
import { parseKeyId } from "./keyId";
import { MAX_PLAINTEXT_BYTES, type Binding } from "./kms";
import { MAX_ENCRYPTED_DATA_KEYS } from "./messages";
import { describeStackProblem } from "./stackProblems";
import { MAX_CIPHERTEXT_BYTES } from "./tokens";

/** What a button does. */
export type Action =
  | "choose-key"
  | "choose-profile"
  | "copy-policy-statement"
  | "create-key"
  | "find-key"
  | "install-aws-cli"
  | "leave-sandbox"
  | "open-config-file"
  | "open-settings"
  | "retry"
  | "show-log"
  | "sign-in"
  | "switch-identity"
  | "try-sandbox";

export interface Description {
  readonly message: string;
  readonly actions: readonly Action[];
}

/** What was in force when it failed; absent as far as it was not known yet. */
export interface Circumstances {
  readonly operation: Operation;
  /** What was tried, where that is not the operation itself. */
  readonly doing?: string;
  readonly sandbox?: boolean;
  readonly identity?: string;
  readonly keyId?: string;
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  readonly context?: EncryptionContext;
  /** Where a re-encryption goes; what stands above is where it comes from. */
  readonly destination?: Binding;
}

/** `undefined`: nothing to say (the person cancelled). */
export function describeFailure(
  error: KmsSelectionError,
  circumstances: Circumstances,
): Description | undefined {
  if (error.failure.code === "cancelled") return undefined;
  const [text, ...actions] = describe(error.failure, circumstancesOf(error.failure, circumstances));
  const { selection, source } = error;
  const place =
    selection && selection.count > 1
      ? ` (selection ${selection.number} of ${selection.count}, line ${selection.line})`
      : "";
  const requestId = source?.requestId ? ` [request ${source.requestId}]` : "";
  return {
    message: `Can't ${circumstances.doing ?? circumstances.operation}${place}: ${text}${requestId}`,
    actions,
  };
}

/** Of two keys and contexts, those that a failure is about, as far as it tells. */
function circumstancesOf(failure: Failure, at: Circumstances): Circumstances {
  const { keyId, destination } = at;
  if (!destination) return at;
  if (failure.code === "access-denied" && isOfDestination(failure)) return { ...at, ...destination };
  const isOfSource = failure.code === "incorrect-key" || failure.code === "access-denied";
  if (isOfSource || keyId === undefined || keyId === destination.keyId) return at;
  return { ...at, keyId: `${keyId} or ${destination.keyId}` };
}

/** The reason alone, as a sentence: for where nobody ran an operation. */
export function explainFailure({ failure }: KmsSelectionError, at: Partial<Circumstances> = {}): string {
  const [text] = describe(failure, { operation: "encrypt", ...at });
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** No `Intl.NumberFormat` that is kept: it takes longer to make than all the rest of this extension to load. */
const bytes = (count: number): string => `${count.toLocaleString("en-US")} ${count === 1 ? "byte" : "bytes"}`;

const showPair = (name: string, value: string | undefined): string =>
  value === undefined ? `without ${name}` : `with ${name}=${value}`;

function describe(failure: Failure, at: Circumstances): readonly [text: string, ...actions: Action[]] {
  const key = at.keyId ?? "the key";
  const identity = at.identity ?? "this identity";
  const region = at.region ?? "the Region in use";
  const profile = at.profile ? `profile ${at.profile}` : "the default credentials";
  const way = `${profile}, Region ${region}`;
  switch (failure.code) {
    case "no-editor":
      return ["no text editor is active. Click into a document first."];
    case "nothing-selected":
      return ["nothing is selected. Select the text to encrypt; line breaks alone do not count."];
    case "no-token-at-cursor":
      return [
        "there is no token at the cursor. Select a token (base64 or ENC[KMS,…]), or put the cursor into one.",
      ];
    case "no-tokens":
      return ["there is no token in this document."];
    case "nothing-marked":
      return [
        "nothing is marked in this document, and nothing in it was decrypted here. Write DEC[KMS, before a secret and ]DEC after it.",
      ];
    case "mark-not-closed":
      return [
        `the mark DEC[KMS, in line ${failure.line} is not closed by ]DEC. Close it, so that all of the secret is encrypted.`,
      ];
    case "mark-ambiguous":
      return [
        `behind the mark DEC[KMS, in line ${failure.line} there is more than one ]DEC, so it is not clear where the secret ends. Select that secret and encrypt it by itself.`,
      ];
    case "not-a-token":
      return [
        "the selection is not a token (base64 of KMS, or ENC[KMS,…]). Select one whole token, or put the cursor into it with nothing selected.",
      ];
    case "token-damaged":
      return [
        "the token is cut off or was altered. Select the whole of it, or put the cursor into it with nothing selected.",
      ];
    case "token-too-long":
      return [
        `the token holds ${bytes(failure.bytes)}; a KMS ciphertext has at most ${bytes(MAX_CIPHERTEXT_BYTES)}. Select one token.`,
      ];
    case "message-of-another-context": {
      const { name, expected, actual } = failure.difference;
      return [
        `the text was encrypted ${showPair(name, actual)}, and you decrypt ${showPair(name, expected)}. No request was made. Switch to the identity that it belongs to.`,
        "switch-identity",
      ];
    }
    case "identity-changed": {
      const { name, expected, actual } = failure.difference;
      return [
        `you began ${showPair(name, expected)}, and you encrypt ${showPair(name, actual)} now. Nothing was written. Switch back to the identity that you began with.`,
        "switch-identity",
      ];
    }
    case "message-too-many-keys":
      return [
        `the message has ${failure.keys.toLocaleString("en-US")} encrypted data keys; more than ${MAX_ENCRYPTED_DATA_KEYS} are not read.`,
      ];
    case "message-without-commitment":
      return [
        "this message was made by an AWS Encryption SDK of version 1, without key commitment: who made it could have made it open as different texts under different keys. If you trust where it comes from, set kmsSelection.allowUncommittedMessages in your user settings, decrypt it, and encrypt it anew.",
        "open-settings",
      ];
    case "message-without-kms-key":
      return [
        "this message of the AWS Encryption SDK has no data key of KMS. Open it with the AWS Encryption SDK and the key that it was made with.",
      ];
    case "sandbox-token":
      return [
        "this token was made in the sandbox, and only the sandbox that made it can open it.",
        "try-sandbox",
      ];
    case "lone-surrogate":
      return [
        "the text holds half a character (a lone surrogate), which has no UTF-8 form and would not come back. Remove it first.",
      ];
    case "plaintext-empty":
      return [
        'the text is empty, and KMS encrypts no empty text. Set kmsSelection.envelope to "auto".',
        "open-settings",
      ];
    case "plaintext-too-large":
      return [
        `the text has ${bytes(failure.bytes)} in UTF-8; KMS takes at most ${bytes(MAX_PLAINTEXT_BYTES)}. Select less, or set kmsSelection.envelope to "auto".`,
        "open-settings",
      ];
    case "plaintext-not-text":
      return [
        `what was encrypted is not text: ${bytes(failure.bytes)} that are not UTF-8. Decrypt it with a tool for binary data, such as "aws kms decrypt".`,
      ];
    case "text-changed":
      return ["the text changed in the meantime, so nothing was written. Run the command again."];
    case "document-closed":
      return ["the document was closed in the meantime. Nothing was written."];
    case "document-read-only":
      return ["the document is read-only. Nothing was written."];
    case "edit-rejected":
      return ["the editor did not take the change. Nothing was written. Run the command again.", "retry"];

    case "not-configured":
      return [
        "no key is set. Choose a key, try everything in the sandbox without an AWS account, or create a key from the template.",
        "choose-key",
        "try-sandbox",
        "create-key",
      ];
    case "setting-invalid":
      return [`the setting ${failure.setting} is not valid: ${failure.reason}.`, "open-settings"];
    case "context-invalid":
      return [`the encryption context's "${failure.name}" is not valid: ${failure.reason}.`, "open-settings"];
    case "region-missing":
      return [
        `no Region is set. Set kmsSelection.region, a Region for ${profile}, or AWS_REGION; or name the key by its ARN.`,
        "open-settings",
        "open-config-file",
      ];
    case "other-region":
      return [
        `KMS re-encrypts within one Region, and the keys are in ${failure.source} and ${failure.destination}. Choose a key in ${failure.source}, or a replica there.`,
      ];
    case "profile-not-found":
      return [
        `there is no profile "${failure.profile}" in ${failure.files.join(" or ")}.`,
        "choose-profile",
        "open-config-file",
      ];
    case "config-file-unreadable":
      return [`${failure.file} cannot be read: ${failure.reason}.`, "open-config-file"];
    case "config-file-malformed":
      return [
        `line ${failure.malformed.line} of ${failure.malformed.file} is malformed, and what follows could be taken for another profile. Correct the file.`,
        "open-config-file",
      ];

    case "credentials-missing":
      return [
        `there are no AWS credentials for ${profile}. Choose a profile that has some, or set them up with "aws configure".`,
        "choose-profile",
        "open-config-file",
      ];
    case "credentials-failed":
      return [
        `the credentials of ${profile} could not be had: ${failure.reason}.`,
        "choose-profile",
        "open-config-file",
        "retry",
      ];
    case "credentials-expired":
      return failure.signIn
        ? [
            `the sign-in session of ${profile} has expired or is missing. Sign in, and this goes on by itself.`,
            "sign-in",
            "choose-profile",
          ]
        : [
            `the credentials of ${profile} have expired. Renew them, then run the command again.`,
            "retry",
            "choose-profile",
            "open-config-file",
          ];
    case "credentials-invalid":
      return [
        `AWS does not know the credentials of ${profile}, or they are not valid in Region ${region}. Check the access key and the Region.`,
        "choose-profile",
        "open-config-file",
      ];
    case "aws-cli-missing":
      return [
        `signing in needs the AWS CLI, version 2, and there is no "aws" on the PATH of VS Code. Install it, or run "${failure.command}" wherever it is; then this goes on by itself.`,
        "sign-in",
        "install-aws-cli",
      ];
    case "sign-in-failed":
      return [
        `${whyNotSignedIn(failure.command, failure.exitCode)} Nothing was changed so far.`,
        "sign-in",
        "choose-profile",
      ];
    case "clock-skew":
      return ["AWS refused the request's time. Correct this machine's clock.", "retry"];

    case "additional-key-failed": {
      const { keyId } = failure;
      const [text, ...actions] = describe(failure.failure, {
        ...at,
        keyId,
        region: parseKeyId(keyId)?.region,
      });
      return [
        `the additional key ${keyId} could not be used: ${text}`,
        "open-settings",
        ...actions.filter((action) => action !== "choose-key" && action !== "open-settings"),
      ];
    }
    case "destination-changed":
      return [
        `${at.destination?.keyId ?? key} was pointed at another key while this ran: from ${failure.before} to ${failure.now}. What was not written by then is as it was. Run the command again to take everything to the key that it names now.`,
        "retry",
      ];
    case "not-the-replica": {
      const ofHome = failure.home ?? "the key of its own Region";
      const what = failure.keyArn
        ? `in the fallback Region ${failure.region}, ${key} stands for ${failure.keyArn}, which is no replica of ${ofHome}`
        : `the key's own Region cannot be reached, and you may not look (kms:DescribeKey) at what ${key} stands for in the fallback Region ${failure.region}`;
      return [
        `${what}. Nothing was done there. Let that alias stand for the replica, or take the Region out of kmsSelection.fallbackRegions.`,
        "open-settings",
        "retry",
      ];
    }
    case "invalid-ciphertext":
      return at.sandbox
        ? [
            `the sandbox cannot open this token as ${identity}. It was encrypted for another identity or context, was changed, or was not made in this sandbox.`,
            "switch-identity",
            "leave-sandbox",
          ]
        : [
            `not readable as identity ${identity}. It was encrypted for another identity (context), was changed, or is not KMS ciphertext.${contextSent(at)}`,
            "switch-identity",
          ];
    case "incorrect-key":
      if (at.sandbox)
        return [
          "this token was made in another sandbox, and only the sandbox that made it can open it.",
          "leave-sandbox",
        ];
      return [
        `this was encrypted under another key than ${key} points to now (maybe the alias was moved). KMS can find the key and name it before anything is written.`,
        "find-key",
        "choose-key",
      ];
    case "access-denied": {
      const who = `${failure.caller ?? profile} ${failure.caller || at.profile ? "is" : "are"}`;
      const what = failure.action ? `not allowed ${failure.action}` : "not allowed to do this";
      const where = failure.resource ? ` on ${failure.resource}` : ` on ${key}`;
      const why = failure.reason ? ` (${failure.reason})` : "";
      return [
        `${who} ${what}${where}${why}.${contextSent(at)} Policies often require a certain one.`,
        ...(failure.action?.startsWith("kms:") ? (["copy-policy-statement"] as const) : []),
        "switch-identity",
        "choose-profile",
      ];
    }
    case "key-not-accessible":
      return [
        `the key does not exist in this account and Region, or you may not use it: wrong Region, account or profile, or no permission. Used: ${way}.`,
        "choose-profile",
        "choose-key",
        "open-settings",
      ];
    case "key-not-found":
      return [
        `there is no ${key} for ${way}. Aliases are case-sensitive and belong to one account and Region.`,
        "choose-key",
        "choose-profile",
      ];
    case "key-disabled":
      return [`${key} is disabled. An administrator can enable it.`, "choose-key"];
    case "key-pending-deletion": {
      const date = failure.deletionDate
        ? ` and will be deleted on ${failure.deletionDate.toISOString().slice(0, 10)}`
        : "";
      return [
        `${key} is pending deletion${date}. Until then an administrator can cancel it; after that, all that it encrypted is lost.`,
        "choose-key",
      ];
    }
    case "key-invalid-state":
      return [
        `${key} cannot be used in its present state${failure.state ? ` (${failure.state})` : ""}. If it is being created or updated, try again shortly.`,
        "retry",
        "choose-key",
      ];
    case "key-usage":
      return [`${key} signs or computes MACs. Choose a symmetric encryption key.`, "choose-key"];
    case "invalid-arn":
      return [
        `KMS does not take ${key} as an ARN. Check kmsSelection.keyAlias.`,
        "choose-key",
        "open-settings",
      ];
    case "unsupported-operation":
      return [`KMS does not do this with ${key}. Choose a symmetric encryption key.`, "choose-key"];
    case "invalid-request":
      return [`KMS did not take the request: ${failure.reason}`, "show-log"];
    case "throttled":
      return [
        "the account's KMS request quota is used up for now, also after several tries. Wait a moment and try again.",
        "retry",
      ];
    case "kms-unavailable":
      return ["KMS is temporarily unavailable, also after several tries.", "retry"];
    case "response-invalid":
      return [
        `the answer of ${failureHost(at)} was not one of KMS. A proxy or a custom endpoint may have answered instead.`,
        "show-log",
        "retry",
      ];

    case "stack":
      return [describeStackProblem(failure.problem, way), "retry"];

    case "network":
      return [
        `could not reach ${failure.host ?? "KMS"} (${failure.reason}). Check the network, the proxy (http.proxy) and the Region ${region}.`,
        "retry",
        "open-settings",
      ];
    case "certificate":
      return [
        `the certificate of ${failure.host ?? "KMS"} is not trusted (${failure.reason}). Behind a proxy with its own certificate authority, add that authority to the system's certificates, or name its file in ca_bundle of the profile.`,
        "retry",
      ];
    case "timeout":
      return [`${failure.host ?? "KMS"} did not answer in time.`, "retry"];
    case "cancelled":
      return [""];
    case "unexpected":
      return [
        "something unexpected went wrong. The document is as it was; the log names the error.",
        "show-log",
      ];
  }
}

function contextSent({ context }: Circumstances): string {
  return context ? ` The context sent was ${showContext(context)}.` : "";
}

function whyNotSignedIn(command: string, exitCode: number | undefined): string {
  if (exitCode === undefined) return `the terminal was closed before "${command}" had ended.`;
  return exitCode === 0
    ? `the command "${command}" has ended well (exit code 0), and there is still no session. Does it use the same files as VS Code (HOME, AWS_CONFIG_FILE)?`
    : `the command "${command}" has failed with exit code ${exitCode}.`;
}

function failureHost(at: Circumstances): string {
  return at.region ? `KMS in ${at.region}` : "KMS";
}

export const actionTitles: Readonly<Record<Action, string>> = {
  "choose-key": "Choose Key…",
  "choose-profile": "Choose Profile…",
  "copy-policy-statement": "Copy Policy Statement",
  "create-key": "Create the Key…",
  "find-key": "Let KMS Find the Key…",
  "install-aws-cli": "Install the AWS CLI",
  "leave-sandbox": "Leave Sandbox",
  "open-config-file": "Open AWS Config",
  "open-settings": "Open Settings",
  retry: "Try Again",
  "show-log": "Show Log",
  "sign-in": "Sign In",
  "switch-identity": "Switch Identity…",
  "try-sandbox": "Try in Sandbox",
};
