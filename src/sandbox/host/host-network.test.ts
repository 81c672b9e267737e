import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { HostFault } from "../abi/abi.ts";
import { Capability } from "../capability.ts";
import type { NetworkOptions } from "../capability.ts";
import { CapabilityDenied } from "../errors.ts";
import { HostNetwork } from "./host-network.ts";
import { addressIsAllowed } from "./network-rules.ts";

let server: ReturnType<typeof Bun.serve>;
let other: ReturnType<typeof Bun.serve>;

beforeAll(() => {
  other = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => Response.json(Object.fromEntries(request.headers)),
  });
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      const to = searchParams.get("to") ?? "/";
      if (pathname === "/redirect") {
        return new Response(null, {
          status: Number(searchParams.get("status")),
          headers: { location: to },
        });
      }
      if (pathname === "/loop") return Response.redirect("/loop", 302);
      if (pathname === "/large") return new Response("x".repeat(10_000));
      if (pathname === "/never") await new Promise(() => {});
      const body = await request.text();
      const { host, "content-type": type = "" } = Object.fromEntries(request.headers);
      return Response.json({ method: request.method, host, type, body, path: pathname });
    },
  });
});
afterAll(async () => {
  await server.stop(true);
  await other.stop(true);
});

const network = (options: Partial<NetworkOptions> = {}): HostNetwork => {
  const capability = Capability.network({
    hosts: ["127.0.0.1", "localhost"],
    ports: [server.port!],
    privateAddresses: true,
    ...options,
  });
  if (capability.kind !== "network") throw new Error("no network capability");
  return new HostNetwork(capability.rules);
};
const at = (path: string, host = "127.0.0.1"): string => `http://${host}:${server.port}${path}`;
const get = (url: string) => ({ method: "GET", url, headers: [], body: new Uint8Array() });
const text = ({ body }: { body: Uint8Array }): string => new TextDecoder().decode(body);
const failure = (asking: Promise<unknown>): Promise<unknown> =>
  asking.then(
    () => "nothing",
    (error: unknown) => error,
  );

test("a request goes out and its answer comes back", async () => {
  const body = new TextEncoder().encode("hello");
  const headers = [
    ["content-type", "text/plain"],
    ["host", "evil.example"],
    ["transfer-encoding", "chunked"],
  ] as const;
  const answer = await network().request({ method: "post", url: at("/a?b=c"), headers, body });
  expect(answer.status).toBe(200);
  expect(answer.headers.find(([name]) => name === "content-type")?.[1]).toContain("json");
  const host = `127.0.0.1:${server.port}`;
  const seen = { method: "POST", host, type: "text/plain", body: "hello", path: "/a" };
  expect(JSON.parse(text(answer))).toEqual(seen);
});

describe("refused is", () => {
  const denied = async (url: string, options?: Partial<NetworkOptions>): Promise<string> => {
    const error = await failure(network(options).request(get(url)));
    expect(error).toBeInstanceOf(CapabilityDenied);
    return (error as Error).message;
  };

  test("another host, port or scheme", async () => {
    expect(await denied("http://example.org/")).toContain("port 80");
    expect(await denied(at("/", "127.0.0.2"))).toContain("127.0.0.2 is not among the hosts");
    expect(await denied("http://127.0.0.1:1/")).toContain("port 1");
    expect(await denied("ftp://127.0.0.1/")).toContain("ftp:");
    expect(await denied("file:///etc/passwd")).toContain("file:");
  });

  test("an address that is not public, by whatever name and spelling", async () => {
    const hosts = ["*"];
    for (const host of [
      "localhost",
      "127.0.0.1",
      "[::1]",
      "0x7f.1",
      "2130706433",
      "[::ffff:127.0.0.1]",
    ]) {
      expect(await denied(at("/", host), { hosts, privateAddresses: false })).toContain(
        "not allowed",
      );
    }
  });

  test("a redirect to where a request may not go", async () => {
    const target = encodeURIComponent(`http://127.0.0.1:${other.port}/`);
    expect(await denied(at(`/redirect?status=302&to=${target}`))).toContain(`port ${other.port}`);
    expect(await denied(at("/redirect?status=307&to=file:///etc/passwd"))).toContain("file:");
  });
});

test("public is what the internet routes", () => {
  const capability = Capability.network({ hosts: ["*"] });
  if (capability.kind !== "network") throw new Error("no network capability");
  const allowed = (address: string) => addressIsAllowed(capability.rules, address);
  for (const address of ["1.1.1.1", "2606:4700::1111", "64:ff9b::101:101"])
    expect(allowed(address)).toBe(true);
  for (const address of [
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "127.0.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
    "no address",
  ])
    expect(allowed(address)).toBe(false);
});

