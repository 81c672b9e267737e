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

/** A key with a name of DNS. */
export const dnsName = (example: string, description: string) =>
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

const addresses = (what: string, example: string) =>
  field(z.array(nonEmpty).min(1).default([example]), {
    description: `${what}: the next one is asked when one cannot be reached.`,
    example: `["${example}"]`,
  });

const pem = (what: string, example: string) =>
  field(nonEmpty.optional(), {
    description: `${what} in PEM: a path, or the text itself from env:NAME or file:PATH.`,
    example,
    expected: "the path of a PEM file",
    path: true,
  });

/** How the API of a source is asked over TLS. */
const apiTls = {
  ca: pem(
    "The authorities that the server is verified against, in place of the system's,",
    '"ca.pem"',
  ),
  cert: pem("A certificate of the gateway's own, for servers that ask for one,", '"client.pem"'),
  key: pem("Its private key", '"client.key"'),
};

const dockerDiscovery = z.strictObject({
  type: type(
    "docker",
    "Containers with the label sluice.upstream, watched by the events of their engine.",
  ),
  service: field(nonEmpty.optional(), {
    description: "The value of the label; the name of the upstream if left out.",
    example: '"api"',
  }),
  address: field(nonEmpty.default("unix:/var/run/docker.sock"), {
    description:
      "The engine: Docker, or Podman. Who may use its socket may do anything on its machine.",
    example: '"http://10.0.0.1:2375"',
  }),
  network: field(nonEmpty.optional(), {
    description: "The network whose addresses are used, where containers are in several.",
    example: '"web"',
  }),
  port: field(port.optional(), {
    description:
      "The port of containers without a label sluice.port; the only one a container exposes if left out.",
    example: "8080",
  }),
  published: field(z.boolean().default(false), {
    description:
      "Whether ports that are published on the host are used, in place of containers' own.",
    example: "true",
  }),
  scheme,
  ...apiTls,
});

const consulDiscovery = z.strictObject({
  type: type("consul", "The healthy instances of a service in Consul, by blocking queries."),
  service: field(nonEmpty, { description: "The name of the service.", example: '"api"' }),
  addresses: addresses("Consul agents", "http://127.0.0.1:8500"),
  tags: field(z.array(nonEmpty).default([]), {
    description: "Only instances that have all of these tags.",
    example: '["v2"]',
  }),
  datacenter: field(nonEmpty.optional(), {
    description: "The datacenter; the agent's own if left out.",
    example: '"fra1"',
  }),
  token: field(nonEmpty.optional(), {
    description: "An ACL token that may read the service and its nodes.",
    example: '"env:CONSUL_HTTP_TOKEN"',
    secret: true,
  }),
  warning: field(z.boolean().default(false), {
    description: "Whether instances with warnings are used too.",
    example: "true",
  }),
  scheme,
  ...apiTls,
});

const etcdDiscovery = z.strictObject({
  type: type("etcd", "Backends from the values of keys in etcd (v3), which are watched."),
  prefix: field(nonEmpty, {
    description:
      'How the keys begin. A value is an address such as 10.0.0.1:8080 weight=3, or JSON such as {"url": "10.0.0.1:8080"}.',
    example: '"/services/api/"',
  }),
  addresses: addresses("Members of the cluster", "http://127.0.0.1:2379"),
  user: field(nonEmpty.optional(), {
    description: "A user who may read the keys.",
    example: '"gateway"',
  }),
  password: field(nonEmpty.optional(), {
    description: "The user's password.",
    example: '"env:ETCD_PASSWORD"',
    secret: true,
  }),
  ...apiTls,
});

const kubernetesDiscovery = z.strictObject({
  type: type(
    "kubernetes",
    "The endpoints of a Service of Kubernetes, from its EndpointSlices, which are watched.",
  ),
  service: field(nonEmpty, { description: "The name of the Service.", example: '"api"' }),
  namespace: field(nonEmpty.optional(), {
    description: "Its namespace; that of the pod this runs in, else default, if left out.",
    example: '"production"',
  }),
  port: field(z.union([nonEmpty, port]).optional(), {
    description: "The port, by its name or number; the only one there is if left out.",
    example: '"http"',
    expected: "the name or the number of a port",
  }),
  api_server: field(nonEmpty.optional(), {
    description: "The API server; that of the cluster this runs in if left out.",
    example: '"https://10.0.0.1:6443"',
  }),
  token: field(nonEmpty.optional(), {
    description: "A token that may list and watch endpointslices; the pod's own if left out.",
    example: '"env:KUBERNETES_TOKEN"',
    secret: true,
  }),
  token_file: field(nonEmpty.optional(), {
    description: "A file with a token, which is read before each request.",
    example: '"/run/secrets/token"',
    path: true,
  }),
  scheme,
  ...apiTls,
});

/** `discovery = { type = …, … }` */
export const discovery = z.discriminatedUnion("type", [
  fileDiscovery,
  envDiscovery,
  dnsDiscovery,
  srvDiscovery,
  dockerDiscovery,
  consulDiscovery,
  etcdDiscovery,
  kubernetesDiscovery,
]);
