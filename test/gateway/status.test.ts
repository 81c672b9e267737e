// How a gateway shows what is behind it: /metrics, /status and `sluice status`.
import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { Status } from "../../src/admin/status.ts";
import { folder, serving, sluice } from "../cli/cli.ts";
import { until } from "../lifecycle/harness.ts";
import { freePort } from "../support/free-port.ts";

// Several processes start in each.
setDefaultTimeout(30_000);

const config = (workers: number, upstreams: string, rest = "") => `[server]
port = 0
workers = ${workers}
# So long it holds what a reload has put aside.
drain_ms = 200
[admin]
port = 0
[log]
error = "error.log"
${upstreams}
[[route]]
match = { path = "/*" }
action = { type = "proxy", upstream = "api" }
${rest}`;

/** The value of a series, or undefined. */
const valueIn = (text: string, series: string): number | undefined => {
  const line = text.split("\n").find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};

/** A backend that answers with the status its path asks for. */
function startBackend(port = 0) {
  return Bun.serve({
    port,
    hostname: "127.0.0.1",
    fetch: (request) =>
      new Response("ok", { status: Number(new URL(request.url).pathname.slice(1)) || 200 }),
  });
}

async function started(workers: number, files: Record<string, string>) {
  const here = folder(files);
  const server = await serving([], here.path);
  const urls = server.started.addresses.map(({ url }) => url);
  const admin = urls[1] as string;
  return {
    server,
    admin,
    path: here.path,
    urls,
    workers,
    metrics: async () => (await fetch(`${admin}/metrics`)).text(),
    status: async () => (await (await fetch(`${admin}/status`)).json()) as Status,
    async [Symbol.asyncDispose]() {
      await server.stop();
      here[Symbol.dispose]();
    },
  };
}

for (const workers of [1, 2]) {
  test(`what ${workers} processes count of a backend and of one that is gone`, async () => {
    await using backend = startBackend();
    const good = `http://127.0.0.1:${backend.port}`;
    const dead = `http://127.0.0.1:${freePort()}`;
    const upstream = `[[upstream]]\nname = "api"\nbackends = ["${good}", "${dead}"]`;
    await using gateway = await started(workers, { "sluice.toml": config(workers, upstream) });
    const ask = async (path: string): Promise<number> => {
      const answer = await fetch(`${gateway.server.url}${path}`, { keepalive: false });
      await answer.text();
      return answer.status;
    };
    for (let i = 0; i < 20; i++) expect(await ask("/200")).toBe(200);
    for (let i = 0; i < 5; i++) expect(await ask("/500")).toBe(500);
    const text = await gateway.metrics();
    const of = (name: string, labels: string) =>
      valueIn(text, `sluice_upstream_${name}{${labels}}`);
    const one = `upstream="api",backend="${good}"`;
    const other = `upstream="api",backend="${dead}"`;
    expect(of("requests_total", one)).toBe(25);
    expect(of("errors_total", one)).toBe(5);
    expect(of("in_flight", one)).toBe(0);
    expect(of("queued", 'upstream="api"')).toBe(0);
    expect(of("retries_denied_total", 'upstream="api"')).toBe(0);
    expect(of("response_seconds_count", one)).toBe(25);
    expect(of("response_quantile_seconds", `${one},quantile="0.99"`)).toBeGreaterThan(0);
    expect(of("backend_state", `${one},state="up"`)).toBe(workers);
    expect(of("connections", `${one},kind="open"`)).toBeGreaterThan(0);
    const failed = of("faults_total", `${other},code="connect_refused"`) as number;
    expect(failed).toBeGreaterThanOrEqual(1);
    expect(of("requests_total", other)).toBe(failed);
    expect(of("retries_total", one)).toBe(failed);
    // Its time may be over by now.
    const states = ["up", "unreachable"].map((state) =>
      of("backend_state", `${other},state="${state}"`),
    );
    expect((states[0] as number) + (states[1] as number)).toBe(workers);
    expect(text).not.toContain("sluice_upstream_backend_reason");
    expect(valueIn(text, 'sluice_reloads_total{outcome="success"}')).toBe(0);

    const status = await gateway.status();
    expect(status.workers).toBe(workers);
    expect(status.upstreams.map(({ name }) => name)).toEqual(["api"]);
    const [first, second] = status.upstreams[0]?.backends ?? [];
    expect(first).toMatchObject({ name: good, state: "up", reason: null, requests: 25, errors: 5 });
    expect(first?.p50_ms).toBeGreaterThan(0);
    expect(second).toMatchObject({ name: dead, faults_by_code: { connect_refused: failed } });
    expect(second?.p50_ms).toBeNull();
  });

  test(`a reload of ${workers} processes counts, and what is gone disappears`, async () => {
    await using backend = startBackend();
    const named = (name: string) =>
      `[[upstream]]\nname = "${name}"\nbackends = ["127.0.0.1:${backend.port}"]\n`;
    await using gateway = await started(workers, {
      "sluice.toml": config(workers, named("api") + named("old")),
    });
    await (await fetch(`${gateway.server.url}/200`)).text();
    const names = async () => (await gateway.status()).upstreams.map(({ name }) => name);
    expect(await names()).toEqual(["api", "old"]);
    const file = join(gateway.path, "sluice.toml");
    await Bun.write(file, config(workers, named("api")));
    process.kill(gateway.server.started.pid, "SIGHUP");
    await until(async () => (await gateway.status()).reloads.success === 1);
    await until(async () => (await names()).length === 1);
    expect(await gateway.metrics()).not.toContain('upstream="old"');
    // The one that stays has kept its counts.
    expect((await gateway.status()).upstreams[0]?.backends[0]?.requests).toBe(1);
    await Bun.write(file, "nonsense");
    process.kill(gateway.server.started.pid, "SIGHUP");
    await until(async () => (await gateway.status()).reloads.failure === 1);
    const { reloads } = await gateway.status();
    expect(reloads.success).toBe(1);
    expect(Math.abs(Date.parse(reloads.last_success ?? "") - Date.now())).toBeLessThan(600_000);
  });
}

