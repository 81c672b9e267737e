import * as z from "zod";
import { strategies } from "../../upstream/balance/create-balancer.ts";
import { field } from "./field.ts";
import { hostHeader } from "./host-header.ts";
import { nonEmpty } from "./text.ts";
import { discovery } from "./upstream-discovery.ts";
import { breaker, ejection, retry } from "./upstream-faults.ts";
import { healthCheck } from "./upstream-health.ts";

const ms = z.int().min(0).max(2_147_483_647);
const count = z.int().min(0).max(1_000_000);

/** A backend in full: `{ url = "…", weight = 3 }`. */
export const backend = z.strictObject({
  url: field(nonEmpty, {
    description:
      "host:port, or a URL of scheme http, https, h2 (h2c), h2s, grpc, grpcs, ws or wss; unix:/path for a socket.",
    example: '"https://10.0.0.11:8443"',
  }),
  weight: field(z.int().min(1).max(65_535).default(1), {
    description: "Its share of the requests beside the others'.",
    example: "3",
  }),
  backup: field(z.boolean().default(false), {
    description: "Asked only when no other backend can be.",
    example: "true",
  }),
  max_connections: field(count.default(0), {
    description: "Connections to it at a time. 0 = no limit.",
    example: "100",
  }),
});

const timeouts = z.strictObject({
  connect_ms: field(ms.default(5_000), {
    description: "Milliseconds to connect, TLS included. 0 = no limit.",
    example: "1000",
  }),
  first_byte_ms: field(ms.default(60_000), {
    description: "Milliseconds from the request sent to the head of the answer. 0 = no limit.",
    example: "10000",
  }),
  idle_ms: field(ms.default(60_000), {
    description: "Milliseconds without progress of content in either direction. 0 = no limit.",
    example: "30000",
  }),
  total_ms: field(ms.default(0), {
    description: "Milliseconds for the whole exchange, retries included. 0 = no limit.",
    example: "120000",
  }),
  tunnel_idle_ms: field(ms.default(3_600_000), {
    description:
      "Milliseconds in which nothing is sent, after which a WebSocket is given up. 0 = no limit: one whose client is gone without a word stays.",
    example: "300000",
  }),
});

const keepalive = z.strictObject({
  max_idle: field(count.default(256), {
    description: "Idle connections that are kept to each backend. 0 = none.",
    example: "32",
  }),
  idle_secs: field(z.int().min(1).max(86_400).default(4), {
    description:
      "Seconds an idle connection is kept. It should be less than the backend keeps it: Node closes after 5.",
    example: "55",
  }),
  max_age_secs: field(z.int().min(0).max(31_536_000).default(0), {
    description: "Seconds after which a connection is not used again. 0 = no limit.",
    example: "3600",
  }),
});

const pem = (what: string, example: string) => ({
  description: `${what} in PEM: a path, or the text itself from env:NAME or file:PATH.`,
  example,
  expected: "the path of a PEM file",
  path: true,
});

const tls = z.strictObject({
  ca: field(
    nonEmpty.optional(),
    pem(
      "The authorities that backends are verified against, in place of the system's,",
      '"ca.pem"',
    ),
  ),
  cert: field(nonEmpty.optional(), pem("The certificate shown to backends", '"client.pem"')),
  key: field(nonEmpty.optional(), pem("Its private key", '"client.key"')),
  server_name: field(nonEmpty.optional(), {
    description:
      "The name that is asked for (SNI) and that the certificate must have; the backend's host if left out.",
    example: '"api.internal"',
  }),
  verify: field(z.boolean().default(true), {
    description: "Whether the certificate of a backend must be valid. false trusts anyone.",
    example: "false",
  }),
  min_version: field(z.enum(["1.2", "1.3"]).default("1.2"), {
    description: "The oldest TLS version that is accepted.",
    example: '"1.3"',
  }),
});

/** `[[upstream]]` */
export const upstream = z.strictObject({
  name: field(nonEmpty, {
    description: "What routes call it; it is in logs and metrics too.",
    example: '"api"',
  }),
  strategy: field(z.enum(strategies).default("round_robin"), {
    description:
      "How a backend is chosen: round_robin (smooth, by weight), random, p2c (the less busy of two at random), least_conn, ip_hash (by the client's address), hash (by hash_by).",
    example: '"least_conn"',
  }),
  hash_by: field(nonEmpty.optional(), {
    description:
      'What keeps a request with its backend, for the strategy hash: "path", "header:NAME", "cookie:NAME" or "query:NAME".',
    example: '"header:X-Key"',
  }),
  backends: field(z.array(z.union([nonEmpty, backend])).default([]), {
    description:
      'Servers that do the same: "host:port", a URL (http, https, h2, h2s, grpc, grpcs), "unix:/path", or a table with url, weight, backup and max_connections.',
    example: '["10.0.0.10:8080", { url = "https://10.0.0.11:8443", weight = 3 }]',
    expected: "a list of addresses such as 10.0.0.10:8080, or of tables with a url",
  }),
  discovery: field(discovery.optional(), {
    description:
      "Where further backends are looked up while the gateway runs. While that fails the ones known stay.",
  }),
  host: field(hostHeader.default("preserve"), {
    description:
      'What is sent as Host: "preserve" is the client\'s, "backend" the backend\'s own, anything else is sent as it is.',
    example: '"backend"',
  }),
  max_in_flight: field(count.default(0), {
    description: "Requests under way at a time, over all backends. 0 = no limit.",
    example: "500",
  }),
  queue: field(count.default(0), {
    description:
      "Requests that wait for a place when there are max_in_flight; the rest is answered with 503 and Retry-After.",
    example: "100",
  }),
  queue_timeout_ms: field(ms.default(10_000), {
    description: "Milliseconds a request waits for a place. 0 = no limit.",
    example: "1000",
  }),
  slow_start_secs: field(z.int().min(0).max(86_400).default(0), {
    description:
      "Seconds over which a backend that is back gets its share, rising from a tenth. 0 = at once.",
    example: "30",
  }),
  panic_threshold: field(z.int().min(0).max(100).default(0), {
    description:
      "Per cent of the backends that must be well; when fewer are, all are asked. 0 = never those that are not.",
    example: "50",
  }),
  timeouts: field(timeouts.prefault({}), { description: "How long a backend may take." }),
  keepalive: field(keepalive.prefault({}), { description: "Connections that are kept open." }),
  retry: field(retry.prefault({}), { description: "Further attempts, on another backend." }),
  health_check: field(healthCheck.optional(), {
    description: "Asks each backend whether it is well. Off unless the table is there.",
    example: '{ path = "/healthz" }',
  }),
  ejection: field(ejection.optional(), {
    description:
      "Leaves a backend alone for a while for how it answers. Off unless the table is there.",
  }),
  breaker: field(breaker.optional(), {
    description: "A circuit breaker for each backend. Off unless the table is there.",
  }),
  tls: field(tls.prefault({}), { description: "How backends are asked over TLS." }),
});
