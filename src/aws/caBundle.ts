/**
 * Certificate authorities that the AWS CLI is told to trust. The SDK for JavaScript does not read them:
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html, ca_bundle
 */
import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import * as tls from "node:tls";
import { KmsSelectionError } from "../core/errors";
import type { Profile } from "./sharedConfig";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * The certificates of the file, in PEM; `undefined`: none is set. It is read each time, because it may have been changed.
 * Throws `setting-invalid`.
 */
export async function loadCaBundle({ ca_bundle }: Profile): Promise<string | undefined> {
  const ofEnvironment = process.env.AWS_CA_BUNDLE;
  const file = ofEnvironment || ca_bundle;
  if (!file) return undefined;
  const setting = ofEnvironment ? "AWS_CA_BUNDLE" : "ca_bundle of the profile";
  const fail = (reason: string, cause?: unknown): never => {
    throw new KmsSelectionError({ code: "setting-invalid", setting, reason }, { cause });
  };
  const text = await readFile(file, "utf8").catch((error: unknown) =>
    fail(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`, error),
  );
  const certificates = text.match(CERTIFICATE) ?? fail(`${file} holds no certificate in PEM`);
  for (const certificate of certificates) {
    try {
      new X509Certificate(certificate);
    } catch (error) {
      fail(`${file} holds a certificate that cannot be read`, error);
    }
  }
  return certificates.join("\n");
}

/** https://nodejs.org/api/tls.html#tlsgetcacertificatestype; our types are those of the oldest Node. */
interface NewerTls {
  readonly getCACertificates?: (kind: "default" | "system") => string[];
}

/**
 * For the agent of a client: those of the bundle besides all that are trusted anyway. VS Code leaves out the system's
 * where an agent has authorities of its own, and Node before 22.15 does not tell which they are.
 */
export function trusting(caBundle: string): { readonly ca: string[] } {
  const { getCACertificates } = tls as typeof tls & NewerTls;
  const known = getCACertificates
    ? [...getCACertificates("default"), ...getCACertificates("system")]
    : tls.rootCertificates;
  return { ca: [...known, caBundle] };
}