test("an ill backend shows why", async () => {
  await using backend = startBackend();
  const upstream = `[[upstream]]
name = "api"
backends = ["127.0.0.1:${backend.port}"]
health_check = { path = "/503", interval_secs = 1, unhealthy_threshold = 1 }`;
  await using gateway = await started(1, { "sluice.toml": config(1, upstream) });
  await until(
    async () => (await gateway.status()).upstreams[0]?.backends[0]?.state === "unhealthy",
  );
  const [ill] = (await gateway.status()).upstreams[0]?.backends ?? [];
  expect(ill?.reason).toContain("503");
  const table = await sluice(["status", "--url", gateway.admin], gateway.path);
  expect(table.out).toContain("● unhealthy");
  expect(table.out).toContain("503");
});

test("TCP and UDP proxies: connections, bytes, datagrams, backends that fail", async () => {
  const echo = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: (socket, bytes) => void socket.write(bytes) },
  });
  const udp = await Bun.udpSocket({
    hostname: "127.0.0.1",
    socket: { data: (socket, bytes, port, address) => void socket.send(bytes, port, address) },
  });
  const udpPort = freePort();
  const streams = `[[tcp_proxy]]
name = "echo"
listen = "127.0.0.1:0"
backends = ["127.0.0.1:${echo.port}"]
[[tcp_proxy]]
name = "broken"
listen = "127.0.0.1:${freePort()}"
backends = ["127.0.0.1:${freePort()}"]
[[udp_proxy]]
name = "udp-echo"
listen = "127.0.0.1:${udpPort}"
backends = ["127.0.0.1:${udp.port}"]
`;
  const upstream = `[[upstream]]\nname = "api"\nbackends = ["127.0.0.1:${echo.port}"]`;
  await using gateway = await started(1, { "sluice.toml": config(1, upstream, streams) });
  const tcp = gateway.urls.filter((url) => url.startsWith("tcp:")).map((url) => new URL(url));
  const answer = Promise.withResolvers<string>();
  const connect = (port: number, data: (text: string) => void) =>
    Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: { data: (_, bytes) => data(bytes.toString()), close() {}, error() {} },
    });
  const socket = await connect(Number(tcp[0]?.port), answer.resolve);
  socket.write("hello");
  expect(await answer.promise).toBe("hello");
  const broken = await connect(Number(tcp[1]?.port), () => {});
  const heard = Promise.withResolvers<string>();
  const client = await Bun.udpSocket({
    hostname: "127.0.0.1",
    socket: { data: (_, bytes) => heard.resolve(bytes.toString()) },
  });
  client.send("ping", udpPort, "127.0.0.1");
  expect(await heard.promise).toBe("ping");
  const streamOf = async (name: string) =>
    (await gateway.status()).streams.find((one) => one.name === name);
  await until(async () => ((await streamOf("broken"))?.faults["no_backend"] ?? 0) === 1);
  expect(await streamOf("echo")).toMatchObject({
    transport: "tcp",
    open: 1,
    total: 1,
    bytes_in: 5,
    bytes_out: 5,
    faults: {},
    backends: [{ state: "up", open: 1, failures: 0 }],
  });
  expect((await streamOf("broken"))?.backends[0]).toMatchObject({ state: "down", failures: 1 });
  expect(await streamOf("udp-echo")).toMatchObject({
    transport: "udp",
    total: 1,
    datagrams_in: 1,
    datagrams_out: 1,
    bytes_in: 4,
  });
  const text = await gateway.metrics();
  const bytes = 'sluice_stream_bytes_total{transport="tcp",proxy="echo",direction="in"}';
  expect(valueIn(text, bytes)).toBe(5);
  const table = await sluice(["status", "--url", gateway.admin], gateway.path);
  expect(table.out).toContain("● 0 of 1 up");
  socket.end();
  broken.end();
  client.close();
  udp.close();
  echo.stop(true);
});

