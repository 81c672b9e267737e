// What the logs of a gateway tell of its backends.
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { folder, serving } from "../cli/cli.ts";
import { until } from "../lifecycle/harness.ts";
import { freePort } from "../support/free-port.ts";
import { startSteeredOrigin } from "../support/steered-origin.ts";

const config = (upstream: string) => `[server]
port = 0
[log]
access = "access.log"
format = "json"
level = "info"
error = "error.log"
${upstream}
[[route]]
name = "api"
match = { path = "/api/*" }
action = { type = "proxy", upstream = "api" }
[[route]]
match = { path = "/plain" }
action = { type = "respond", body = "Hello" }
`;

type Line = Record<string, unknown>;

const linesOf = (path: string): Line[] =>
  !existsSync(path)
    ? []
    : readFileSync(path, "utf8")
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Line);

test("the access log tells route, upstream, backend, attempts, time and fault", async () => {
  await using origin = await startSteeredOrigin();
  using here = folder({
    "sluice.toml": config(
      `[[upstream]]\nname = "api"\nbackends = ["${origin.address}"]\n[upstream.retry]\nattempts = 1`,
    ),
  });
  const server = await serving([], here.path);
  await (await fetch(`${server.url}/api/one`)).text();
  await (await fetch(`${server.url}/plain`)).text();
  await (await fetch(`${server.url}/none`)).text();
  origin.plan = [{ reset: true }];
  await (await fetch(`${server.url}/api/two`, { method: "POST" })).text();
  origin.plan = [{ send: "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello" }, { end: true }];
  await (await fetch(`${server.url}/api/three`, { method: "POST" })).text().catch(() => {});
  expect(await server.stop()).toBe(0);
  const byPath = new Map(
    linesOf(join(here.path, "access.log")).map((line) => [line["path"], line]),
  );
  const backend = `http://${origin.address}`;
  expect(byPath.get("/api/one")).toMatchObject({
    status: 200,
    route: "api",
    upstream: "api",
    backend,
    attempts: 1,
  });
  expect(byPath.get("/api/one")?.["upstream_ms"]).toBeGreaterThan(0);
  expect(byPath.get("/api/one")).not.toHaveProperty("fault");
  expect(byPath.get("/plain")).toMatchObject({ status: 200, route: "/plain" });
  expect(byPath.get("/plain")).not.toHaveProperty("upstream");
  expect(byPath.get("/none")).not.toHaveProperty("route");
  expect(byPath.get("/api/two")).toMatchObject({ status: 502, backend, fault: "reset" });
  // The head was good, and then it broke off.
  expect(byPath.get("/api/three")).toMatchObject({ status: 200, backend, fault: "reset" });
});

test("the error log tells a fault once and each change of state, and does not flood", async () => {
  const port = await freePort();
  using here = folder({
    "sluice.toml": config(`[[upstream]]\nname = "api"\nbackends = ["127.0.0.1:${port}"]`),
  });
  const server = await serving([], here.path);
  const ask = async (): Promise<number> => {
    const answer = await fetch(`${server.url}/api/`);
    await answer.text();
    return answer.status;
  };
  for (let i = 0; i < 50; i++) expect(await ask()).toBe(502);
  const back = Bun.serve({ port, hostname: "127.0.0.1", fetch: () => new Response("back") });
  expect(await ask()).toBe(200);
  expect(await server.stop()).toBe(0);
  await back.stop(true);
  const lines = linesOf(join(here.path, "error.log"));
  const backend = `http://127.0.0.1:${port}`;
  const faults = lines.filter(({ code }) => code !== undefined);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatchObject({ level: "error", upstream: "api", backend });
  expect(faults[0]?.["code"]).toBe("connect_refused");
  const states = lines.filter(({ state }) => state !== undefined);
  expect(states.map(({ state, level }) => `${level} ${state}`)).toEqual([
    "warn unreachable",
    "info up",
  ]);
  expect(states[0]?.["reason"]).toContain("cannot connect");
});

test("what checks find is told, with the reason", async () => {
  let status = 500;
  await using backend = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response("", { status }),
  });
  using here = folder({
    "sluice.toml": config(`[[upstream]]
name = "api"
backends = ["127.0.0.1:${backend.port}"]
[upstream.health_check]
path = "/healthz"
interval_secs = 1
healthy_threshold = 1
unhealthy_threshold = 1`),
  });
  const server = await serving([], here.path);
  const states = (): Line[] =>
    linesOf(join(here.path, "error.log")).filter(({ state }) => state !== undefined);
  await until(() => states().length === 1);
  status = 200;
  await until(() => states().length === 2);
  expect(await server.stop()).toBe(0);
  expect(states().map(({ state }) => state)).toEqual(["unhealthy", "up"]);
  expect(states()[0]?.["reason"]).toContain("500");
});

test("the id that an answer carries is the one in the access log, also of a request that was refused", async () => {
  using here = folder({
    "sluice.toml": `${config("")}middleware = { request_id = {} }
[[route]]
match = { path = "/secret" }
action = { type = "respond" }
middleware = { request_id = {}, auth = { type = "bearer", tokens = ["0123456789abcdef0123456789abcdef"] } }
`.replace(/\[\[route\]\]\nname = "api"[^[]*/, ""),
  });
  const server = await serving([], here.path);
  const ids: (string | null)[] = [];
  for (const path of ["/plain", "/secret"]) {
    const headers = { "X-Request-Id": "chosen-by-the-client" };
    ids.push((await fetch(server.url + path, { headers })).headers.get("x-request-id"));
  }
  expect(await server.stop()).toBe(0);
  expect(new Set(ids).size).toBe(2);
  expect(linesOf(join(here.path, "access.log")).map((line) => line["request_id"])).toEqual(ids);
});
