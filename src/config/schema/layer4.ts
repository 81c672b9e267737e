import * as z from "zod";
import { layer4Strategies, parseLayer4Address } from "../../proxy/layer4/backend-group.ts";
import { tcpDefaults } from "../../proxy/tcp/defaults.ts";
import { udpDefaults } from "../../proxy/udp/udp-proxy.ts";
import { field } from "./field.ts";
import { tcpHealthCheck, udpHealthCheck } from "./layer4-health.ts";
import { parseListen } from "./listen.ts";
import { nonEmpty } from "./text.ts";

/** Text that `parse` accepts; what it throws completes "… " in the diagnostic. */
const parsed = (parse: (text: string) => unknown) =>
  z.string().superRefine((text, context) => {
    try {
      parse(text);
    } catch (error) {
      context.addIssue({ code: "custom", message: (error as Error).message });
    }
  });

const listen = parsed(parseListen);
const address = parsed(parseLayer4Address);

/** A backend with more to say than its address. */
const weighted = z.strictObject({
  address: field(address, {
    description: "host:port, [IPv6]:port, or for TCP unix:/path.",
    example: '"10.0.0.1:5432"',
  }),
  weight: field(z.int().min(1).max(1000).default(1), {
    description: "Its share, beside the weights of the others.",
    example: "3",
  }),
});

const backends = z.array(z.union([address, weighted]));

const backendNotes = {
  description:
    "Where connections go: host:port, [IPv6]:port, unix:/path, or { address, weight }. When one cannot be connected to the next is tried.",
  example: '["10.0.0.1:5432", { address = "10.0.0.2:5432", weight = 2 }]',
  expected: "a list of addresses such as 10.0.0.1:5432",
};

const strategyNotes = {
  description:
    'How a backend is chosen: "round_robin" in turn by weight, "least_conn" the one with the fewest open connections for its weight, "random", or "ip_hash" which keeps a client\'s address with one backend.',
  example: '"least_conn"',
};

const failSecs = field(z.int().min(0).max(86_400).default(10), {
  description: "Seconds for which a backend that failed is tried only after the others.",
  example: "30",
});

const name = field(nonEmpty.optional(), {
  description: "For logs, metrics and lists.",
  example: '"database"',
});

const pem = (what: string, example: string) => ({
  description: `${what} in PEM: a path, or the text itself from env:NAME or file:PATH.`,
  example,
  expected: "the path of a PEM file",
  path: true,
});

const tls = z.strictObject({
  cert: field(nonEmpty, pem("The certificate, leaf first, then intermediates,", '"certs/db.pem"')),
  key: field(nonEmpty, pem("Its private key", '"certs/db.key"')),
  min_version: field(z.enum(["1.2", "1.3"]).default("1.2"), {
    description: "The oldest TLS version that is accepted.",
    example: '"1.3"',
  }),
});

const SERVER_NAME = /^(?:\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)$/i;

const sni = z.strictObject({
  names: field(
    z
      .array(
        z.string().max(255).regex(SERVER_NAME, {
          error: "must be a host name such as db.example.com, *.example.com for one label, or *",
        }),
      )
      .min(1),
    {
      description:
        "Server names that clients ask for: exact, *.example.com for one label, or * for every other and for none.",
      example: '["db.example.com", "*.db.example.com"]',
    },
  ),
  backends: field(backends.min(1), backendNotes),
});

/** `[[tcp_proxy]]` */
export const tcpProxy = z.strictObject({
  name,
  listen: field(listen, {
    description: "The address and port to accept connections on.",
    example: '"0.0.0.0:5432"',
    expected: "an address with a port, such as 0.0.0.0:5432",
  }),
  backends: field(backends.default([]), backendNotes),
  strategy: field(z.enum(layer4Strategies).default("round_robin"), strategyNotes),
  fail_secs: failSecs,
  health_check: field(tcpHealthCheck.optional(), {
    description:
      "Connects to each backend, and asks it something if that is wanted. Off unless the table is there.",
  }),
  sni: field(z.array(sni).default([]), {
    description:
      "Backends by the server name of a TLS connection, which is passed on without being decrypted. The first entry with the name counts; backends of the proxy itself take what has none.",
    example: '[{ names = ["a.example.com"], backends = ["10.0.0.1:443"] }]',
  }),
  tls: field(tls.optional(), {
    description: "Decrypts connections here; backends get plain bytes.",
  }),
  accept_proxy_protocol: field(z.boolean().default(false), {
    description:
      "Every connection must come from one of trusted_proxies and begin with a PROXY header, version 1 or 2; others are closed.",
    example: "true",
  }),
  trusted_proxies: field(z.array(nonEmpty).default([]), {
    description:
      "Networks whose PROXY headers are believed: addresses, CIDR blocks, or loopback, private, linklocal.",
    example: '["10.0.0.0/8"]',
  }),
  proxy_protocol: field(z.enum(["v1", "v2"]).optional(), {
    description: "Tells backends of the client with a PROXY header of this version.",
    example: '"v2"',
  }),
  connect_timeout_ms: field(z.int().min(1).max(600_000).default(tcpDefaults.connectTimeoutMs), {
    description: "Milliseconds for each attempt to connect to a backend.",
    example: "2000",
  }),
  first_bytes_ms: field(z.int().min(1).max(600_000).default(tcpDefaults.firstBytesMs), {
    description:
      "Milliseconds a client has for its PROXY header and, with sni, its TLS ClientHello.",
    example: "5000",
  }),
  idle_secs: field(
    z
      .int()
      .min(0)
      .max(2_000_000)
      .default(tcpDefaults.idleMs / 1000),
    {
      description:
        "Seconds without a byte in either direction after which a connection is closed. 0 = never.",
      example: "600",
    },
  ),
  max_connections: field(z.int().min(1).max(10_000_000).default(tcpDefaults.maxConnections), {
    description: "Connections at a time, in each worker; more are closed at once.",
    example: "1000",
  }),
});

/** `[[udp_proxy]]` */
export const udpProxy = z.strictObject({
  name,
  listen: field(listen, {
    description: "The address and port to receive datagrams on.",
    example: '"0.0.0.0:53"',
    expected: "an address with a port, such as 0.0.0.0:53",
  }),
  backends: field(backends.min(1), {
    description: "Where datagrams go: host:port, [IPv6]:port, or { address, weight }.",
    example: '["10.0.0.1:53", "10.0.0.2:53"]',
    expected: "a list of addresses such as 10.0.0.1:53",
  }),
  strategy: field(z.enum(layer4Strategies).default("ip_hash"), strategyNotes),
  fail_secs: failSecs,
  health_check: field(udpHealthCheck.optional(), {
    description: "Asks each backend whether it is well. Off unless the table is there.",
  }),
  idle_secs: field(
    z
      .int()
      .min(1)
      .max(2_000_000)
      .default(udpDefaults.idleMs / 1000),
    {
      description:
        "Seconds without a datagram in either direction after which a client's session is forgotten.",
      example: "30",
    },
  ),
  max_sessions: field(z.int().min(1).max(1_000_000).default(udpDefaults.maxSessions), {
    description:
      "Sessions at a time, each with a socket; for one more the longest silent one is forgotten.",
    example: "5000",
  }),
});