test("sluice status: a table, JSON, and what to do where nothing answers", async () => {
  await using backend = startBackend();
  const upstream = `[[upstream]]\nname = "api"\nbackends = ["127.0.0.1:${backend.port}"]`;
  await using gateway = await started(1, { "sluice.toml": config(1, upstream) });
  await (await fetch(`${gateway.server.url}/200`)).text();
  const run = (...args: string[]) => sluice(["status", ...args], gateway.path);
  const table = await run("--url", gateway.admin);
  expect([table.code, table.err]).toEqual([0, ""]);
  expect(table.out).toContain("BACKEND");
  expect(table.out).toMatch(/http:\/\/127\.0\.0\.1:\d+ +● up +0 +1 /);
  const json = await run("--json", "--url", gateway.admin);
  expect((JSON.parse(json.out) as Status).upstreams[0]?.backends[0]?.requests).toBe(1);
  const nobody = await run("--url", `127.0.0.1:${freePort()}`);
  expect(nobody.code).toBe(1);
  expect(nobody.err).toContain("nothing listens at http://127.0.0.1:");
  expect(nobody.err).toContain("[admin]");
  const wrong = await run("--url", `http://127.0.0.1:${backend.port}`);
  expect(wrong.code).toBe(1);
  expect(wrong.err).toContain("has no /status of sluice");
  expect((await run("--url", "ftp://x")).code).toBe(2);
});

test("sluice status --watch goes on until it is told to stop", async () => {
  await using backend = startBackend();
  const upstream = `[[upstream]]\nname = "api"\nbackends = ["127.0.0.1:${backend.port}"]`;
  await using gateway = await started(1, { "sluice.toml": config(1, upstream) });
  const main = join(import.meta.dir, "../../src/cli/main.ts");
  const args = ["status", "--watch", "--json", "--url", gateway.admin];
  const child = Bun.spawn([process.execPath, main, ...args], { stdout: "pipe", stderr: "pipe" });
  let out = "";
  for await (const bytes of child.stdout) {
    out += new TextDecoder().decode(bytes);
    if (out.split("\n").length > 2) child.kill("SIGINT");
  }
  expect(await child.exited).toBe(0);
  for (const line of out.trim().split("\n")) {
    expect((JSON.parse(line) as Status).upstreams[0]?.name).toBe("api");
  }
});
