import { readFileSync } from "node:fs";
import type { Config, TlsConfig } from "../config/schema/config.ts";
import { isPem } from "../config/values.ts";
import type { Limits } from "../server/limits.ts";
import { defaultTls } from "../server/settings.ts";
import type { CertificateSettings, ServeOptions } from "../server/settings.ts";
import { createDevelopmentCertificate } from "../server/tls/self-signed.ts";

/** What the server needs to know of a checked configuration. Reads certificates. */
export function serverSettings(config: Config): ServeOptions {
  const { server } = config;
  const { paths } = server;
  const tls = tlsSettings(config);
  return {
    host: server.host,
    port: server.port,
    http2: server.http2,
    http3: (server.http3 ?? true) && tls !== undefined,
    drainMs: server.drain_ms,
    limits: limitSettings(server.limits),
    paths: {
      slashes: paths.slashes,
      encodedSlash: paths.encoded_slash,
      backslash: paths.backslash,
    },
    proxyProtocol: server.proxy_protocol ? server.trusted_proxies : undefined,
    ...(tls && { tls }),
    ...(server.tls?.redirect && { redirect: server.tls.redirect }),
  };
}

/** `header_bytes` → `headerBytes`: the schema has exactly the members of Limits. */
function limitSettings(limits: Config["server"]["limits"]): Limits {
  const entries = Object.entries(limits).map(([key, value]) => [
    key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.fromEntries(entries) as Limits;
}

function tlsSettings({ server }: Config): ServeOptions["tls"] {
  const { tls } = server;
  const certificates = server.certificate.map(readPair);
  if (tls?.cert !== undefined && tls.key !== undefined) {
    certificates.unshift(readPair({ cert: tls.cert, key: tls.key }));
  } else if (tls?.self_signed) {
    certificates.unshift({ ...developmentCertificate(), origin: "self_signed" });
  }
  if (certificates.length === 0) return undefined;
  return { certificates, ...(tls && listenerSettings(tls)) };
}

function listenerSettings(tls: TlsConfig) {
  return {
    minVersion: `TLSv${tls.min_version}` as const,
    clientAuth: tls.client_auth ?? defaultTls.clientAuth,
    hstsSeconds: tls.hsts_secs,
    hstsIncludeSubdomains: tls.hsts_include_subdomains,
    hstsPreload: tls.hsts_preload,
    ...(tls.client_ca !== undefined && { clientCa: readPem(tls.client_ca) }),
  };
}

function readPair(pair: {
  cert: string;
  key: string;
  names?: readonly string[] | undefined;
}): CertificateSettings {
  return {
    certificate: readPem(pair.cert),
    key: readPem(pair.key),
    origin: isPem(pair.cert) ? "a certificate given as text" : pair.cert,
    ...(pair.names && { names: pair.names }),
  };
}

/** PEM text, from a path or as it is. */
export function readPem(value: string): string {
  return isPem(value) ? value : readFileSync(value, "latin1");
}

let development: { certificate: string; key: string } | undefined;

/** The same through reloads, so that browsers need to be convinced only once. */
function developmentCertificate() {
  const names = ["localhost", "*.localhost", "127.0.0.1", "::1"];
  return (development ??= createDevelopmentCertificate({ names, days: 30 }));
}
