import type { KeyPath } from "./path-key.ts";

const UPSTREAM =
  'name the servers in an [[upstream]] by backends = ["HOST:PORT"], and say upstream = its name';
const BACKENDS = 'write backends = ["HOST:PORT"]';
const LISTEN = 'write host = "0.0.0.0" and port = 80';
const UNVERIFIED = "write verify = false";
const REWRITE = 'write rewrite = [{ strip = "/prefix" }] in [route.middleware]';
const BASIC = 'write auth = { type = "basic", htpasswd = "FILE" }';
const FORWARD = 'write auth = { type = "forward", upstream = "NAME", path = "/verify" }';
const JWT = 'write auth = { type = "jwt", jwks = "https://…" }';
const ROUTE = "write [[route]], with match and action";
const ADMIN = "write [admin]: a listener with /metrics, /status and health";

/** By table: what other servers call a thing, and how it is written here. */
const WORDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "": {
    listen: `in [server] ${LISTEN}`,
    location: ROUTE,
    site: ROUTE,
    virtual_host: ROUTE,
    service: "write [[upstream]], and a [[route]] that asks it",
    services: "write [[upstream]], and a [[route]] that asks it",
    stream: "write [[tcp_proxy]] or [[udp_proxy]]",
    tcp: "write [[tcp_proxy]]",
    udp: "write [[udp_proxy]]",
    metrics: ADMIN,
    api: ADMIN,
  },
  server: {
    listen: LISTEN,
    bind: LISTEN,
    address: LISTEN,
    ssl: "write [server.tls]",
    threads: 'write workers = "auto"',
    processes: 'write workers = "auto"',
    worker_processes: 'write workers = "auto"',
    client_max_body_size: "write body_bytes in [server.limits]",
    max_body_size: "write body_bytes in [server.limits]",
    access_log: "write access in [log]",
    server_name: "write match.host in a [[route]]",
    root: 'write action = { type = "static", root = "DIR" } in a [[route]]',
  },
  upstream: {
    servers: BACKENDS,
    server: BACKENDS,
    targets: BACKENDS,
    endpoints: BACKENDS,
    nodes: BACKENDS,
    hosts: BACKENDS,
    addresses: BACKENDS,
    urls: BACKENDS,
    url: BACKENDS,
    balance: 'write strategy = "least_conn"',
    load_balancing: 'write strategy = "least_conn"',
    algorithm: 'write strategy = "least_conn"',
    circuit_breaker: "write [upstream.breaker]",
    max_connections: "write max_in_flight for requests under way",
  },
  "upstream.tls": {
    insecure_skip_verify: UNVERIFIED,
    insecure: UNVERIFIED,
    skip_verify: UNVERIFIED,
  },
  route: {
    proxy: 'write action = { type = "proxy", upstream = "NAME" }',
    proxy_pass: 'write action = { type = "proxy", upstream = "NAME" }',
    upstream: 'write action = { type = "proxy", upstream = "NAME" }',
    backends: 'write action = { type = "proxy", upstream = "NAME" }',
    root: 'write action = { type = "static", root = "DIR" }',
    redirect: 'write action = { type = "redirect", to = "/…" }',
    return: 'write action = { type = "respond", status = 204 }',
    middlewares: "write [route.middleware]",
    strip_prefix: REWRITE,
  },
  "route.action": {
    url: UPSTREAM,
    target: UPSTREAM,
    backend: UPSTREAM,
    backends: UPSTREAM,
    servers: UPSTREAM,
    address: UPSTREAM,
    proxy_pass: UPSTREAM,
    upstreams: 'write choices = [{ upstream = "NAME", weight = 95 }, …]',
    strip_prefix: REWRITE,
    rewrite: REWRITE,
    headers: "write headers = { request = { … }, response = { … } } in [route.middleware]",
    timeout: "write timeouts in the [[upstream]]",
    timeout_ms: "write timeout_ms in [route.middleware], or timeouts in the [[upstream]]",
    retries: "write retry = { attempts = 3 } in the [[upstream]]",
    weights: 'write choices = [{ upstream = "NAME", weight = 95 }, …]',
    file: 'the module is module = "FILE.wasm" of type = "wasm"',
  },
  middleware: {
    basic_auth: BASIC,
    basicauth: BASIC,
    forward_auth: FORWARD,
    forwardauth: FORWARD,
    auth_request: FORWARD,
    jwt: JWT,
    jwt_auth: JWT,
    bearer: 'write auth = { type = "bearer", token_env = "NAME" }',
    gzip: "write compress = {}",
    brotli: "write compress = {}",
    zstd: "write compress = {}",
    encode: "write compress = {}",
    strip_prefix: 'write rewrite = [{ strip = "/prefix" }]',
    add_prefix: 'write rewrite = [{ add = "/prefix" }]',
    replace_path: 'write rewrite = [{ from = "~^/old/(.*)$", to = "/new/$1" }]',
    retry: "write retry in the [[upstream]]",
    circuit_breaker: "write [upstream.breaker]",
    ip_allow_list: 'write ip_filter = { allow = ["10.0.0.0/8"] }',
    ip_whitelist: 'write ip_filter = { allow = ["10.0.0.0/8"] }',
    in_flight_req: "write max_in_flight in the [[upstream]]",
  },
};

/** How a key that another server would have is written here, if it is one of those that people try. */
export function foreignWord(key: string, table: KeyPath): string | undefined {
  const name = table.filter((part) => typeof part === "string").join(".");
  const words = WORDS[name === "route.middleware" ? "middleware" : name] ?? {};
  const plain = key.toLowerCase().replaceAll("-", "_");
  return Object.hasOwn(words, plain) ? words[plain] : undefined;
}
