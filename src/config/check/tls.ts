import { readFileSync } from "node:fs";
import { defaultTls } from "../../server/settings.ts";
import { checkCertificate } from "../../server/tls/certificate.ts";
import { checkTls as checkSettings } from "../../server/tls/check-tls.ts";
import type { KeyPath } from "../path-key.ts";
import { isPem, reason } from "../values.ts";
import type { Check, CheckContext } from "./check.ts";

/** Browsers' preload lists ask for a year and all subdomains. */
const PRELOAD_SECS = 31_536_000;

export const checkTls: Check = (context) => {
  const { server, route } = context.config;
  const { tls, certificate } = server;
  const at = ["server", "tls"] as const;
  for (const [index, entry] of certificate.entries()) {
    checkPair(context, ["server", "certificate", index], entry);
  }
  const encrypted =
    tls !== undefined || certificate.length > 0 || context.isDamaged(["server", "certificate"]);
  if (server.http3 && !encrypted && !context.isDamaged(at)) {
    context.error(
      ["server", "http3"],
      "key",
      "server.http3 needs TLS: HTTP/3 is always encrypted",
      "help: add [server.tls] with cert and key, or leave http3 out",
    );
  }
  for (const [index, entry] of route.entries()) {
    if (!entry.require_client_cert || tls?.client_ca !== undefined || context.isDamaged(at))
      continue;
    context.error(
      ["route", index, "require_client_cert"],
      "key",
      `${context.name(["route", index])}.require_client_cert needs server.tls.client_ca: without it no client certificate is asked for`,
      'help: add client_ca = "…" and client_auth = "optional" to [server.tls]',
    );
  }
  if (tls === undefined) return;
  const lacks = (key: string) => !context.isDamaged([...at, key]);
  if (tls.client_ca !== undefined) checkClientCa(context, [...at, "client_ca"], tls.client_ca);
  const { cert, key } = tls;
  if (cert !== undefined && key !== undefined) checkPair(context, at, { cert, key });
  if (tls.cert !== undefined && tls.key === undefined && lacks("key")) {
    context.error([...at, "cert"], "key", "server.tls.cert needs server.tls.key beside it");
  }
  if (tls.key !== undefined && tls.cert === undefined && lacks("cert")) {
    context.error([...at, "key"], "key", "server.tls.key needs server.tls.cert beside it");
  }
  const none = tls.cert === undefined && tls.key === undefined && certificate.length === 0;
  if (
    none &&
    !tls.self_signed &&
    !context.isDamaged(at) &&
    !context.isDamaged(["server", "certificate"])
  ) {
    context.error(
      at,
      "key",
      "server.tls has no certificate",
      'help: set cert and key ("sluice cert" makes a pair for development), or self_signed = true',
    );
  }
  if (tls.self_signed && tls.cert !== undefined) {
    context.error(
      [...at, "self_signed"],
      "key",
      "server.tls.self_signed and server.tls.cert exclude each other",
    );
  }
  if (tls.self_signed && server.workers !== 1) {
    context.error(
      [...at, "self_signed"],
      "key",
      "server.tls.self_signed needs server.workers = 1: each process would make its own certificate",
      'help: "sluice cert" writes a certificate that all of them can read',
    );
  }
  if (tls.client_auth !== undefined && tls.client_ca === undefined && lacks("client_ca")) {
    context.error(
      [...at, "client_auth"],
      "key",
      "server.tls.client_auth needs server.tls.client_ca",
    );
  }
  if (tls.hsts_preload && (!tls.hsts_include_subdomains || tls.hsts_secs < PRELOAD_SECS)) {
    context.error(
      [...at, "hsts_preload"],
      "key",
      `server.tls.hsts_preload needs hsts_include_subdomains = true and hsts_secs of at least ${PRELOAD_SECS}`,
    );
  }
};

/** A certificate and its key: that they can be read, belong together and may be served. */
function checkPair(context: CheckContext, at: KeyPath, pair: Pair): void {
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
