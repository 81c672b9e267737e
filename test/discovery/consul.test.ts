// Backends from Consul, over a socket, through a gateway that runs. The API is as
// https://developer.hashicorp.com/consul/api-docs/features/blocking describes it.
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestAuthority } from "../support/certificates.ts";
import { startGateway } from "../support/gateway.ts";
import { namedOrigin, untilAnswer, whoAnswers } from "../support/named-origins.ts";

interface Instance {
  id: string;
  address?: string;
  node?: string;
  port: number;
  status?: "passing" | "warning" | "critical";
  tags?: string[];
  weights?: { Passing: number; Warning: number };
}

/** The health endpoint of an agent: it blocks until its index has risen. */
function fakeConsul() {
  let index = 10;
  let instances: Instance[] = [];
  let waiting: (() => void)[] = [];
  const asked: URL[] = [];
  const state = { token: undefined as string | undefined, broken: false };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    async fetch(request) {
      const url = new URL(request.url);
      asked.push(url);
      if (state.broken) return new Response("No cluster leader", { status: 500 });
      if (state.token !== undefined && request.headers.get("x-consul-token") !== state.token) {
        return new Response("Permission denied: token lacks permission 'service:read'", {
          status: 403,
        });
      }
      if (url.pathname !== "/v1/health/service/api") return Response.json([]);
      const { searchParams } = url;
      if (Number(searchParams.get("index") ?? 0) >= index) {
        expect(searchParams.get("wait")).toBe("300s");
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      const passing = searchParams.has("passing");
      const tags = searchParams.getAll("tag");
      const shown = instances.filter(
        (one) =>
          (!passing || (one.status ?? "passing") === "passing") &&
          tags.every((tag) => one.tags?.includes(tag)),
      );
      return Response.json(
        shown.map((one) => ({
          Node: { Node: "n1", Address: one.node ?? "10.9.9.9" },
          Service: {
            ID: one.id,
            Service: "api",
            Tags: one.tags ?? [],
            Address: one.address ?? "",
            Port: one.port,
            Weights: one.weights ?? { Passing: 1, Warning: 1 },
          },
          Checks: [
            { CheckID: "serfHealth", Status: "passing" },
            { CheckID: `service:${one.id}`, Status: one.status ?? "passing" },
          ],
        })),
        { headers: { "x-consul-index": String(index) } },
      );
    },
  });
  const release = (): void => {
    for (const one of waiting) one();
    waiting = [];
  };
  return {
    url: `http://127.0.0.1:${server.port}`,
    asked,
    state,
    get waiting() {
      return waiting.length;
    },
    set(...next: Instance[]) {
      instances = next;
      index++;
      release();
    },
    /** As after a restore from a snapshot. */
    setIndex(next: number, ...others: Instance[]) {
      index = next;
      instances = others;
      release();
    },
    async [Symbol.asyncDispose]() {
      release();
      await server.stop(true);
    },
  };
}

const config = (url: string, more = "") => `[[upstream]]
name = "api"
discovery = { type = "consul", service = "api", addresses = ["${url}"]${more} }
retry = { attempts = 1 }
[[route]]
action = { type = "proxy", upstream = "api" }
`;

test("instances come, change and go by blocking queries", async () => {
  await using one = namedOrigin("one");
  await using two = namedOrigin("two");
  await using consul = fakeConsul();
  consul.set(
    { id: "one", address: "127.0.0.1", port: one.port, weights: { Passing: 7, Warning: 1 } },
    { id: "ill", address: "127.0.0.1", port: 1, status: "critical" },
  );
  await using gateway = await startGateway(config(consul.url));
  expect(await whoAnswers(gateway, 3)).toEqual(["one"]);
  const [kept] = gateway.upstreams[0]!.backends;
  expect(kept?.weight).toBe(7);
  while (consul.waiting === 0) await Bun.sleep(5);
  consul.set(
    { id: "one", address: "127.0.0.1", port: one.port },
    // Without an address of its own it is at its node's.
    { id: "two", node: "127.0.0.1", port: two.port },
    { id: "no-port", address: "127.0.0.1", port: 0 },
  );
  await untilAnswer(gateway, "one", "two");
  expect(gateway.upstreams[0]?.backends[0]).toBe(kept!);
  expect(kept?.weight).toBe(1);
  while (consul.waiting === 0) await Bun.sleep(5);
  consul.set({ id: "two", node: "127.0.0.1", port: two.port });
  await untilAnswer(gateway, "two");
  // An index that goes back is asked for anew, without one.
  while (consul.waiting === 0) await Bun.sleep(5);
  const before = consul.asked.length;
  consul.setIndex(3, { id: "one", address: "127.0.0.1", port: one.port });
  await untilAnswer(gateway, "one");
  while (consul.waiting === 0) await Bun.sleep(5);
  const indexes = consul.asked.slice(before).map(({ searchParams }) => searchParams.get("index"));
  expect(indexes).toEqual([null, "3"]);
  // Nobody is left of a service: that is an answer.
  consul.setIndex(4);
  await untilAnswer(gateway, "status 503");
});

