import * as z from "zod";
import { backendSchemes } from "../../upstream/endpoint.ts";
import { field } from "./field.ts";
import { nonEmpty } from "./text.ts";

const type = <T extends string>(name: T, what: string) =>
  field(z.literal(name), { description: what, example: JSON.stringify(name) });

const scheme = field(z.enum(backendSchemes as [string, ...string[]]).default("http"), {
  description: "How the backends that are found are spoken to.",
  example: '"https"',
});

const port = z.int().min(1).max(65_535);

const fileDiscovery = z.strictObject({
  type: type("file", "Backends from a file that is watched."),
  path: field(nonEmpty, {
    description:
      "The file: .json with a list of addresses or tables, .toml with backends = [...], else a line for each backend such as 10.0.0.1:8080 weight=3. A broken file changes nothing.",
    example: '"/etc/api-backends.json"',
    path: true,
  }),
});

const envDiscovery = z.strictObject({
  type: type(
    "env",
    "Backends from variables of the environment, read at start and at each reload.",
  ),
  prefix: field(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
      error: "must be how names of variables begin, such as API_BACKEND_",
    }),
    {
      description:
        'How the names of the variables begin: API_BACKEND_1="10.0.0.1:8080", API_BACKEND_2="10.0.0.2:8080 weight=3".',
      example: '"API_BACKEND_"',
    },
  ),
});

// RFC 1035 2.3.4; underscores as RFC 2782 has them.
const DNS_NAME =
  /^(?=.{1,253}\.?$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i;

const dnsKeys = {
  scheme,
  resolvers: field(z.array(nonEmpty).default([]), {
    description:
      "The DNS servers to ask, in turn: addresses, with a port where it is not 53. Those of /etc/resolv.conf if there are none.",
    example: '["10.0.0.2", "[::1]:5353"]',
  }),
  min_ttl_secs: field(z.int().min(0).max(86_400).default(1), {
    description: "Seconds that an answer holds at least, whatever its time to live.",
    example: "5",
  }),
  max_ttl_secs: field(z.int().min(1).max(86_400).default(300), {
    description: "Seconds after which DNS is asked again at the latest.",
    example: "30",
  }),
};

const dnsName = (example: string, description: string) =>
  field(z.string().regex(DNS_NAME, { error: "must be a name of DNS, such as api.internal" }), {
    description,
    example,
  });

const dnsDiscovery = z.strictObject({
  type: type("dns", "A backend for each address (A and AAAA) that DNS has for a name."),
  name: dnsName('"api.internal"', "The name. It is also the server name over TLS."),
  port: field(port, { description: "The port of all of them.", example: "8080" }),
  family: field(z.enum(["any", "ipv4", "ipv6"]).default("any"), {
    description: "Which addresses are used.",
    example: '"ipv4"',
  }),
  ...dnsKeys,
});

const srvDiscovery = z.strictObject({
  type: type(
    "dns_srv",
    "Backends from SRV records: port and weight are theirs, and those that are not of the lowest priority are backups.",
  ),
  name: dnsName('"_http._tcp.api.internal"', "The name of the records."),
  ...dnsKeys,
});

/** `discovery = { type = …, … }` */
export const discovery = z.discriminatedUnion("type", [
  fileDiscovery,
  envDiscovery,
  dnsDiscovery,
  srvDiscovery,
]);
