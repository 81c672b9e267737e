// Clients of every kind for minutes, reloads among them: nothing fails, and neither memory nor descriptors grow.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "bun:test";
import { folder, serving } from "../cli/cli.ts";
import { freePort } from "../support/free-port.ts";
import { MixedLoad } from "./mixed-load.ts";
import { startBreaker, startOrigin, startTcpEcho } from "./origin.ts";

/** Five minutes stand for an hour; by hand one is enough. */
const SECONDS = Number(process.env["SOAK_SECONDS"] ?? (process.env["CI"] === "true" ? 300 : 60));
const PARTS = 10;

interface Held {
  readonly rssMiB: number;
  readonly descriptors: number;
}

function held(pid: number): Held {
  const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return { rssMiB: Number(rss) / 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] as number;

test(
  `mixed load for ${SECONDS} s leaves memory and descriptors where they were`,
  async () => {
    const [origin, second] = [startOrigin(), startOrigin()];
    const breaker = startBreaker();
    const echo = startTcpEcho();
    const tcpPort = freePort();
    const config = (turn: number): string => `
[server]
port = 0
http3 = false
[log]
access = "access.log"
error = "error.log"
[[upstream]]
name = "app"
backends = ["127.0.0.1:${origin.port}"${turn % 2 === 0 ? "" : `, "127.0.0.1:${second.port}"`}]
[[upstream]]
name = "breaker"
backends = ["127.0.0.1:${breaker.port}"]
[[tcp_proxy]]
listen = "127.0.0.1:${tcpPort}"
backends = ["127.0.0.1:${echo.port}"]
[[route]]
match = { path = "/fixed" }
action = { type = "respond", body = "fixed" }
[[route]]
match = { path = "/turn/${turn}" }
action = { type = "respond", body = "turn" }
[[route]]
match = { path = "/old" }
action = { type = "redirect", to = "/fixed", status = 301 }
[[route]]
match = { path = "/nowhere/*" }
action = { type = "respond", status = 404 }
[[route]]
match = { path = "/secret" }
action = { type = "proxy", upstream = "app" }
middleware = { auth = { type = "bearer", tokens = ["0123456789abcdef0123456789abcdef"] } }
[[route]]
match = { path = "/cut" }
action = { type = "proxy", upstream = "breaker" }
[[route]]
action = { type = "proxy", upstream = "app" }
middleware = { request_id = {}, security_headers = {} }
`;
    using here = folder({ "sluice.toml": config(0) });
    const server = await serving([], here.path);
    const { pid } = server.started;

    // Both are there before the first reload and go on behind the last.
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/socket`);
    let echoes = 0;
    socket.onmessage = () => echoes++;
    await new Promise((resolve) => (socket.onopen = resolve));
    const long = new AbortController();
    const drip = await fetch(`${server.url}/drip`, { signal: long.signal });
    let dripped = "";
    const reading = (async () => {
      const reader = drip.body?.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const piece = await reader?.read();
        if (piece === undefined || piece.done) return;
        dripped += piece.value;
      }
    })().catch((error: unknown) => (long.signal.aborted ? undefined : Promise.reject(error)));

    const load = new MixedLoad({ http: server.url, tcp: tcpPort }, 12, 60);
    const parts: Held[] = [];
    for (let part = 0; part < PARTS; part++) {
      const samples: Held[] = [];
      for (let i = 0; i < 10; i++) {
        await Bun.sleep((SECONDS * 1000) / PARTS / 10);
        samples.push(held(pid));
        socket.send("still there");
      }
      parts.push({
        rssMiB: median(samples.map(({ rssMiB }) => rssMiB)),
        descriptors: median(samples.map(({ descriptors }) => descriptors)),
      });
      await Bun.write(`${here.path}/sluice.toml`, config(part + 1));
      process.kill(pid, "SIGHUP");
    }
    const finished = load.done;
    await load.stop();
    await Bun.sleep(200);
    expect(load.failures).toEqual([]);
    expect(finished).toBeGreaterThan(SECONDS * 20);
    expect(socket.readyState).toBe(WebSocket.OPEN);
    expect(echoes).toBe(PARTS * 10);
    // Every piece in order: nothing was lost or sent twice.
    const lines = dripped.split("\n").slice(0, -1);
    expect(lines).toEqual(lines.map((_, i) => String(i)));
    expect(lines.length).toBeGreaterThan(SECONDS);
    const early = parts.slice(2, 5);
    const late = parts.slice(-3);
    const growth = (key: keyof Held): number =>
      median(late.map((one) => one[key])) - median(early.map((one) => one[key]));
    console.log(
      `${finished} done; ${parts.map((one) => `${one.rssMiB.toFixed(0)} MiB/${one.descriptors}`).join(" ")}`,
    );
    expect(growth("rssMiB")).toBeLessThan(24);
    expect(growth("descriptors")).toBeLessThan(12);
    socket.close();
    long.abort();
    await reading;
    expect(await server.stop()).toBe(0);
    await Promise.all([origin.stop(true), second.stop(true)]);
    breaker.stop();
    echo.stop();
  },
  (SECONDS + 60) * 1000,
);
