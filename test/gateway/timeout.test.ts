import { expect, test } from "bun:test";
import { App } from "../../src/core/app.ts";
import { middleware } from "../../src/core/middleware.ts";
import { rewrite } from "../../src/middleware/rewrite/rewrite.ts";
import { timeout } from "../../src/middleware/timeout/timeout.ts";
import { proxy } from "../../src/proxy/proxy.ts";
import { Upstream } from "../../src/upstream/upstream.ts";
import { startGateway } from "../support/gateway.ts";
import { startH2Origin } from "../support/h2-origin.ts";
import { startSteeredOrigin } from "../support/steered-origin.ts";
import { withServer } from "./with-gateway.ts";

const routed = (backend: string, ms: number) => `
[[upstream]]
name = "slow"
backends = ["${backend}"]
[[route]]
action = { type = "proxy", upstream = "slow" }
middleware.timeout_ms = ${ms}
`;

/** Looks again until it is so; a test that waits for ever fails by its own limit. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await Bun.sleep(2);
}

async function codeOf(reply: Response): Promise<unknown> {
  return [reply.status, ((await reply.json()) as { code: string }).code];
}

test("a backend that has not begun to answer is given up, and the client gets 504", async () => {
  await using origin = await startSteeredOrigin();
  origin.plan = [{ wait: 60_000 }];
  await using gateway = await startGateway(routed(origin.address, 30));
  expect(await codeOf(await fetch(`http://127.0.0.1:${gateway.port}/`))).toEqual([504, "timeout"]);
  await until(() => origin.requests[0]?.closed === true);
  await until(() => gateway.upstreams[0]?.load.inFlight === 0);
  expect(origin.requests).toHaveLength(1);
});

test("an answer that has begun takes the time it takes", async () => {
  await using origin = await startSteeredOrigin();
  const head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe";
  origin.plan = [{ send: head }, { wait: 400 }, { send: "llo" }];
  await using gateway = await startGateway(routed(origin.address, 300));
  const reply = await fetch(`http://127.0.0.1:${gateway.port}/`);
  expect(await reply.text()).toBe("hello");
});

test("a stream of an HTTP/2 backend is reset, and its connection stays", async () => {
  await using origin = await startH2Origin();
  origin.plan = (stream) => {
    if (stream.field(":path") === "/fast") stream.head(200, [], 1);
  };
  await using gateway = await startGateway(routed(origin.address, 300));
  const ask = (path: string) => fetch(`http://127.0.0.1:${gateway.port}${path}`);
  expect((await ask("/slow")).status).toBe(504);
  await until(() => origin.streams[0]?.resetWith !== undefined);
  expect((await ask("/fast")).status).toBe(200);
  expect(origin.streams[1]?.connection).toBe(origin.streams[0]?.connection as never);
});

test("in an application too, where a request is routed anew inside, or a signal was asked for", async () => {
  await using origin = await startSteeredOrigin();
  origin.plan = [{ wait: 60_000 }];
  const upstream = new Upstream({ name: "slow", backends: [origin.address] });
  const signalled = middleware("signalled", (c, next) => {
    expect(c.signal.aborted).toBe(false);
    return next();
  });
  const app = new App()
    .use(timeout(30), rewrite([{ strip: "/old" }]), signalled)
    .add({ path: "/a", handler: proxy(upstream) });
  await withServer(app, async (port) => {
    for (const path of ["/a", "/old/a"]) {
      expect(await codeOf(await fetch(`http://127.0.0.1:${port}${path}`))).toEqual([
        504,
        "timeout",
      ]);
    }
  });
  await until(() => origin.requests.length === 2 && origin.requests.every(({ closed }) => closed));
  upstream.close();
});
