import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import type { ClientHttp2Session } from "node:http2";
import { connect as connectH2 } from "node:http2";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { App } from "../../src/core/app.ts";
import { Reply } from "../../src/core/reply.ts";
import { readAll } from "../../src/wire/source.ts";
import { staticFiles } from "../../src/files/static-files.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import { createTestAuthority } from "../support/certificates.ts";

// What many clients that leave in the middle must not leave behind.

const authority = createTestAuthority();
const servers: Server[] = [];
const open = { exchanges: 0, sources: 0, connections: 0 };
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "aborted-"));
  writeFileSync(join(root, "large.bin"), new Uint8Array(8 * 1024 * 1024));
  const app = new App()
    .get("/endless", () => {
      open.sources++;
      let released = false;
      return new Reply({
        size: undefined,
        pull: () => new Uint8Array(16 * 1024),
        cancel() {
          if (!released) open.sources--;
          released = true;
        },
      });
    })
    .post("/up", async (c) => {
      const body = c.exchange.body;
      return String(body === null ? 0 : (await readAll(body)).byteLength);
    })
    .add({ path: "/files/*", handler: staticFiles(root) });
  const observed = {
    handle: (exchange: Parameters<typeof app.handle>[0]) => {
      open.exchanges++;
      return app.handle(exchange);
    },
  };
  const observer = {
    opened: () => void open.connections++,
    closed: () => void open.connections--,
    finished: () => void open.exchanges--,
  };
  const certificates = [authority.server(["a.example"])];
  servers.push(await serve(observed, { port: 0, observer }));
  servers.push(await serve(observed, { port: 0, observer, http3: false, tls: { certificates } }));
});
afterAll(async () => {
  await Promise.all(servers.map((one) => one.close()));
  await rm(root, { recursive: true });
});

const plain = (): Socket => connect({ port: servers[0]?.port as number, host: "127.0.0.1" });
const secure = (): Socket =>
  connectTls({
    port: servers[1]?.port as number,
    host: "127.0.0.1",
    ca: authority.certificate,
    servername: "a.example",
    ALPNProtocols: ["http/1.1"],
  });

const REQUESTS = [
  "GET /end",
  "GET /endless HTTP/1.1\r\nHost: a.example\r\n\r\n",
  "GET /files/large.bin HTTP/1.1\r\nHost: a.example\r\n\r\n",
  "POST /up HTTP/1.1\r\nHost: a.example\r\nContent-Length: 100\r\n\r\nabc",
  "POST /up HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
];

/** One request that is broken off: as soon as it was sent, or as soon as the answer has begun. */
function abortHttp1(start: () => Socket, index: number): Promise<void> {
  const request = REQUESTS[index % REQUESTS.length] as string;
  const answered = request.startsWith("GET /") && request.endsWith("\r\n\r\n") && index % 2 === 0;
  return new Promise((resolve) => {
    const socket = start();
    socket.on("error", () => {});
    socket.on("close", () => resolve());
    const ready = "encrypted" in socket ? "secureConnect" : "connect";
    socket.on(ready, () => {
      socket.write(request, () => {
        if (!answered) socket.destroy();
      });
    });
    socket.on("data", () => socket.destroy());
  });
}

function session(): ClientHttp2Session {
  const one = connectH2(`https://127.0.0.1:${servers[1]?.port}`, {
    ca: authority.certificate,
    servername: "a.example",
  });
  one.on("error", () => {});
  return one;
}

/** A hundred streams: most are reset, and the connection breaks under the rest. */
async function abortHttp2(): Promise<void> {
  const client = session();
  const paths = ["/endless", "/files/large.bin", "/up"];
  await Promise.all(
    Array.from({ length: 100 }, (_, i) => {
      const path = paths[i % 3] as string;
      const stream = client.request(
        { ":path": path, ":method": path === "/up" ? "POST" : "GET", ":authority": "a.example" },
        { endStream: path !== "/up" },
      );
      stream.on("error", () => {});
      if (path === "/up") stream.write("abc");
      return new Promise<void>((resolve) => {
        stream.on("close", () => resolve());
        if (path === "/up") setTimeout(() => stream.close(8), 5);
        else stream.on("data", () => stream.close(8));
        if (i === 99) setTimeout(() => client.destroy(), 30);
      });
    }),
  );
  client.destroy();
}

const descriptors = (): number => readdirSync("/proc/self/fd").length;

async function settled(before: number): Promise<void> {
  const busy = (): boolean =>
    open.exchanges > 0 || open.sources > 0 || open.connections > 0 || descriptors() > before;
  for (let i = 0; busy() && i < 500; i++) await Bun.sleep(20);
  expect({ ...open, descriptors: Math.max(descriptors() - before, 0) }).toEqual({
    exchanges: 0,
    sources: 0,
    connections: 0,
    descriptors: 0,
  });
}

async function inParallel(count: number, run: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: 20 }, worker));
}

for (const [name, start, count] of [
  ["HTTP/1.1", plain, 400],
  ["HTTP/1.1 over TLS", secure, 150],
] as const) {
  test(`requests broken off leave nothing: ${name}`, async () => {
    await inParallel(40, (index) => abortHttp1(start, index));
    await settled(Infinity);
    const before = descriptors();
    await inParallel(count, (index) => abortHttp1(start, index));
    await settled(before);
  }, 60_000);
}

test("requests broken off leave nothing: HTTP/2", async () => {
  await abortHttp2();
  await settled(Infinity);
  const before = descriptors();
  for (let round = 0; round < 2; round++) await Promise.all([abortHttp2(), abortHttp2()]);
  await settled(before);
}, 60_000);
