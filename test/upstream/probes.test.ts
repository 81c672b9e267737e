import { afterAll, expect, test } from "bun:test";
import { connectPlain } from "../../src/runtime/bun-connect.ts";
import { dial } from "../../src/upstream/dial.ts";
import { parseEndpoint } from "../../src/upstream/endpoint.ts";
import { HealthChecker } from "../../src/upstream/health/health-checker.ts";
import { HealthState } from "../../src/upstream/health/health-state.ts";
import { httpProbe } from "../../src/upstream/health/http-probe.ts";
import { sendOver } from "../../src/upstream/health/send-probe.ts";
import { tcpProbe } from "../../src/upstream/health/tcp-probe.ts";
import { Http1Pool } from "../../src/upstream/http1/pool.ts";
import { ManualTime } from "../support/manual-time.ts";

/** Health checks over real connections. */
let status = 200;
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: ({ url }) =>
    url.endsWith("/hang") ? new Promise(() => {}) : new Response("fine", { status }),
});
afterAll(() => server.stop(true));

const endpoint = parseEndpoint(`127.0.0.1:${server.port}`);
const pool = new Http1Pool(endpoint, (signal) => dial(endpoint, connectPlain, signal), {
  connections: 0,
  idleConnections: 4,
  idleMs: 4_000,
  ageMs: 0,
  queue: 0,
  queueMs: 0,
});
afterAll(() => pool.close());

const probe = (path: string) =>
  httpProbe(
    { method: "GET", path, host: undefined, headers: {}, status: [200], body: "fine" },
    sendOver(pool),
  );

/** Until a result is noted. */
async function noted(state: HealthState, wanted: string): Promise<void> {
  while (state.status !== wanted) await Bun.sleep(5);
}

test("a backend that goes and returns", async () => {
  const time = new ManualTime();
  const state = new HealthState({ healthy: 2, unhealthy: 1 });
  const checker = new HealthChecker(
    probe("/"),
    state,
    { intervalMs: 1_000, timeoutMs: 600_000 },
    time.schedule,
    () => 0.5,
  );
  const again = async () => {
    while (time.nextMs !== 1_000) await Bun.sleep(5);
    time.advance(1_000);
  };
  checker.start();
  await noted(state, "healthy");
  status = 503;
  await again();
  await noted(state, "unhealthy");
  expect(state.reason).toBe("answered 503, not 200");
  status = 200;
  await again();
  await again();
  await noted(state, "healthy");
  checker.stop();
});

test("a backend that does not answer is given up, its connection too", async () => {
  const controller = new AbortController();
  const hanging = probe("/hang")(controller.signal);
  while (pool.connections.open === pool.connections.idle) await Bun.sleep(5);
  controller.abort(new Error("too slow"));
  await expect(hanging).rejects.toThrow("given up");
  while (pool.connections.open !== pool.connections.idle) await Bun.sleep(5);
});

test("TCP: a port that listens, and one that does not", async () => {
  const { signal } = new AbortController();
  await tcpProbe((given) => dial(endpoint, connectPlain, given))(signal);
  const closed = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const gone = parseEndpoint(`127.0.0.1:${closed.port}`);
  closed.stop(true);
  await expect(tcpProbe((given) => dial(gone, connectPlain, given))(signal)).rejects.toThrow(
    "cannot connect to http://127.0.0.1",
  );
});
