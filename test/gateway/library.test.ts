import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "../../src/core/app.ts";
import { gateway, GatewayConfigError } from "../../src/gateway/index.ts";
import { MemoryStore } from "../../src/store/memory-store.ts";
import { folder } from "../cli/cli.ts";
import { startSteeredOrigin } from "../support/steered-origin.ts";

const routes = (address: string) => ({
  server: { port: 0 },
  log: { access: "off" },
  upstream: [{ name: "app", backends: [address] }],
  route: [
    { match: { path: "/app/*" }, action: { type: "proxy", upstream: "app" } },
    { action: { type: "respond", status: 404, body: "nothing" } },
  ],
});

test("a value is a gateway: it answers Requests, is mounted, and listens", async () => {
  await using origin = await startSteeredOrigin();
  const front = await gateway(routes(origin.address));
  const get = async (target: { fetch(request: Request): Promise<Response> }, path: string) => {
    const reply = await target.fetch(new Request(`http://a.example${path}`));
    return `${reply.status} ${await reply.text()}`;
  };
  expect(await get(front, "/app/x")).toBe("200 hello");
  expect(await get(front, "/other")).toBe("404 nothing");
  const app = new App().get("/own", () => "own").mount("/", front.fetch);
  expect([await get(app, "/own"), await get(app, "/app/y")]).toEqual(["200 own", "200 hello"]);
  const running = await front.serve();
  expect(await (await fetch(`${running.addresses[0]?.url}/app/z`)).text()).toBe("hello");
  await running.close();
});

test("a file is one too; what is wrong with either is told with its place", async () => {
  await using origin = await startSteeredOrigin();
  using here = folder({
    "good.toml": `[server]\nport = 0\n[[upstream]]\nname = "a"\nbackends = ["${origin.address}"]\n[[route]]\naction = { type = "proxy", upstream = "a" }`,
    "bad.toml": '[server]\nprot = 1\n[[route]]\naction = { type = "proxy", upstream = "b" }',
  });
  const front = await gateway(join(here.path, "good.toml"));
  expect(await (await front.fetch(new Request("http://a.example/"))).text()).toBe("hello");
  const failure = (source: string | object) => gateway(source).catch((error: unknown) => error);
  const bad = (await failure(join(here.path, "bad.toml"))) as GatewayConfigError;
  expect(bad).toBeInstanceOf(GatewayConfigError);
  expect(bad.message).toContain('bad.toml:2:1: error: unknown key "prot" in server');
  expect(bad.message).toContain('there is no upstream "b"');
  const value = (await failure({ route: [{ action: { type: "proxi" } }] })) as Error;
  expect(value.message).toContain('did you mean "proxy"?');
});

test("limits of one name count together over the routes of a gateway, and over those that share a store", async () => {
  const limit = { rate_limit: { max_requests: 2, name: "both" } };
  const source = {
    route: [
      { match: { path: "/a" }, middleware: limit, action: { type: "respond" } },
      { middleware: limit, action: { type: "respond" } },
    ],
  };
  const statuses = async (...gateways: { fetch(request: Request): Promise<Response> }[]) => {
    const seen: number[] = [];
    for (const path of ["/a", "/b", "/a"]) {
      const asked = gateways[seen.length % gateways.length];
      seen.push((await asked?.fetch(new Request(`http://a.example${path}`)))?.status ?? 0);
    }
    return seen;
  };
  expect(await statuses(await gateway(source))).toEqual([200, 200, 429]);
  const store = new MemoryStore();
  const shared = [await gateway(source, { store }), await gateway(source, { store })];
  expect(await statuses(...shared)).toEqual([200, 200, 429]);
  expect(await statuses(await gateway(source), await gateway(source))).toEqual([200, 200, 200]);
});

test("backends are discovered in the environment it was given, and the log tells of them", async () => {
  await using origin = await startSteeredOrigin();
  using here = folder({});
  const front = await gateway(
    {
      ...routes(""),
      log: { access: "off", level: "info", error: join(here.path, "error.log") },
      upstream: [{ name: "app", discovery: { type: "env", prefix: "APP_BACKEND_" } }],
    },
    { env: { APP_BACKEND_1: origin.address } },
  );
  const running = await front.serve();
  expect(await (await fetch(`${running.addresses[0]?.url}/app/z`)).text()).toBe("hello");
  await running.close();
  const log = readFileSync(join(here.path, "error.log"), "utf8");
  expect(log).toContain(`upstream app: env APP_BACKEND_: found http://${origin.address}`);
});
