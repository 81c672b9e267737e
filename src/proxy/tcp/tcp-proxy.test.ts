import { afterEach, describe, expect, test } from "bun:test";
import type { Server, Socket } from "node:net";
import { connect, createServer } from "node:net";
import { IpNetworks } from "../../http/ip-networks.ts";
import { BackendGroup, Layer4Backend, parseLayer4Address } from "../layer4/backend-group.ts";
import { tcpDefaults } from "./defaults.ts";
import type { TcpFault, TcpProxySettings } from "./settings.ts";
import { TcpProxy } from "./tcp-proxy.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function listen(accept: (socket: Socket) => void): Promise<number> {
  return new Promise((resolve) => {
    const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => {});
      closers.push(() => socket.destroy());
      accept(socket);
    });
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
    closers.push(() => server.close());
  });
}

function group(...ports: number[]): BackendGroup {
  const backends = ports.map((port) => new Layer4Backend(parseLayer4Address(`127.0.0.1:${port}`)));
  return new BackendGroup(backends, { strategy: "round_robin", downMs: 60_000 });
}

async function proxy(settings: Partial<TcpProxySettings>) {
  const faults: TcpFault[] = [];
  const made = new TcpProxy(
    { ...tcpDefaults, backends: undefined, ...settings },
    { fault: (fault) => faults.push(fault) },
  );
  await made.listen({ host: "127.0.0.1", port: 0 });
  closers.push(() => made.close());
  return { made, faults };
}

function dial(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => resolve(socket));
    socket.on("error", reject);
    closers.push(() => socket.destroy());
  });
}

/** Everything until the other side ends. */
async function all(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
  await new Promise((resolve) => {
    socket.on("end", resolve);
    socket.on("close", resolve);
    socket.on("error", resolve);
  });
  socket.end();
  return text;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await Bun.sleep(5);
}

const closedPort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => void server.close(resolve));
  return port;
};

describe("bytes", () => {
  test("go both ways; each side's end is passed on by itself", async () => {
    const heard: string[] = [];
    const port = await listen((socket) => {
      socket.on("data", (chunk: Buffer) => heard.push(chunk.toString()));
      // Only after the client's end is there an answer.
      socket.on("end", () => socket.end(`you said ${heard.join("")}`));
    });
    const { made } = await proxy({ backends: group(port) });
    const client = await dial(made.port);
    client.end("hello");
    expect(await all(client)).toBe("you said hello");
    await until(() => made.counts.open === 0);
    expect(made.counts).toMatchObject({ accepted: 1, bytesIn: 5, bytesOut: 14, faults: {} });
  });

  test("a backend that speaks first is heard", async () => {
    const port = await listen((socket) => socket.end("220 ready\r\n"));
    const { made } = await proxy({ backends: group(port) });
    expect(await all(await dial(made.port))).toBe("220 ready\r\n");
  });

  test("a client that resets takes its backend's connection with it", async () => {
    let closed = false;
    const port = await listen((socket) => socket.on("close", () => (closed = true)).resume());
    const { made } = await proxy({ backends: group(port) });
    const client = await dial(made.port);
    client.write("x");
    await until(() => made.counts.bytesIn === 1);
    client.resetAndDestroy();
    await until(() => closed && made.counts.open === 0);
    expect(made.counts.faults).toEqual({});
  });

  test("20 MB to a slow reader arrive whole, and are not held here meanwhile", async () => {
    const size = 20 * 1024 * 1024;
    let written = 0;
    const port = await listen((socket) => {
      const chunk = Buffer.alloc(65_536, 120);
      const more = (): void => {
        while (written < size) {
          written += chunk.length;
          if (!socket.write(chunk)) return;
        }
        socket.end();
      };
      socket.on("drain", more);
      more();
    });
    const { made } = await proxy({ backends: group(port) });
    const client = await dial(made.port);
    client.pause();
    // The kernels' buffers are full once nothing moves any more.
    let before = -1;
    while (before !== made.counts.bytesOut || before === 0) {
      before = made.counts.bytesOut;
      await Bun.sleep(100);
    }
    expect(made.counts.bytesOut).toBeLessThan(size * 0.75);
    let got = 0;
    client.on("data", (chunk: Buffer) => (got += chunk.length));
    client.resume();
    await new Promise((resolve) => client.on("end", resolve));
    expect(got).toBe(size);
  });
});

describe("backends", () => {
  test("one that is down is passed over, and tried last from then on", async () => {
    const down = await closedPort();
    const up = await listen((socket) => socket.end("up"));
    const backends = group(down, up);
    const { made, faults } = await proxy({ backends });
    for (let i = 0; i < 4; i++) expect(await all(await dial(made.port))).toBe("up");
    expect(faults.map(({ code }) => code)).toEqual(["connect_failed"]);
    expect(faults[0]?.backend).toBe(`127.0.0.1:${down}`);
    await until(() => backends.backends.every(({ open }) => open === 0));
  });

  test("with all of them down the client is closed", async () => {
    const { made, faults } = await proxy({ backends: group(await closedPort()) });
    expect(await all(await dial(made.port))).toBe("");
    expect(faults.map(({ code }) => code)).toEqual(["connect_failed", "no_backend"]);
    await until(() => made.counts.open === 0);
  });

  test("what the client sends ahead reaches the second backend", async () => {
    const port = await listen((socket) => socket.on("data", (data) => socket.end(data)));
    const { made } = await proxy({ backends: group(await closedPort(), port) });
    const client = connect(made.port, "127.0.0.1");
    client.write("early");
    expect(await all(client)).toBe("early");
  });
});

