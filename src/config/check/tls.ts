import { readFileSync } from "node:fs";
import { defaultTls } from "../../server/settings.ts";
import { checkCertificate } from "../../server/tls/certificate.ts";
import { checkTls as checkSettings } from "../../server/tls/check-tls.ts";
import type { KeyPath } from "../path-key.ts";
import type { TlsConfig } from "../schema/config.ts";
import { isPem, reason } from "../values.ts";
import type { Check, CheckContext } from "./check.ts";

/** Browsers' preload lists ask for a year and all subdomains. */
const PRELOAD_SECS = 31_536_000;

const TLS = ["server", "tls"] as const;

/** Whether something that is not there may have been meant by a part that is wrong. */
function excused(context: CheckContext): boolean {
  return context.isDamaged(TLS) || context.isDamaged(["server", "certificate"]);
}

export const checkTls: Check = (context) => {
  const { tls, certificate } = context.config.server;
  for (const index of certificate.keys()) {
    checkPair(context, ["server", "certificate", index], certificate[index] as Pair);
  }
  checkNeedsTls(context);
  if (tls === undefined) return;
  checkDefaultCertificate(context, tls);
  checkSelfSigned(context, tls);
  checkClientCertificates(context, tls);
  if (tls.hsts_preload && (!tls.hsts_include_subdomains || tls.hsts_secs < PRELOAD_SECS)) {
    context.error(
      [...TLS, "hsts_preload"],
      "key",
      `server.tls.hsts_preload needs hsts_include_subdomains = true and hsts_secs of at least ${PRELOAD_SECS}`,
    );
  }
};

/** What makes sense only with TLS. */
function checkNeedsTls(context: CheckContext): void {
  const { server, route } = context.config;
  if (excused(context)) return;
  if (server.http3 && server.tls === undefined && server.certificate.length === 0) {
    context.error(
      ["server", "http3"],
      "key",
      "server.http3 needs TLS: HTTP/3 is always encrypted",
      "help: add [server.tls] with cert and key, or leave http3 out",
    );
  }
  if (server.tls?.client_ca !== undefined) return;
  for (const [index, { require_client_cert: required }] of route.entries()) {
    if (!required) continue;
    context.error(
      ["route", index, "require_client_cert"],
      "key",
      `${context.name(["route", index])}.require_client_cert needs server.tls.client_ca: without it no client certificate is asked for`,
      'help: add client_ca = "…" and client_auth = "optional" to [server.tls]',
    );
  }
}

function checkDefaultCertificate(
  context: CheckContext,
  { cert, key, self_signed }: TlsConfig,
): void {
  if (cert !== undefined && key !== undefined) {
    checkPair(context, TLS, { cert, key });
  } else if (cert !== undefined && !context.isDamaged([...TLS, "key"])) {
    context.error([...TLS, "cert"], "key", "server.tls.cert needs server.tls.key beside it");
  } else if (key !== undefined && !context.isDamaged([...TLS, "cert"])) {
    context.error([...TLS, "key"], "key", "server.tls.key needs server.tls.cert beside it");
  }
  const some = cert ?? key ?? context.config.server.certificate[0];
  if (some === undefined && !self_signed && !excused(context)) {
    context.error(
      TLS,
      "key",
      "server.tls has no certificate",
      'help: set cert and key ("sluice cert" makes a pair for development), or self_signed = true',
    );
  }
}

function checkSelfSigned(context: CheckContext, tls: TlsConfig): void {
  if (!tls.self_signed) return;
  const path = [...TLS, "self_signed"];
  if (tls.cert !== undefined) {
    const message = "server.tls.self_signed and server.tls.cert exclude each other";
    context.error(path, "key", message);
  }
  if (context.config.server.workers !== 1) {
    context.error(
      path,
      "key",
      "server.tls.self_signed needs server.workers = 1: each process would make its own certificate",
      'help: "sluice cert" writes a certificate that all of them can read',
    );
  }
}

function checkClientCertificates(context: CheckContext, tls: TlsConfig): void {
  if (tls.client_ca !== undefined) {
    checkClientCa(context, [...TLS, "client_ca"], tls.client_ca);
  } else if (tls.client_auth !== undefined && !context.isDamaged([...TLS, "client_ca"])) {
    const message = "server.tls.client_auth needs server.tls.client_ca";
    context.error([...TLS, "client_auth"], "key", message);
  }
}

/** A certificate and its key: that they can be read, belong together and may be served. */
export function checkPair(context: CheckContext, at: KeyPath, pair: Pair): void {
  const certificate = readPem(context, [...at, "cert"], pair.cert, "certificate");
  const key = readPem(context, [...at, "key"], pair.key, "private key");
  if (certificate === undefined || key === undefined) return;
  const problems = checkCertificate({
    certificate,
    key,
    origin: isPem(pair.cert) ? `${context.name(at)}.cert` : pair.cert,
    ...(pair.names && { names: pair.names }),
  });
  for (const { severity, code, message } of problems) {
    const path = [...at, code.startsWith("key_") ? "key" : "cert"];
    (severity === "error" ? context.error : context.warn)(path, "value", message);
  }
}

interface Pair {
  cert: string;
  key: string;
  names?: readonly string[] | undefined;
}

function checkClientCa(context: CheckContext, path: KeyPath, value: string): void {
  const clientCa = readPem(context, path, value, "authorities");
  if (clientCa === undefined) return;
  const problems = checkSettings({ ...defaultTls, certificates: [], clientCa });
  for (const { severity, origin, message } of problems) {
    // The listener's certificates are checked one by one.
    if (origin !== "client_ca") continue;
    (severity === "error" ? context.error : context.warn)(path, "value", `server.tls.${message}`);
  }
}

function readPem(
  context: CheckContext,
  path: KeyPath,
  value: string,
  what: string,
): string | undefined {
  if (isPem(value)) return value;
  try {
    return readFileSync(value, "latin1");
  } catch (error) {
    const help = 'help: "sluice cert" makes a certificate for development';
    context.error(path, "value", `cannot read the ${what} ${value}: ${reason(error)}`, help);
    return undefined;
  }
}
