// Backends from EndpointSlices, over TLS, with lists and watches as
// https://kubernetes.io/docs/reference/using-api/api-concepts/ has them.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JsonValue } from "../../src/upstream/discovery/json-value.ts";
import { sliceBackends } from "../../src/upstream/discovery/kubernetes/slice-backends.ts";
import { createTestAuthority } from "../support/certificates.ts";
import { startGateway } from "../support/gateway.ts";
import { JsonStreams } from "../support/json-streams.ts";
import { namedOrigin, untilAnswer, whoAnswers } from "../support/named-origins.ts";

const authority = createTestAuthority();
const pair = authority.server(["127.0.0.1", "localhost"]);
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-kubernetes-"));
  writeFileSync(join(folder, "ca.crt"), authority.certificate);
  writeFileSync(join(folder, "token"), "first\n");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Endpoint {
  address: string;
  ready?: boolean;
  serving?: boolean;
  terminating?: boolean;
}

const slice = (name: string, endpoints: readonly Endpoint[], ports: object[]) => ({
  metadata: { name, labels: { "kubernetes.io/service-name": "api" } },
  addressType: "IPv4",
  endpoints: endpoints.map(({ address, ...conditions }) => ({ addresses: [address], conditions })),
  ports,
});

const http = (port: number) => [
  { name: "metrics", port: 9090, protocol: "TCP" },
  { name: "http", port, protocol: "TCP" },
];

type Slice = ReturnType<typeof slice>;

