// Backends from etcd's v3 API, over its JSON gateway as https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/ has
// it: bytes in base64, 64-bit numbers as text, a stream of results.
import { expect, test } from "bun:test";
import { startGateway } from "../support/gateway.ts";
import { JsonStreams } from "../support/json-streams.ts";
import { namedOrigin, untilAnswer, whoAnswers } from "../support/named-origins.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const text = (encoded: string): string => Buffer.from(encoded, "base64").toString("utf8");

function fakeEtcd() {
  let revision = 100;
  const keys = new Map<string, string>();
  const watches = new JsonStreams();
  const started: string[] = [];
  const state = { broken: false, compacted: false, password: undefined as string | undefined };
  const header = () => ({
    cluster_id: "1",
    member_id: "2",
    revision: String(revision),
    raft_term: "3",
  });
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const body = (await request.json()) as any;
      if (state.broken) {
        const error = {
          error: "etcdserver: no leader",
          code: 14,
          message: "etcdserver: no leader",
        };
        return Response.json(error, { status: 503 });
      }
      if (pathname === "/v3/auth/authenticate") {
        if (body.name === "gateway" && body.password === state.password) {
          return Response.json({ header: header(), token: "t0ken" });
        }
        const message = "etcdserver: authentication failed, invalid user ID or password";
        return Response.json({ error: message, code: 3, message }, { status: 400 });
      }
      if (state.password !== undefined && request.headers.get("authorization") !== "t0ken") {
        const message = "etcdserver: user name is empty";
        return Response.json({ error: message, code: 3, message }, { status: 400 });
      }
      const range = pathname === "/v3/watch" ? body.create_request : body;
      const [from, to] = [text(range.key), text(range.range_end)];
      if (pathname === "/v3/kv/range") {
        const kvs = [...keys]
          .filter(([key]) => key >= from && key < to)
          .map(([key, value]) => ({
            key: base64(key),
            create_revision: "1",
            mod_revision: "1",
            version: "1",
            value: base64(value),
          }));
        return Response.json({
          header: header(),
          ...(kvs.length > 0 && { kvs, count: String(kvs.length) }),
        });
      }
      started.push(range.start_revision);
      const created = { result: { header: header(), created: true } };
      if (!state.compacted) return watches.response(created);
      state.compacted = false;
      return watches.response(created, {
        result: { header: header(), canceled: true, compact_revision: "500" },
      });
    },
  });
  const tell = (event: object): void =>
    watches.say({ result: { header: header(), events: [event] } });
  return {
    url: `http://127.0.0.1:${server.port}`,
    watches,
    started,
    state,
    put(key: string, value: string) {
      keys.set(key, value);
      revision++;
      tell({ kv: { key: base64(key), mod_revision: String(revision), value: base64(value) } });
    },
    delete(key: string) {
      keys.delete(key);
      revision++;
      tell({ type: "DELETE", kv: { key: base64(key), mod_revision: String(revision) } });
    },
    /** Without telling anybody. */
    silently: (key: string, value: string) => void keys.set(key, value),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

const config = (url: string, more = "") => `[[upstream]]
name = "api"
discovery = { type = "etcd", prefix = "/services/api/", addresses = ["${url}"]${more} }
retry = { attempts = 1 }
[[route]]
action = { type = "proxy", upstream = "api" }
`;

test("keys are read, then watched from the revision behind that", async () => {
  await using one = namedOrigin("one");
  await using two = namedOrigin("two");
  await using etcd = fakeEtcd();
  etcd.put("/services/api/1", `${one.address} weight=4`);
  etcd.put("/services/apis/1", "10.0.0.1:1");
  etcd.put("/services/api0", "10.0.0.2:1");
  await using gateway = await startGateway(config(etcd.url));
  expect(await whoAnswers(gateway, 3)).toEqual(["one"]);
  expect(gateway.upstreams[0]?.backends.map(({ weight }) => weight)).toEqual([4]);
  while (etcd.watches.size === 0) await Bun.sleep(5);
  expect(etcd.started).toEqual(["104"]);
  etcd.put("/services/api/2", JSON.stringify({ url: `http://${two.address}` }));
  await untilAnswer(gateway, "one", "two");
  // A value that is none is passed over.
  etcd.put("/services/api/1", "nonsense here");
  await untilAnswer(gateway, "two");
  etcd.delete("/services/api/1");
  etcd.delete("/services/api/2");
  await untilAnswer(gateway, "status 503");
  expect(etcd.started).toHaveLength(1);
});

test("a watch that was compacted, and one that ends, begin anew from what there is", async () => {
  await using one = namedOrigin("one");
  await using two = namedOrigin("two");
  await using etcd = fakeEtcd();
  etcd.state.compacted = true;
  etcd.put("/services/api/1", one.address);
  await using gateway = await startGateway(config(etcd.url));
  while (etcd.started.length < 2) await Bun.sleep(5);
  expect(await whoAnswers(gateway, 3)).toEqual(["one"]);
  etcd.silently("/services/api/1", two.address);
  etcd.watches.end();
  await untilAnswer(gateway, "two");
  expect(gateway.upstreams[0]?.discovery?.failures).toBe(0);
});

test.each(["broken off", "refused", "ended for a reason", "an error in the stream"])(
  "a watch that is %s is a failure, and what is known stays",
  async (how) => {
    await using one = namedOrigin("one");
    await using two = namedOrigin("two");
    await using etcd = fakeEtcd();
    etcd.put("/services/api/1", one.address);
    await using gateway = await startGateway(config(etcd.url));
    while (etcd.watches.size === 0) await Bun.sleep(5);
    const { discovery } = gateway.upstreams[0]!;
    if (how === "broken off") etcd.watches.breakOff();
    else if (how === "refused") {
      etcd.state.broken = true;
      etcd.watches.end();
    } else if (how === "an error in the stream") {
      etcd.watches.say({ error: { grpc_code: 14, http_code: 503, message: "member leaves" } });
    } else {
      const result = { canceled: true, compact_revision: "0", cancel_reason: "permission denied" };
      etcd.watches.say({ result });
    }
    while (discovery?.state !== "failing") await Bun.sleep(5);
    const reasons: Record<string, string> = {
      refused: "etcd answers 503: etcdserver: no leader",
      "ended for a reason": "etcd ends the watch: permission denied",
      "an error in the stream": "etcd ends the watch: member leaves",
    };
    expect(discovery.reason).toContain(reasons[how] ?? "");
    expect(await whoAnswers(gateway, 3)).toEqual(["one"]);
    etcd.state.broken = false;
    etcd.put("/services/api/1", two.address);
    await untilAnswer(gateway, "two");
  },
);

test("a user with a password", async () => {
  await using etcd = fakeEtcd();
  etcd.state.password = "pass";
  etcd.silently("/services/api/1", "10.0.0.1:80");
  const good = await startGateway(config(etcd.url, ', user = "gateway", password = "pass"'));
  expect(good.upstreams[0]?.backends).toHaveLength(1);
  await good.close();
  const bad = await startGateway(config(etcd.url, ', user = "gateway", password = "other"'));
  expect(bad.upstreams[0]?.discovery?.reason).toContain("authentication failed");
  await bad.close();
});

test("lines in pieces and several at once are read as they are; closing ends the watch", async () => {
  await using etcd = fakeEtcd();
  const gateway = await startGateway(config(etcd.url));
  while (etcd.watches.size === 0) await Bun.sleep(5);
  const event = (n: number): string =>
    JSON.stringify({
      result: {
        events: [{ kv: { key: base64(`/services/api/${n}`), value: base64(`10.0.0.${n}:80`) } }],
      },
    });
  etcd.watches.sayText(`${event(1)}\n\n${event(2)}\n${event(3).slice(0, 30)}`);
  const count = () => gateway.upstreams[0]?.backends.length;
  while (count() !== 2) await Bun.sleep(5);
  etcd.watches.sayText(`${event(3).slice(30)}\n`);
  while (count() !== 3) await Bun.sleep(5);
  await gateway.close();
  while (etcd.watches.size > 0) await Bun.sleep(5);
});
