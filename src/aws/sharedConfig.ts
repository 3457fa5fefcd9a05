/** The shared AWS config and credentials files: https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html */
import { join } from "node:path";
import { getHomeDir, loadSharedConfigFiles, readFile } from "@smithy/core/config";
import { KmsSelectionError } from "../core/errors";

/** The settings of one profile; those of nested sections as `section.key`. */
export type Profile = Readonly<Record<string, string | undefined>>;

/** It has no settings; the SDK's parser drops its name; the credentials file has it as `[profile NAME]`. */
export type UnreadReason = "empty" | "name" | "word-profile";

export interface SharedConfig {
  readonly configFile: string;
  readonly credentialsFile: string;
  /** Of both files, merged; where both have a setting, the credentials file's. */
  readonly profiles: ReadonlyMap<string, Profile>;
  /** The `[services NAME]` sections. */
  readonly services: ReadonlyMap<string, Profile>;
  /** The `[sso-session NAME]` sections. */
  readonly ssoSessions: ReadonlyMap<string, Profile>;
  /** Profiles that stand in a file and of which the SDK reads nothing, with the reason. */
  readonly unread: ReadonlyMap<string, UnreadReason>;
}

/**
 * Reads both files anew. Throws `config-file-unreadable` or `config-file-malformed`; a file that does not exist is
 * empty. The files are parsed by the AWS SDK.
 */
export async function loadSharedConfig(): Promise<SharedConfig> {
  const { configFile, credentialsFile } = sharedConfigFiles();
  const parsed = await loadSharedConfigFiles({
    configFilepath: configFile,
    filepath: credentialsFile,
    ignoreCache: true,
  });
  const texts: string[] = [];
  for (const file of [configFile, credentialsFile]) {
    const text = await read(file);
    const line = findMalformedLine(text);
    if (line !== undefined)
      throw new KmsSelectionError({ code: "config-file-malformed", malformed: { file, line } });
    texts.push(text);
  }
  const profiles = new Map<string, Profile>();
  const services = new Map<string, Profile>();
  const ssoSessions = new Map<string, Profile>();
  for (const [section, values] of Object.entries(parsed.configFile)) {
    if (section.startsWith("services.")) services.set(section.slice("services.".length), values);
    else if (section.startsWith("sso-session.")) {
      ssoSessions.set(section.slice("sso-session.".length), values);
    } else profiles.set(section, values);
  }
  const [configSections = [], credentialsSections = []] = texts.map(sectionNames);
  for (const [name, values] of Object.entries(parsed.credentialsFile)) {
    // The SDK answers with "sso-session.corp" for [sso-session corp], which is no profile.
    if (credentialsSections.includes(name)) profiles.set(name, { ...profiles.get(name), ...values });
  }
  const unread = new Map(
    [...configSections.map(profileOfConfigFile), ...credentialsSections.map(profileOfCredentialsFile)]
      .filter((found) => found !== undefined)
      .filter(([name]) => !profiles.has(name)),
  );
  return {
    configFile,
    credentialsFile,
    profiles,
    services,
    ssoSessions,
    unread,
  };
}

/** Where the files are, or would be. */
export function sharedConfigFiles(): Pick<SharedConfig, "configFile" | "credentialsFile"> {
  return {
    configFile: pathOf(process.env.AWS_CONFIG_FILE, "config"),
    credentialsFile: pathOf(process.env.AWS_SHARED_CREDENTIALS_FILE, "credentials"),
  };
}

function pathOf(environmentVariable: string | undefined, name: string): string {
  const file = environmentVariable || join(getHomeDir(), ".aws", name);
  return file.startsWith("~/") ? join(getHomeDir(), file.slice(2)) : file;
}

/** The SDK keeps what it has just read, so this reads nothing a second time. */
async function read(file: string): Promise<string> {
  try {
    return await readFile(file);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? "unknown";
    if (reason === "ENOENT" || reason === "ENOTDIR") return "";
    throw new KmsSelectionError({ code: "config-file-unreadable", file, reason }, { cause: error });
  }
}

/** What stands between the brackets of each section. */
function sectionNames(text: string): string[] {
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  return lines.flatMap((line) => /^\[(.*)\]$/.exec(withoutComment(line).trim())?.[1] ?? []);
}

/** `parseIni` of @smithy/core takes a section of this form apart, and drops one whose first word it does not know. */
const WORD_AND_NAME = /^[\w-]+\s(["']?)[\w@+.%:/-]+\1$/;

type Unread = readonly [name: string, reason: UnreadReason];

/** `[profile NAME]`, `[profile "NAME WITH SPACES"]`, `[default]`, as the AWS CLI reads them. */
function profileOfConfigFile(section: string): Unread | undefined {
  if (section === "default") return [section, "empty"];
  const [, name] = /^\s*profile\s+(.*\S)\s*$/.exec(section) ?? [];
  if (name === undefined) return undefined;
  return [name.replace(/^(["'])(.*)\1$/, "$2"), WORD_AND_NAME.test(section) ? "empty" : "name"];
}

/** The sections of the credentials file are the names themselves. */
function profileOfCredentialsFile(section: string): Unread | undefined {
  if (/^(?:sso-session|services)\s/.test(section) || section.trim() === "") return undefined;
  const [, name] = /^profile\s+(.*\S)\s*$/.exec(section) ?? [];
  if (name !== undefined) return [name, "word-profile"];
  return [section, WORD_AND_NAME.test(section) ? "name" : "empty"];
}

function withoutComment(line: string): string {
  return line.split(/(?:^|\s)[;#]/)[0] ?? "";
}

/** For such a name the SDK throws the whole file away, without a word. */
const REFUSED_SECTION = /^\[(?:profile )?__proto__\]$/;

/**
 * The first line (from 1) that is neither section, setting, comment nor continuation. The SDK's parser passes over such
 * a line, so that after a damaged `[profile …]` the settings would count for the profile before it; the AWS CLI refuses
 * the file, and so do we. A setting with a colon the AWS CLI reads and the SDK passes over; it moves no other setting.
 */
export function findMalformedLine(text: string): number | undefined {
  for (const [index, line] of text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .entries()) {
    const content = withoutComment(line).trimEnd();
    if (content === "") continue;
    const isSection = content.trimStart().startsWith("[");
    const isContinuation = /^\s/.test(content);
    if (REFUSED_SECTION.test(content.trim())) return index + 1;
    if (isSection ? !content.endsWith("]") : !isContinuation && !/[=:]/.test(content)) return index + 1;
  }
  return undefined;
}
