import { afterEach, expect, test } from "bun:test";
import { BackendGroup, Layer4Backend, parseLayer4Address } from "../layer4/backend-group.ts";
import type { Layer4Strategy } from "../layer4/backend-group.ts";
import type { UdpFault, UdpProxySettings } from "./settings.ts";
import { udpDefaults, UdpProxy } from "./udp-proxy.ts";
import { UdpSession } from "./udp-session.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Answers every datagram with its own after a prefix. */
async function echo(prefix = ""): Promise<number> {
  const socket = await Bun.udpSocket({
    hostname: "127.0.0.1",
    socket: {
      data(own, bytes, port, address) {
        own.send(prefix === "" ? bytes : prefix + bytes.toString(), port, address);
      },
    },
  });
  closers.push(() => socket.close());
  return socket.port;
}

function group(ports: readonly number[], strategy: Layer4Strategy = "round_robin"): BackendGroup {
  const backends = ports.map((port) => new Layer4Backend(parseLayer4Address(`127.0.0.1:${port}`)));
  return new BackendGroup(backends, { strategy, downMs: 60_000 });
}

async function proxy(settings: Partial<UdpProxySettings> & Pick<UdpProxySettings, "backends">) {
  const faults: UdpFault[] = [];
  const observer = { fault: (fault: UdpFault) => void faults.push(fault) };
  const made = new UdpProxy({ ...udpDefaults, ...settings }, observer);
  await made.listen({ host: "127.0.0.1", port: 0 });
  closers.push(() => made.close());
  return { made, faults };
}

async function client(port: number) {
  const got: string[] = [];
  const sizes: number[] = [];
  const socket = await Bun.udpSocket({
    connect: { hostname: "127.0.0.1", port },
    socket: {
      data(_, bytes) {
        got.push(bytes.length > 100 ? "" : bytes.toString());
        sizes.push(bytes.length);
      },
    },
  });
  closers.push(() => socket.close());
  return { got, sizes, send: (bytes: string | Uint8Array) => void socket.send(bytes) };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await Bun.sleep(5);
}

test("each client has its session, its order and its answers", async () => {
  const { made } = await proxy({ backends: group([await echo()]) });
  const clients = await Promise.all(Array.from({ length: 10 }, () => client(made.port)));
  for (let round = 0; round < 20; round++) {
    for (const [index, one] of clients.entries()) one.send(`${index}:${round}`);
    await until(() => clients.every(({ got }) => got.length === round + 1));
  }
  for (const [index, { got }] of clients.entries()) {
    expect(got).toEqual(Array.from({ length: 20 }, (_, round) => `${index}:${round}`));
  }
  expect(made.counts).toMatchObject({ open: 10, sessions: 10, datagramsIn: 200, faults: {} });
});

test("what comes while a session is made keeps its order", async () => {
  const { made } = await proxy({ backends: group([await echo()]) });
  const one = await client(made.port);
  for (let i = 0; i < 30; i++) one.send(String(i));
  await until(() => one.got.length === 30);
  expect(one.got).toEqual(Array.from({ length: 30 }, (_, i) => String(i)));
});

test("empty datagrams, and the largest there are", async () => {
  const { made } = await proxy({ backends: group([await echo()]) });
  const one = await client(made.port);
  one.send(new Uint8Array(65_507));
  await until(() => one.sizes.length === 1);
  one.send(new Uint8Array());
  await until(() => one.sizes.length === 2);
  expect(one.sizes).toEqual([65_507, 0]);
});

test("where nobody listens the next backend is taken", async () => {
  const gone = await Bun.udpSocket({ hostname: "127.0.0.1" });
  const { port } = gone;
  gone.close();
  const { made, faults } = await proxy({ backends: group([port, await echo("up:")]) });
  const one = await client(made.port);
  while (one.got.length === 0) {
    one.send("x");
    await Bun.sleep(10);
  }
  expect(one.got[0]).toBe("up:x");
  expect(faults.find(({ code }) => code === "refused")).toMatchObject({
    backend: `127.0.0.1:${port}`,
  });
});

test("a name that cannot be found is a fault, not the end", async () => {
  const backend = new Layer4Backend(parseLayer4Address("nowhere.invalid:53"));
  const backends = new BackendGroup([backend], { strategy: "random", downMs: 10 });
  const { made, faults } = await proxy({ backends });
  (await client(made.port)).send("x");
  await until(() => faults.length > 0);
  expect(faults[0]?.code).toBe("connect_failed");
  await until(() => made.counts.open === 0);
  expect(backend.open).toBe(0);
});

test("a session that is silent is forgotten", async () => {
  const backends = group([await echo()]);
  const { made } = await proxy({ backends, idleMs: 80 });
  const one = await client(made.port);
  one.send("x");
  await until(() => one.got.length === 1);
  await until(() => made.counts.open === 0);
  expect(backends.backends[0]?.open).toBe(0);
  one.send("y");
  await until(() => one.got.length === 2);
  expect(made.counts.sessions).toBe(2);
});

test("for one session too many the longest silent one goes", async () => {
  const { made, faults } = await proxy({ backends: group([await echo()]), maxSessions: 2 });
  const [a, b, c] = [await client(made.port), await client(made.port), await client(made.port)];
  a.send("a");
  await until(() => a.got.length === 1);
  b.send("b");
  await until(() => b.got.length === 1);
  a.send("a");
  await until(() => a.got.length === 2);
  c.send("c");
  await until(() => c.got.length === 1);
  expect(faults.map(({ code }) => code)).toEqual(["sessions_full"]);
  a.send("a");
  await until(() => a.got.length === 3);
  // Had it been a's session that went, there would be one more.
  expect(made.counts).toMatchObject({ open: 2, sessions: 3 });
});

test("swap: sessions stay with their backend, new ones go to the next; drain begins none", async () => {
  const { made } = await proxy({ backends: group([await echo("1")]) });
  const one = await client(made.port);
  one.send("a");
  await until(() => one.got.length === 1);
  made.swap({ ...udpDefaults, backends: group([await echo("2")]) });
  const two = await client(made.port);
  two.send("b");
  one.send("c");
  await until(() => two.got.length === 1 && one.got.length === 2);
  expect([...one.got, ...two.got]).toEqual(["1a", "1c", "2b"]);
  await made.drain(60_000);
  expect(made.counts.open).toBe(0);
});

test("a session that is closed while its backend is looked up gives its place back once", async () => {
  const backend = new Layer4Backend(parseLayer4Address("nobody.invalid:53"));
  const backends = new BackendGroup([backend], { strategy: "least_conn", downMs: 1 });
  const host = { answer() {}, fault() {}, left() {} };
  const session = new UdpSession("127.0.0.1", 1, host);
  const starting = session.start(backends);
  expect(backend.open).toBe(1);
  session.close();
  await starting;
  expect(backend.open).toBe(0);
});
