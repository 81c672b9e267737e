// What a gateway holds, in a process of its own: a GiB either way between peers of which one is slow, many WebSockets.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo, Server, Socket } from "node:net";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "bun:test";
import { acceptKey } from "../../src/wire/websocket/accept-key.ts";
import { proxyTo } from "../support/gateway.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const PIECE = Buffer.alloc(MIB, "x");

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

interface Held {
  /** MiB */
  rss: number;
  connections: number;
  descriptors: number;
  inFlight: number;
}

interface GatewayProcess {
  port: number;
  held(): Promise<Held>;
}

async function start(backend: number, more = ""): Promise<GatewayProcess> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-memory-"));
  const file = join(folder, "sluice.toml");
  writeFileSync(file, proxyTo([`127.0.0.1:${backend}`], more, "[server.limits]\nbody_bytes = 0"));
  const script = new URL("../support/gateway-process.ts", import.meta.url).pathname;
  const child = Bun.spawn([process.execPath, script, file], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  closers.push(async () => {
    child.kill("SIGKILL");
    await child.exited;
    rmSync(folder, { recursive: true });
  });
  const reader = child.stdout.getReader();
  const line = async (): Promise<string> => {
    let all = "";
    while (!all.endsWith("\n")) all += new TextDecoder().decode((await reader.read()).value);
    return all;
  };
  const { port } = JSON.parse(await line()) as { port: number };
  return {
    port,
    async held() {
      child.stdin.write("?\n");
      await child.stdin.flush();
      return JSON.parse(await line()) as Held;
    },
  };
}

function listen(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    serve(socket);
  });
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

/** Writes so many bytes at the pace of the other end. */
function pour(socket: Socket, size: number): void {
  let left = size;
  const more = (): void => {
    while (left > 0 && !socket.destroyed) {
      left -= MIB;
      if (!socket.write(PIECE)) break;
    }
  };
  socket.on("drain", more);
  more();
}

/** Counts what comes, standing still for a while at the beginning and now and then. @returns all of it, head too */
function sip(socket: Socket, size: number): Promise<number> {
  return new Promise((resolve) => {
    let got = 0;
    let next = 0;
    socket.on("data", (chunk: Buffer) => {
      got += chunk.length;
      if (got >= size) resolve(got);
      if (got < next) return;
      next += GIB / 4;
      socket.pause();
      setTimeout(() => socket.resume(), 400);
    });
    socket.on("close", () => resolve(got));
  });
}

const growth = async (gateway: GatewayProcess, before: Held, during: Promise<unknown>) => {
  let most = 0;
  let running = true;
  const watch = (async () => {
    while (running) {
      most = Math.max(most, (await gateway.held()).rss);
      await Bun.sleep(100);
    }
  })();
  await during;
  running = false;
  await watch;
  return Math.max(most, (await gateway.held()).rss) - before.rss;
};

describe("a GiB", () => {
  test("down to a client that is slow: memory stays flat", async () => {
    const origin = await listen((socket) => {
      socket.once("data", () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${GIB}\r\n\r\n`);
        pour(socket, GIB);
      });
    });
    const gateway = await start(origin);
    const before = await gateway.held();
    const client = connect(gateway.port, "127.0.0.1");
    client.write("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
    const all = sip(client, GIB);
    expect(await growth(gateway, before, all)).toBeLessThan(64);
    expect(await all).toBeGreaterThan(GIB);
    client.destroy();
  }, 60_000);

  test("up to an origin that is slow: memory stays flat", async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const origin = await listen((socket) => {
      void sip(socket, GIB).then((size) => {
        resolve(size);
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      });
    });
    const gateway = await start(origin);
    const before = await gateway.held();
    const client = connect(gateway.port, "127.0.0.1");
    client.write(`PUT / HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${GIB}\r\n\r\n`);
    const answer = new Promise<string>((told) => client.once("data", (data) => told(String(data))));
    pour(client, GIB);
    expect(await growth(gateway, before, promise)).toBeLessThan(64);
    expect(await answer).toStartWith("HTTP/1.1 200");
    client.destroy();
  }, 60_000);
});

test("5,000 WebSockets are held and let go, with their descriptors", async () => {
  const count = 5_000;
  const key = "dGhlIHNhbXBsZSBub25jZQ==";
  const origin = await listen((socket) => {
    socket.once("data", () => {
      const accept = `Sec-WebSocket-Accept: ${acceptKey(key)}`;
      const fields = `Connection: Upgrade\r\nUpgrade: websocket\r\n${accept}`;
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n\r\n`);
      socket.on("data", (chunk) => socket.write(chunk));
    });
  });
  const gateway = await start(origin);
  const before = await gateway.held();
  const open = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect(gateway.port, "127.0.0.1");
      socket.on("error", reject);
      socket.once("data", (data) => {
        if (String(data).startsWith("HTTP/1.1 101")) resolve(socket);
        else reject(new Error(String(data)));
      });
      socket.write(
        `GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
      );
    });
  const clients: Socket[] = [];
  while (clients.length < count) {
    clients.push(...(await Promise.all(Array.from({ length: 100 }, open))));
  }
  const echoes = clients.map(
    (client) =>
      new Promise<string>((resolve) => client.once("data", (data) => resolve(String(data)))),
  );
  for (const [at, client] of clients.entries()) client.write(`message ${at}`);
  expect(await Promise.all(echoes)).toEqual(clients.map((_, at) => `message ${at}`));
  const during = await gateway.held();
  expect(during.connections).toBe(count);
  expect(during.descriptors - before.descriptors).toBeGreaterThanOrEqual(2 * count);

  // Half of them end in good order, half are broken off.
  for (const [at, client] of clients.entries()) {
    if (at % 2 === 0) client.end();
    else client.resetAndDestroy();
  }
  let after = await gateway.held();
  for (let i = 0; i < 100 && (after.connections > 0 || after.inFlight > 0); i++) {
    await Bun.sleep(50);
    after = await gateway.held();
  }
  expect(after).toMatchObject({ connections: 0, inFlight: 0 });
  expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + 2);
}, 60_000);
