import { readFileSync } from "node:fs";
import type { CertificateSettings } from "../settings.ts";
import type { CertificateProblem } from "./certificate.ts";
import { CertificateError } from "./certificate.ts";

/**
 * Reads a certificate and its key from PEM files, at start-up and at each reload. What the files hold is
 * checked by `checkCertificate`.
 *
 * @throws CertificateError naming each file that cannot be read
 */
export function readCertificateFiles(
  certificatePath: string,
  keyPath: string,
): CertificateSettings {
  const problems: CertificateProblem[] = [];
  const certificate = readPem(certificatePath, "certificate_unreadable", problems);
  const key = readPem(keyPath, "key_unreadable", problems);
  if (problems.length > 0) throw new CertificateError(problems);
  return { certificate, key, origin: certificatePath };
}

const reasons: Record<string, string> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied: let the user that runs sluice read it",
  EISDIR: "it is a directory: name the file in it",
  ENOTDIR: "a part of the path is not a directory",
};

function readPem(path: string, code: string, problems: CertificateProblem[]): string {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    const { code: cause = "", message } = error as Error & { code?: string };
    problems.push({
      severity: "error",
      code,
      message: `${path}: cannot be read: ${reasons[cause] ?? message}`,
      origin: path,
    });
    return "";
  }
}
