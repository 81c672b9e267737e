// APIs that answer with anything at all: what comes of it is a list or a failure that says why, and always soon.
import { expect, test } from "bun:test";
import { fromConsul } from "../../src/upstream/discovery/consul-source.ts";
import { fromDocker } from "../../src/upstream/discovery/docker-source.ts";
import type { DiscoverySource } from "../../src/upstream/discovery/discovery-source.ts";
import { fromEtcd } from "../../src/upstream/discovery/etcd-source.ts";
import { fromKubernetes } from "../../src/upstream/discovery/kubernetes/kubernetes-source.ts";
import { seededRandom } from "../support/random.ts";

const ANSWERS = {
  consul: [
    {
      Node: { Address: "10.0.0.9" },
      Service: { ID: "a", Address: "10.0.0.1", Port: 80, Weights: { Passing: 1, Warning: 1 } },
      Checks: [{ Status: "passing" }, { Status: "warning" }],
    },
  ],
  docker: [
    {
      Names: ["/a"],
      Status: "Up 3 minutes",
      Labels: { "sluice.upstream": "api", "sluice.port": "80", "sluice.weight": "3" },
      Ports: [{ PrivatePort: 80, PublicPort: 81, Type: "tcp", IP: "0.0.0.0" }],
      HostConfig: { NetworkMode: "bridge" },
      NetworkSettings: { Networks: { bridge: { IPAddress: "10.0.0.1" } } },
    },
  ],
  etcd: {
    header: { revision: "12" },
    kvs: [{ key: btoa("/api/1"), value: btoa("10.0.0.1:80") }],
    result: { events: [{ type: "DELETE", kv: { key: btoa("/api/1") } }] },
  },
  kubernetes: {
    metadata: { resourceVersion: "5" },
    type: "ADDED",
    object: { metadata: { name: "b", resourceVersion: "6" }, code: 410, endpoints: [], ports: [] },
    items: [
      {
        metadata: { name: "a" },
        endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready: true, terminating: false } }],
        ports: [{ name: "http", port: 80, protocol: "TCP" }],
      },
    ],
  },
};

const ODD = [
  null,
  true,
  0,
  -1,
  1e300,
  "",
  "x",
  "\u0000",
  [],
  {},
  [[]],
  { __proto__: 1 },
  "65536",
  [],
];

/** The same with some of it taken away, or something else in its place. */
function mutated(value: unknown, random: ReturnType<typeof seededRandom>): unknown {
  if (random.below(12) === 0) return ODD[random.below(ODD.length)];
  if (Array.isArray(value)) return value.map((one) => mutated(one, random));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(() => random.below(20) !== 0);
  return Object.fromEntries(kept.map(([key, one]) => [key, mutated(one, random)]));
}

const sources: Record<keyof typeof ANSWERS, (url: string) => DiscoverySource> = {
  consul: (url) => fromConsul({ service: "api", addresses: [url] }),
  docker: (url) => fromDocker({ service: "api", address: url }),
  etcd: (url) => fromEtcd({ prefix: "/api/", addresses: [url] }),
  kubernetes: (url) =>
    fromKubernetes({ service: "api", namespace: "default", apiServer: url, token: "x" }),
};

test.each(Object.keys(ANSWERS) as (keyof typeof ANSWERS)[])(
  "%s",
  async (name) => {
    const random = seededRandom(name.length * 1_000);
    await using server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch() {
        const text = JSON.stringify(mutated(ANSWERS[name], random));
        const broken = random.below(10) === 0 ? text.slice(0, random.below(text.length)) : text;
        return new Response(`${broken}\n`, {
          status: random.below(15) === 0 ? 500 : 200,
          headers: { "x-consul-index": String(random.below(4) - 1) },
        });
      },
    });
    const lists: number[] = [];
    const failures = new Set<string>();
    for (let i = 0; i < 40; i++) {
      const stop = new AbortController();
      try {
        for await (const found of sources[name](`http://127.0.0.1:${server.port}`).watch(
          stop.signal,
        )) {
          if (found instanceof Error) throw found;
          expect(Array.isArray(found)).toBe(true);
          lists.push(found.length);
          if (lists.length % 3 === 0) break;
        }
      } catch (error) {
        // A mistake of ours would be another kind of error.
        expect((error as Error).constructor.name).toMatch(/^(Error|ApiStatusError|UpstreamFault)$/);
        failures.add((error as Error).message);
      } finally {
        stop.abort(new Error("enough"));
      }
    }
    expect(lists.length).toBeGreaterThan(5);
    expect(failures.size).toBeGreaterThan(0);
  },
  30_000,
);

test("a list of pages without an end is given up", async () => {
  let asked = 0;
  await using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch() {
      asked++;
      return Response.json({ metadata: { resourceVersion: "1", continue: "more" }, items: [] });
    },
  });
  const source = sources.kubernetes(`http://127.0.0.1:${server.port}`);
  const first = async () => {
    for await (const found of source.watch(new AbortController().signal)) return found;
    return undefined;
  };
  await expect(first()).rejects.toThrow("a list without an end");
  expect(asked).toBe(100);
});

test("a line without an end is given up", async () => {
  await using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      if (!request.url.endsWith("/v3/watch")) {
        return Response.json({ header: { revision: "1" } });
      }
      const chunk = new Uint8Array(1 << 20).fill(32 + 1);
      return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(chunk) }));
    },
  });
  const source = sources.etcd(`http://127.0.0.1:${server.port}`);
  const all = async () => {
    for await (const _ of source.watch(new AbortController().signal));
  };
  await expect(all()).rejects.toThrow("etcd sends a line without an end");
});