describe("what is asked", () => {
  test("tags, datacenter and token; warnings only where they are wanted", async () => {
    await using consul = fakeConsul();
    consul.state.token = "secret";
    consul.set(
      { id: "a", address: "10.0.0.1", port: 80, tags: ["v2", "eu"] },
      {
        id: "b",
        address: "10.0.0.2",
        port: 80,
        tags: ["v2", "eu"],
        status: "warning",
        weights: { Passing: 9, Warning: 2 },
      },
      { id: "c", address: "10.0.0.3", port: 80, tags: ["v2"] },
      { id: "d", address: "10.0.0.4", port: 80, tags: ["v2", "eu"], status: "critical" },
    );
    await using gateway = await startGateway(
      config(
        consul.url,
        ', token = "secret", tags = ["v2", "eu"], datacenter = "fra1", warning = true, scheme = "h2"',
      ),
    );
    expect(gateway.upstreams[0]?.backends.map(({ name, weight }) => `${name} ${weight}`)).toEqual([
      "h2://10.0.0.1:80 1",
      "h2://10.0.0.2:80 2",
    ]);
    const [first] = consul.asked;
    expect(first?.searchParams.get("dc")).toBe("fra1");
    expect(first?.searchParams.has("passing")).toBe(false);
  });

  test("a second agent when the first is not there", async () => {
    await using consul = fakeConsul();
    consul.set({ id: "a", address: "10.0.0.1", port: 80 });
    await using gateway = await startGateway(
      config("http://127.0.0.1:1").replace(':1"]', `:1", "${consul.url}"]`),
    );
    expect(gateway.upstreams[0]?.backends).toHaveLength(1);
  });
});

test("an agent that fails keeps what is known, and is asked again", async () => {
  await using one = namedOrigin("one");
  await using two = namedOrigin("two");
  await using consul = fakeConsul();
  consul.set({ id: "one", address: "127.0.0.1", port: one.port });
  await using gateway = await startGateway(config(consul.url));
  while (consul.waiting === 0) await Bun.sleep(5);
  consul.state.broken = true;
  consul.set({ id: "one", address: "127.0.0.1", port: one.port });
  const { discovery } = gateway.upstreams[0]!;
  while (discovery?.state !== "failing") await Bun.sleep(5);
  expect(discovery.reason).toBe("Consul answers 500: No cluster leader");
  expect(await whoAnswers(gateway, 3)).toEqual(["one"]);
  consul.state.broken = false;
  consul.set({ id: "two", address: "127.0.0.1", port: two.port });
  await untilAnswer(gateway, "two");
});

test.each([
  ["a wrong token", "Consul answers 403: Permission denied", { token: "other" }],
  ["something else than JSON", "something else than JSON", "<html>"],
  ["an object", "no list", "{}"],
  ["a list without an index", "no X-Consul-Index", "[]"],
])("%s is a failure that says so", async (_, reason, answer) => {
  await using consul = fakeConsul();
  if (typeof answer === "object") consul.state.token = answer.token;
  await using other = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response(String(answer)),
  });
  const url = typeof answer === "object" ? consul.url : `http://127.0.0.1:${other.port}`;
  await using gateway = await startGateway(config(url));
  expect(gateway.upstreams[0]?.discovery?.reason).toContain(reason);
});

test("over TLS with a certificate of our own, which the agent asks for", async () => {
  const authority = createTestAuthority();
  const server = authority.server(["127.0.0.1"]);
  const client = authority.client("gateway");
  await using agent = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    tls: {
      cert: server.certificate,
      key: server.key,
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: true,
    },
    fetch: () => Response.json([], { headers: { "x-consul-index": "1" } }),
  });
  const folder = mkdtempSync(join(tmpdir(), "sluice-consul-"));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const url = `https://127.0.0.1:${agent.port}`;
  const ca = `, ca = "${file("ca.pem", authority.certificate)}"`;
  const own = `, cert = "${file("cert.pem", client.certificate)}", key = "${file("key.pem", client.key)}"`;
  await using known = await startGateway(config(url, ca + own));
  expect(known.upstreams[0]?.discovery).toMatchObject({ state: "ok" });
  await using unknown = await startGateway(config(url, ca));
  expect(unknown.upstreams[0]?.discovery?.state).toBe("failing");
  rmSync(folder, { recursive: true });
});