describe("limits", () => {
  test("one connection too many is closed, the others stay", async () => {
    const port = await listen((socket) => socket.pipe(socket));
    const { made, faults } = await proxy({ backends: group(port), maxConnections: 1 });
    const first = await dial(made.port);
    await until(() => made.counts.open === 1);
    expect(await all(await dial(made.port))).toBe("");
    expect(faults.map(({ code }) => code)).toEqual(["too_many_connections"]);
    first.end("still");
    expect(await all(first)).toBe("still");
  });

  test("an idle connection is closed on both sides", async () => {
    let closed = false;
    const port = await listen((socket) => socket.on("close", () => (closed = true)).resume());
    const { made, faults } = await proxy({ backends: group(port), idleMs: 80 });
    expect(await all(await dial(made.port))).toBe("");
    await until(() => closed);
    expect(faults.map(({ code }) => code)).toEqual(["idle"]);
  });

  test("drain lets a connection finish, and no new one begin", async () => {
    const port = await listen((socket) => socket.pipe(socket));
    const { made } = await proxy({ backends: group(port) });
    const client = await dial(made.port);
    client.write("a");
    await until(() => made.counts.bytesOut === 1);
    const drained = made.drain(60_000);
    await expect(dial(made.port)).rejects.toThrow();
    client.end("b");
    expect(await all(client)).toBe("ab");
    await drained;
  });

  test("drain breaks off what does not end in its time", async () => {
    const port = await listen((socket) => socket.pipe(socket));
    const { made } = await proxy({ backends: group(port) });
    const client = await dial(made.port);
    client.write("a");
    await until(() => made.counts.bytesOut === 1);
    const text = all(client);
    await made.drain(20);
    await text;
    expect(made.counts.open).toBe(0);
  });
});

describe("the PROXY protocol", () => {
  test("in and out: the backend is told of the first client", async () => {
    const port = await listen((socket) => socket.on("data", (data) => socket.end(data)));
    const trustedProxies = new IpNetworks(["loopback"]);
    const { made } = await proxy({ backends: group(port), trustedProxies, proxyProtocol: 1 });
    const client = await dial(made.port);
    client.write("PROXY TCP4 192.0.2.1 198.51.100.1 40000 443\r\nhello");
    expect(await all(client)).toBe("PROXY TCP4 192.0.2.1 198.51.100.1 40000 443\r\nhello");
  });

  test("out in version 2, with the ends of the connection itself", async () => {
    const port = await listen((socket) => socket.on("data", (data) => socket.end(data)));
    const { made } = await proxy({ backends: group(port), proxyProtocol: 2 });
    const bytes = Buffer.from(await all(await dial(made.port)), "latin1");
    expect(bytes.subarray(12, 16)).toEqual(Buffer.from([0x21, 0x11, 0, 12]));
    expect(bytes.readUInt16BE(26)).toBe(made.port);
  });

  test.each([
    ["another peer", ["192.0.2.0/24"], "PROXY UNKNOWN\r\n", "proxy_header_untrusted"],
    ["no header", ["loopback"], "SSH-2.0-x\r\n", "proxy_header_missing"],
    ["a broken one", ["loopback"], "PROXY TCP4\r\n", "proxy_header_malformed"],
  ])("%s is refused", async (_, trusted, text, code) => {
    let reached = 0;
    const port = await listen(() => reached++);
    const trustedProxies = new IpNetworks(trusted);
    const { made, faults } = await proxy({ backends: group(port), trustedProxies });
    const client = await dial(made.port);
    client.write(text);
    expect(await all(client)).toBe("");
    expect(faults.map((fault) => fault.code as string)).toEqual([code]);
    expect(reached).toBe(0);
  });

  test("a peer that never finishes its header is closed", async () => {
    const trustedProxies = new IpNetworks(["loopback"]);
    const { made, faults } = await proxy({ trustedProxies, firstBytesMs: 30 });
    const client = await dial(made.port);
    client.write("PROXY ");
    expect(await all(client)).toBe("");
    expect(faults.map(({ code }) => code)).toEqual(["first_bytes_timeout"]);
  });
});

test("swap: open connections stay with their backend, new ones go to the next", async () => {
  const one = await listen((socket) => socket.on("data", (data) => socket.write(`1${data}`)));
  const two = await listen((socket) => socket.end("two"));
  const { made } = await proxy({ backends: group(one) });
  const client = await dial(made.port);
  let text = "";
  client.on("data", (data: Buffer) => (text += data.toString()));
  client.write("a");
  await until(() => text === "1a");
  made.swap({ ...tcpDefaults, backends: group(two) });
  expect(await all(await dial(made.port))).toBe("two");
  client.write("b");
  await until(() => text === "1a1b");
  await until(() => made.counts.open === 1);
});
