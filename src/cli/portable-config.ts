import type { Config } from "../config/schema/config.ts";
import { readPem } from "../gateway/settings.ts";
import type { ServeOptions } from "../server/settings.ts";

interface Pem {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * A configuration with the text of every certificate and key in the place of its path: plain data that a
 * worker can be given, which then needs no right to read key files, and serves what the supervisor checked.
 */
export function portableConfig(whole: Config, { tls }: ServeOptions): Config {
  const config: Config = {
    ...whole,
    tcp_proxy: whole.tcp_proxy.map(({ tls: own, ...proxy }) => ({
      ...proxy,
      ...(own && { tls: { ...own, cert: readPem(own.cert), key: readPem(own.key) } }),
    })),
  };
  config.upstream = whole.upstream.map((upstream) => ({
    ...upstream,
    tls: withTexts(upstream.tls),
    ...(upstream.discovery && { discovery: withTexts(upstream.discovery) }),
  }));
  if (tls === undefined) return config;
  const { server } = config;
  const texts = tls.certificates.map(({ certificate, key }) => ({ cert: certificate, key }));
  // The default certificate, if there is one, comes first; see gateway/settings.ts.
  const own = texts.length > server.certificate.length ? texts.shift() : undefined;
  const certificate = server.certificate.map((pair, index) => ({ ...pair, ...texts[index] }));
  const section = server.tls && {
    ...server.tls,
    ...own,
    self_signed: false,
    ...(tls.clientCa !== undefined && { client_ca: tls.clientCa }),
  };
  return { ...config, server: { ...server, certificate, ...(section && { tls: section }) } };
}

/** With the text of certificates and keys, where there are any. */
function withTexts<T extends object>(table: T & Pem): T {
  const texts = (["ca", "cert", "key"] as const)
    .map((key) => [key, table[key]] as const)
    .filter((entry): entry is readonly [keyof Pem, string] => entry[1] !== undefined)
    .map(([key, value]) => [key, readPem(value)]);
  return { ...table, ...Object.fromEntries(texts) };
}