function fakeApiServer() {
  let version = 1000;
  const slices = new Map<string, Slice>();
  const watches = new JsonStreams();
  const asked: URL[] = [];
  const state = {
    token: "first",
    goneStatus: false,
    goneEvent: false,
    page: 500,
    forbidden: false,
  };
  const status = (code: number, message: string) => ({
    kind: "Status",
    apiVersion: "v1",
    status: "Failure",
    message,
    code,
  });
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    tls: { cert: pair.certificate, key: pair.key },
    fetch(request) {
      const url = new URL(request.url);
      asked.push(url);
      const { searchParams: query, pathname } = url;
      if (request.headers.get("authorization") !== `Bearer ${state.token}`) {
        return Response.json(status(401, "Unauthorized"), { status: 401 });
      }
      if (state.forbidden) {
        const message = 'endpointslices.discovery.k8s.io is forbidden: User "x" cannot list';
        return Response.json(status(403, message), { status: 403 });
      }
      if (
        pathname !== "/apis/discovery.k8s.io/v1/namespaces/prod/endpointslices" ||
        query.get("labelSelector") !== "kubernetes.io/service-name=api"
      ) {
        return Response.json(status(404, "not found"), { status: 404 });
      }
      if (query.get("watch") === "1") {
        if (state.goneStatus) {
          state.goneStatus = false;
          const gone = status(410, "too old resource version");
          return Response.json(gone, { status: 410 });
        }
        if (state.goneEvent) {
          state.goneEvent = false;
          return watches.response({
            type: "ERROR",
            object: status(410, "too old resource version"),
          });
        }
        return watches.response();
      }
      const all = [...slices.values()].map((one) => ({
        ...one,
        metadata: { ...one.metadata, resourceVersion: "1" },
      }));
      const from = Number(query.get("continue") ?? 0);
      const next = from + Math.min(state.page, Number(query.get("limit")));
      return Response.json({
        kind: "EndpointSliceList",
        apiVersion: "discovery.k8s.io/v1",
        metadata: {
          resourceVersion: String(version),
          ...(next < all.length && { continue: String(next) }),
        },
        items: all.slice(from, next),
      });
    },
  });
  const event = (type: string, one: Slice): void => {
    version++;
    const object = { ...one, metadata: { ...one.metadata, resourceVersion: String(version) } };
    watches.say({ type, object });
  };
  return {
    url: `https://127.0.0.1:${server.port}`,
    port: server.port as number,
    watches,
    asked,
    state,
    /** Without telling anybody. */
    silently: (one: Slice) => void slices.set(one.metadata.name, one),
    apply(one: Slice) {
      const type = slices.has(one.metadata.name) ? "MODIFIED" : "ADDED";
      slices.set(one.metadata.name, one);
      event(type, one);
    },
    delete(name: string) {
      const one = slices.get(name) as Slice;
      slices.delete(name);
      event("DELETED", one);
    },
    bookmark(next: number) {
      version = next;
      const object = { metadata: { resourceVersion: String(next) } };
      watches.say({ type: "BOOKMARK", object });
    },
    watched: () =>
      asked
        .filter(({ searchParams }) => searchParams.has("watch"))
        .map(({ searchParams }) => searchParams.get("resourceVersion")),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

const config = (url: string, more = ', port = "http"') => `[[upstream]]
name = "api"
discovery = { type = "kubernetes", service = "api", namespace = "prod", api_server = "${url}", token_file = "${folder}/token", ca = "${folder}/ca.crt"${more} }
retry = { attempts = 1 }
[[route]]
action = { type = "proxy", upstream = "api" }
`;

test("slices are listed page by page and watched; endpoints come, end and go", async () => {
  await using one = namedOrigin("one");
  await using two = namedOrigin("two", "127.0.0.2", one.port);
  await using three = namedOrigin("three", "127.0.0.3", one.port);
  await using api = fakeApiServer();
  api.state.page = 1;
  api.silently(slice("api-1", [{ address: "127.0.0.1" }], http(one.port)));
  api.silently(
    slice(
      "api-2",
      [
        { address: "127.0.0.2", ready: true },
        { address: "127.0.0.9", ready: false },
      ],
      http(one.port),
    ),
  );
  await using gateway = await startGateway(config(api.url));
  expect(await whoAnswers(gateway)).toEqual(["one", "two"]);
  while (api.watches.size === 0) await Bun.sleep(5);
  expect(api.watched()).toEqual(["1000"]);
  api.apply(slice("api-3", [{ address: "127.0.0.3" }], http(one.port)));
  await untilAnswer(gateway, "one", "three", "two");
  api.delete("api-1");
  await untilAnswer(gateway, "three", "two");
  // A rollout: those that end and serve are asked only while there is no other.
  const ending = { ready: false, serving: true, terminating: true };
  api.apply(slice("api-3", [{ address: "127.0.0.3", ...ending }], http(one.port)));
  await untilAnswer(gateway, "two");
  api.apply(slice("api-2", [{ address: "127.0.0.2", ready: false }], http(one.port)));
  await untilAnswer(gateway, "three");
  api.apply(slice("api-3", [], http(one.port)));
  await untilAnswer(gateway, "status 503");
  expect([two.arrived, three.arrived].every((count) => count > 0)).toBe(true);
});

test("a watch that ends goes on from the last version, that of a bookmark too", async () => {
  await using one = namedOrigin("one");
  await using api = fakeApiServer();
  api.silently(slice("api-1", [{ address: "127.0.0.1" }], http(one.port)));
  await using gateway = await startGateway(config(api.url));
  while (api.watches.size === 0) await Bun.sleep(5);
  api.bookmark(5000);
  api.watches.end();
  while (api.watches.size === 0) await Bun.sleep(5);
  expect(api.watched()).toEqual(["1000", "5000"]);
  api.apply(slice("api-1", [], http(one.port)));
  await untilAnswer(gateway, "status 503");
  api.watches.end();
  while (api.watches.size === 0) await Bun.sleep(5);
  expect(api.watched()).toEqual(["1000", "5000", "5001"]);
  const lists = api.asked.filter(({ searchParams }) => !searchParams.has("watch"));
  expect(lists).toHaveLength(1);
  expect(gateway.upstreams[0]?.discovery?.failures).toBe(0);
});

test.each(["goneStatus", "goneEvent"] as const)(
  "410 Gone (%s): everything is listed anew, and nothing is lost meanwhile",
  async (how) => {
    await using one = namedOrigin("one");
    await using two = namedOrigin("two", "127.0.0.2", one.port);
    await using api = fakeApiServer();
    api.silently(slice("api-1", [{ address: "127.0.0.1" }], http(one.port)));
    await using gateway = await startGateway(config(api.url));
    while (api.watches.size === 0) await Bun.sleep(5);
    api.state[how] = true;
    api.silently(slice("api-1", [{ address: "127.0.0.2" }], http(one.port)));
    api.watches.end();
    await untilAnswer(gateway, "two");
    expect(gateway.upstreams[0]?.discovery?.failures).toBe(0);
    expect(two.arrived).toBeGreaterThan(0);
  },
);

test("a token that is replaced is read anew; refusals say what is missing, and keep what is known", async () => {
  await using one = namedOrigin("one");
  await using api = fakeApiServer();
  api.silently(slice("api-1", [{ address: "127.0.0.1" }], http(one.port)));
  await using gateway = await startGateway(config(api.url));
  const { discovery } = gateway.upstreams[0]!;
  const reason = async (part: string): Promise<void> => {
    while (!discovery?.reason?.includes(part)) await Bun.sleep(5);
  };
  while (api.watches.size === 0) await Bun.sleep(5);
  api.state.token = "second";
  api.watches.end();
  await reason("Kubernetes answers 401: Unauthorized; the token is not valid");
  api.state.forbidden = true;
  writeFileSync(join(folder, "token"), "second\n");
  await reason("must be allowed to list and watch endpointslices of discovery.k8s.io in prod");
  expect(await whoAnswers(gateway, 3)).toEqual(["one"]);
  api.state.forbidden = false;
  while (discovery?.state !== "ok") await Bun.sleep(5);
});

test("a server that nobody vouches for is not asked; neither is anybody outside of a cluster", async () => {
  await using api = fakeApiServer();
  writeFileSync(join(folder, "ca.crt"), createTestAuthority().certificate);
  await using gateway = await startGateway(config(api.url));
  expect(gateway.upstreams[0]?.discovery?.reason).toContain("no TLS with https://127.0.0.1");
  expect(api.asked).toEqual([]);
  const inside = config(api.url).replace(`api_server = "${api.url}", `, "");
  await using outside = await startGateway(inside, {}, { env: {} });
  expect(outside.upstreams[0]?.discovery?.reason).toContain("runs in no pod of Kubernetes");
});

test("in a pod the API server is where the environment says", async () => {
  await using api = fakeApiServer();
  api.silently(slice("api-1", [{ address: "10.0.0.1" }], http(80)));
  const env = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(api.port) };
  const inside = config(api.url).replace(`api_server = "${api.url}", `, "");
  await using gateway = await startGateway(inside, {}, { env });
  expect(gateway.upstreams[0]?.backends.map(({ name }) => name)).toEqual(["http://10.0.0.1:80"]);
});

describe("which port", () => {
  const of = (ports: object[], choice?: string | number) =>
    sliceBackends(
      new JsonValue(slice("api-1", [{ address: "10.0.0.1" }], ports)),
      choice,
      "http",
    ).map((one) => (one instanceof Error ? one.message : one.url));

  test.each<[string, object[], string | number | undefined, string]>([
    ["the only one", [{ name: "", port: 80, protocol: "TCP" }], undefined, "http://10.0.0.1:80"],
    ["one by its name", http(8080), "http", "http://10.0.0.1:8080"],
    ["one by its number", http(8080), 9090, "http://10.0.0.1:9090"],
    ["of several", http(8080), undefined, "api-1 has several ports: say which of metrics, http"],
    ["no such one", http(8080), "web", "api-1 has no port web; it has metrics, http"],
    ["none", [{ name: "dns", port: 53, protocol: "UDP" }], undefined, "api-1 has no port at all"],
    ["one without a protocol", [{ port: 80 }], undefined, "http://10.0.0.1:80"],
  ])("%s", (_, ports, choice, expected) => {
    expect(of(ports, choice)).toEqual([expected]);
  });
});
