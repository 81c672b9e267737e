import { expect, test } from "bun:test";
import { HeaderList } from "../../http/header-list.ts";
import type { Socket, SocketHandler } from "../../runtime/socket.ts";
import type { Call } from "../call.ts";
import type { Endpoint } from "../endpoint.ts";
import { parseEndpoint } from "../endpoint.ts";
import { UpstreamFault } from "../fault.ts";
import { Http2Transport } from "../http2/transport.ts";
import type { Dial, PoolLimits } from "../pool-limits.ts";
import { Http1Pool } from "./pool.ts";

const LIMITS: PoolLimits = {
  connections: 0,
  idleConnections: 8,
  idleMs: 1_000,
  ageMs: 0,
  queue: 8,
  queueMs: 1_000,
};

/** A connection that takes everything and says what it is told to. */
class FakeSocket implements Socket {
  readonly remoteAddress = "192.0.2.1";
  readonly remotePort = 80;
  readonly localAddress = "192.0.2.2";
  readonly localPort = 1;
  readonly pendingBytes = 0;
  handler!: SocketHandler;
  isDestroyed = false;
  write(): boolean {
    return true;
  }
  endWrite(): void {}
  destroy(): void {
    this.isDestroyed = true;
  }
  pause(): void {}
  resume(): void {}
  say(text: string): void {
    this.handler.data(Buffer.from(text));
  }
}

/** What became of calls, by their paths. */
function calls() {
  const outcomes: string[] = [];
  const call = (target: string): Call => ({
    request: { method: "GET", target, authority: "a", headers: new HeaderList(), body: null },
    timeouts: { connectMs: 0, firstByteMs: 0, idleMs: 0 },
    inform() {},
    resolve: ({ status }) => void outcomes.push(`${target} ${status}`),
    reject: (fault) => void outcomes.push(`${target} ${(fault as UpstreamFault).code}`),
    finished() {},
    abort: undefined,
  });
  return { outcomes, call };
}

/** Connections that are opened, or are not, when the test says so. */
function dials() {
  const open: PromiseWithResolvers<Socket>[] = [];
  const dial: Dial = () => {
    const one = Promise.withResolvers<Socket>();
    open.push(one);
    return one.promise;
  };
  return { open, dial };
}

const endpoint = (address: string): Endpoint => parseEndpoint(address);
const refused = () => new UpstreamFault("connect_refused", "refused", "nothing");
const settled = () => Bun.sleep(0);
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

test("a connection is for whoever it was opened for, and its failure too", async () => {
  const { outcomes, call } = calls();
  const { open, dial } = dials();
  const pool = new Http1Pool(endpoint("a:80"), dial, LIMITS);
  pool.start(call("/1"));
  pool.start(call("/2"));
  const socket = new FakeSocket();
  open[1]?.resolve(socket);
  await settled();
  open[0]?.reject(refused());
  await settled();
  socket.say(OK);
  expect(outcomes).toEqual(["/1 connect_refused", "/2 200"]);
});

test.each([["http://a:80"], ["h2://a:80"]])(
  "%s: when no connection can be opened nobody is left in the queue",
  async (address) => {
    const { outcomes, call } = calls();
    const { open, dial } = dials();
    const limits = { ...LIMITS, connections: 1, queue: 200 };
    const isHttp2 = address.startsWith("h2");
    const pool = new (isHttp2 ? Http2Transport : Http1Pool)(endpoint(address), dial, limits);
    // A hundred wait for one connection of HTTP/2.
    const count = isHttp2 ? 102 : 3;
    for (let i = 0; i < count; i++) pool.start(call("/"));
    for (let i = 0; i < 3; i++) {
      open[i]?.reject(refused());
      await settled();
    }
    expect(outcomes).toEqual(Array.from({ length: count }, () => "/ connect_refused"));
    // Nor does the pool stay with the clock, and so in memory.
    let ticks = 0;
    pool.tick = () => void ticks++;
    await Bun.sleep(250);
    expect(ticks).toBe(0);
  },
);

test("a connection that speaks unasked is not used again", async () => {
  const { outcomes, call } = calls();
  const { open, dial } = dials();
  const pool = new Http1Pool(endpoint("a:80"), dial, LIMITS);
  pool.start(call("/1"));
  const socket = new FakeSocket();
  open[0]?.resolve(socket);
  await settled();
  socket.say(OK);
  expect(pool.connections).toEqual({ open: 1, idle: 1 });
  socket.say("HTTP/1.1 408 Request Timeout\r\n\r\n");
  // Before the system has told of its end.
  pool.start(call("/2"));
  expect([socket.isDestroyed, open.length]).toEqual([true, 2]);
  expect(outcomes).toEqual(["/1 200"]);
});