test("redirects are followed, each method as it should", async () => {
  const body = new TextEncoder().encode("hello");
  const post = (status: number) =>
    network().request({
      method: "POST",
      url: at(`/redirect?status=${status}&to=/next`),
      headers: [],
      body,
    });
  expect(JSON.parse(text(await post(303)))).toMatchObject({
    method: "GET",
    body: "",
    path: "/next",
  });
  expect(JSON.parse(text(await post(308)))).toMatchObject({ method: "POST", body: "hello" });
  const error = await failure(network().request(get(at("/loop"))));
  expect(error).toMatchObject({ code: "ELOOP" });
  const unfollowed = await network({ followRedirects: false }).request(
    get(at("/redirect?status=302&to=/")),
  );
  expect(unfollowed.status).toBe(302);
});

test("another origin is not told of credentials", async () => {
  const ports = [server.port!, other.port!];
  const target = encodeURIComponent(`http://127.0.0.1:${other.port}/`);
  const headers = [
    ["authorization", "Bearer secret"],
    ["cookie", "a=b"],
    ["x-mine", "1"],
  ] as const;
  const url = at(`/redirect?status=302&to=${target}`);
  const seen = JSON.parse(
    text(await network({ ports }).request({ ...get(url), headers })),
  ) as object;
  expect(seen).toHaveProperty("x-mine", "1");
  expect(seen).not.toHaveProperty("authorization");
  expect(seen).not.toHaveProperty("cookie");
});

test("size and time have limits", async () => {
  const long = await failure(network({ maxResponseBytes: 9_999 }).request(get(at("/large"))));
  expect(long).toMatchObject({ code: "EMSGSIZE" });
  expect(
    (await network({ maxResponseBytes: 10_000 }).request(get(at("/large")))).body,
  ).toHaveLength(10_000);
  const late = await failure(network({ timeout: 30 }).request(get(at("/never"))));
  expect(late).toMatchObject({ code: "ETIMEDOUT" });
  const own = await failure(network().request({ ...get(at("/never")), timeoutMs: 30 }));
  expect(own).toBeInstanceOf(HostFault);
  const body = new Uint8Array(100);
  const sent = network({ maxRequestBytes: 99 }).request({ ...get(at("/")), method: "PUT", body });
  expect(await failure(sent)).toMatchObject({ code: "EMSGSIZE" });
});

test("only so many at a time", async () => {
  const one = network({ maxConcurrent: 1, timeout: 100 });
  const first = failure(one.request(get(at("/never"))));
  expect(await failure(one.request(get(at("/"))))).toMatchObject({ code: "EAGAIN" });
  await first;
  expect((await one.request(get(at("/")))).status).toBe(200);
});

test("what cannot be sent is refused", async () => {
  const wrong = async (change: object) =>
    await failure(network().request({ ...get(at("/")), ...change }));
  const invalid = { code: "EINVAL" };
  expect(await wrong({ method: "GET / HTTP/1.1\r\nX: y" })).toMatchObject(invalid);
  expect(await wrong({ method: "CONNECT" })).toMatchObject(invalid);
  expect(await wrong({ url: "/relative" })).toMatchObject(invalid);
  expect(await wrong({ url: 7 })).toMatchObject(invalid);
  expect(await wrong({ headers: [["a b", "c"]] })).toMatchObject(invalid);
  expect(await wrong({ headers: [["a", "b\r\nc: d"]] })).toMatchObject(invalid);
  expect(await wrong({ body: "text" })).toMatchObject(invalid);
  expect(await failure(network().request(get("http://127.0.0.1:1/")))).toBeInstanceOf(
    CapabilityDenied,
  );
  const refused = await failure(network({ ports: [1] }).request(get("http://127.0.0.1:1/")));
  expect(refused).toBeInstanceOf(HostFault);
});

test("a name whose servers do not answer is not waited for", async () => {
  const capability = Capability.network({ hosts: ["slow.example"], timeout: 20 });
  if (capability.kind !== "network") throw new Error("no rules");
  const slow = new HostNetwork(capability.rules, () => new Promise(() => {}));
  const request = {
    method: "GET",
    url: "https://slow.example/",
    headers: [],
    body: new Uint8Array(),
  };
  const error = await slow.request(request).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "ETIMEDOUT" });
});
