import * as z from "zod";
import { defaultPathRules } from "../../http/path.ts";
import { defaultTls, resolveSettings } from "../../server/settings.ts";
import { field } from "./field.ts";
import { limits } from "./limits.ts";
import { nonEmpty } from "./text.ts";

const D = resolveSettings();
export const port = z.int().min(0).max(65_535);

const pem = (what: string, example: string) => ({
  description: `${what} in PEM: a path, or the text itself from env:NAME or file:PATH.`,
  example,
  expected: "the path of a PEM file",
  path: true,
});

const names = z.array(nonEmpty).min(1);

/** `[[server.certificate]]` */
export const certificate = z.strictObject({
  cert: field(
    nonEmpty,
    pem("The certificate, leaf first, then intermediates,", '"certs/example.com.pem"'),
  ),
  key: field(nonEmpty, pem("Its private key", '"certs/example.com.key"')),
  names: field(names.optional(), {
    description:
      "Host names it is chosen for by SNI: exact, or *.example.com for one label. Taken from the certificate if left out.",
    example: '["example.com", "*.example.com"]',
  }),
});

const redirect = z.strictObject({
  port: field(z.int().min(1).max(65_535).default(80), {
    description: "The port of the plain-HTTP listener.",
    example: "80",
  }),
  status: field(z.literal([301, 308]).default(301), {
    description: "301, or 308 which makes clients keep the method.",
    example: "308",
  }),
});

/** `[server.tls]` */
export const tls = z.strictObject({
  cert: field(
    nonEmpty.optional(),
    pem("The default certificate, leaf first, then intermediates,", '"certs/site.pem"'),
  ),
  key: field(nonEmpty.optional(), pem("Its private key", '"certs/site.key"')),
  self_signed: field(z.boolean().default(false), {
    description:
      "Makes a certificate for localhost in memory at start. For development: browsers will ask before they trust it.",
    example: "true",
  }),
  min_version: field(
    z.enum(["1.2", "1.3"]).default(defaultTls.minVersion === "TLSv1.3" ? "1.3" : "1.2"),
    {
      description: "The oldest TLS version that is accepted.",
      example: '"1.3"',
    },
  ),
  client_ca: field(
    nonEmpty.optional(),
    pem(
      "The authorities that client certificates are verified against (mTLS)",
      '"certs/clients-ca.pem"',
    ),
  ),
  client_auth: field(z.enum(["required", "optional"]).optional(), {
    description:
      'With client_ca: "required" refuses connections without a valid client certificate, "optional" lets routes demand one (require_client_cert). "required" if left out.',
    example: '"optional"',
  }),
  hsts_secs: field(z.int().min(0).default(defaultTls.hstsSeconds), {
    description:
      "Seconds of Strict-Transport-Security on every answer over TLS. 0 = no such header.",
    example: "31536000",
  }),
  hsts_include_subdomains: field(z.boolean().default(defaultTls.hstsIncludeSubdomains), {
    description: "Adds includeSubDomains to Strict-Transport-Security.",
    example: "true",
  }),
  hsts_preload: field(z.boolean().default(defaultTls.hstsPreload), {
    description:
      "Adds preload to Strict-Transport-Security, which asks browsers to build the host into their lists. Hard to undo.",
    example: "true",
  }),
  redirect: field(redirect.optional(), {
    description:
      "A plain-HTTP listener that redirects every request to https. Off unless the table is there.",
  }),
});

const paths = z.strictObject({
  slashes: field(z.enum(["merge", "keep"]).default(defaultPathRules.slashes), {
    description: '"merge" takes // for /; "keep" leaves it.',
    example: '"keep"',
  }),
  encoded_slash: field(z.enum(["refuse", "keep"]).default(defaultPathRules.encodedSlash), {
    description:
      "%2F in a path, which some origins decode to a separator: refused with 400, or kept as it is.",
    example: '"keep"',
  }),
  backslash: field(z.enum(["refuse", "keep"]).default(defaultPathRules.backslash), {
    description:
      "\\ or %5C in a path, which some file systems take for a separator: refused with 400, or kept.",
    example: '"keep"',
  }),
});

/** `[server]` */
export const server = z.strictObject({
  host: field(nonEmpty.default(D.host), {
    description:
      "The address to listen on. 127.0.0.1 is reachable from this machine only; 0.0.0.0 opens every IPv4 address, :: every address.",
    example: '"0.0.0.0"',
    expected: "an IP address or a host name",
  }),
  port: field(port.default(D.port), {
    description: "The port to listen on, TCP, and UDP for HTTP/3. 0 lets the system choose.",
    example: "443",
  }),
  workers: field(z.union([z.int().min(1).max(1024), z.literal("auto")]).default(1), {
    description: 'Processes that share the port. "auto" is one for each core.',
    example: '"auto"',
  }),
  http2: field(z.boolean().default(D.http2), {
    description: "HTTP/2: over TLS by ALPN, and in clear text for clients that know it beforehand.",
    example: "false",
  }),
  http3: field(z.boolean().optional(), {
    description:
      "HTTP/3 on the UDP port of the same number. On wherever there is TLS, if left out.",
    example: "false",
  }),
  drain_ms: field(z.int().min(0).max(2_147_483_647).default(D.drainMs), {
    description: "Milliseconds that open requests have to finish when the server stops or reloads.",
    example: "30000",
  }),
  drain_delay_ms: field(z.int().min(0).max(600_000).default(0), {
    description:
      "Milliseconds for which a server that was told to stop still accepts while /readyz says 503, so that load balancers notice first.",
    example: "5000",
  }),
  trusted_proxies: field(z.array(nonEmpty).default([]), {
    description:
      "Networks of proxies that are believed about their clients: addresses, CIDR blocks, or loopback, private, linklocal. Routes, limits and logs of backends see the client then, and the host and scheme it asked for.",
    example: '["10.0.0.0/8"]',
  }),
  forwarded_fields: field(z.enum(["x-forwarded", "forwarded"]).default("x-forwarded"), {
    description:
      "In what words they say it: x-forwarded (X-Forwarded-For, -Proto, -Host) or forwarded (RFC 7239). Never both: a client could write the other one.",
    example: '"forwarded"',
  }),
  proxy_protocol: field(z.boolean().default(false), {
    description:
      "Every TCP connection must come from one of trusted_proxies and begin with a PROXY header, version 1 or 2; others are closed. Clients over HTTP/3 are seen as they are.",
    example: "true",
  }),
  health: field(z.boolean().default(false), {
    description: "Answers /healthz and /readyz on this listener too, for orchestrators.",
    example: "true",
  }),
  user: field(nonEmpty.optional(), {
    description: "User that the process becomes once its ports are bound. Needs a start as root.",
    example: '"www-data"',
  }),
  group: field(nonEmpty.optional(), {
    description: "Group that the process becomes; the user's own if left out.",
    example: '"www-data"',
  }),
  limits: field(limits.prefault({}), {
    description: "What a client may use up.",
  }),
  paths: field(paths.prefault({}), {
    description: "How request paths are brought into their one canonical form.",
  }),
  tls: field(tls.optional(), {
    description: "HTTPS. Off unless the table, or a [[server.certificate]], is there.",
  }),
  certificate: field(z.array(certificate).default([]), {
    description: "More certificates, chosen by the name a client asks for (SNI).",
  }),
});
