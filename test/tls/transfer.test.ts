import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { TlsSocket } from "../../src/runtime/tls-socket.ts";
import { createTestAuthority } from "../support/certificates.ts";
import { connectTls, startTls, until } from "./harness.ts";

const certificates = [createTestAuthority().server(["localhost"])];
const MIB = 1024 * 1024;

/** A chunk that differs from its neighbours. */
function chunkOf(index: number, size: number): Uint8Array {
  const chunk = new Uint8Array(size);
  for (let i = 0; i < size; i += 64) chunk[i] = (index * 31 + i / 64) & 0xff;
  return chunk;
}

/** Sends `count` chunks from one buffer used again and again; call it on each `drain`. */
function pour(socket: TlsSocket, count: number, size: number, done: () => void): () => void {
  let index = 0;
  const shared = new Uint8Array(size);
  return () => {
    while (index < count) {
      shared.set(chunkOf(index++, size));
      if (socket.write(shared)) continue;
      expect(socket.pendingBytes).toBeLessThanOrEqual(size);
      return;
    }
    done();
  };
}

test.each([
  [MIB, 64],
  [64 * 1024, 500],
  [1_000, 20_000],
])("chunks of %i bytes arrive whole with backpressure", async (size, count) => {
  let drains = 0;
  await using server = await startTls(
    { certificates },
    {
      accept(socket) {
        const run = pour(socket, count, size, () => socket.endWrite());
        socket.handler = {
          data: run,
          end() {},
          drain() {
            drains++;
            expect(socket.pendingBytes).toBe(0);
            run();
          },
          close() {},
        };
      },
    },
  );
  const expected = createHash("sha256");
  for (let i = 0; i < count; i++) expected.update(chunkOf(i, size));
  const socket = connectTls(server.port);
  socket.write("go");
  const actual = createHash("sha256");
  let received = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    actual.update(chunk);
    received += chunk.length;
  }
  expect(received).toBe(size * count);
  expect(actual.digest("hex")).toBe(expected.digest("hex"));
  expect(drains).toBeGreaterThan(0);
});

test("a paused socket stops the sender, and memory stays flat", async () => {
  let serverSide: TlsSocket | undefined;
  let received = 0;
  await using server = await startTls(
    { certificates },
    {
      accept(socket) {
        serverSide = socket;
        socket.handler = {
          data(chunk) {
            received += chunk.length;
            if (received === chunk.length) socket.pause();
          },
          end: () => socket.endWrite(),
          drain() {},
          close() {},
        };
      },
    },
  );
  const total = 96 * MIB;
  const client = Bun.spawn([process.execPath, "-e", sender(server.port, total)], {
    stdout: "pipe",
    stderr: "inherit",
  });
  await until(() => received > 0);
  await Bun.sleep(300);
  const held = received;
  const before = process.memoryUsage().rss;
  await Bun.sleep(300);
  expect(received).toBe(held);
  expect(received).toBeLessThan(4 * MIB);
  serverSide?.resume();
  let peak = 0;
  while (received < total) {
    const seen = received;
    await Bun.sleep(20);
    peak = Math.max(peak, process.memoryUsage().rss);
    if (seen === received) await until(() => received > seen);
  }
  expect(await client.exited).toBe(0);
  expect(peak - before).toBeLessThan(64 * MIB);
});

/** A client in a process of its own, so that its memory is not counted. */
function sender(port: number, total: number): string {
  return `
    const { connect } = require("node:tls");
    const socket = connect({ port: ${port}, host: "127.0.0.1", rejectUnauthorized: false });
    const chunk = Buffer.alloc(65536, 1);
    let left = ${total} / chunk.length;
    const run = () => { while (left-- > 0) if (!socket.write(chunk)) return; socket.end(); };
    socket.on("secureConnect", run); socket.on("drain", run); socket.resume();
  `;
}

test("a client that does not read holds up its own answer only, without memory", async () => {
  let sent = 0;
  let gone = false;
  await using server = await startTls(
    { certificates },
    {
      accept(socket) {
        const chunk = new Uint8Array(MIB);
        const run = () => {
          while (sent < 512) {
            sent++;
            if (!socket.write(chunk)) return;
          }
        };
        socket.handler = {
          data: run,
          end() {},
          drain: run,
          close() {
            gone = true;
          },
        };
      },
    },
  );
  const socket = connectTls(server.port);
  await once(socket, "secureConnect");
  const before = process.memoryUsage().rss;
  socket.write("go");
  socket.pause();
  await until(() => sent > 0);
  await Bun.sleep(300);
  expect(sent).toBeLessThan(32);
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
  socket.destroy();
  await until(() => gone);
  expect(server.open()).toBe(0);
});

test("the peer may end its side and still be answered", async () => {
  await using server = await startTls(
    { certificates },
    {
      accept(socket) {
        let received = 0;
        socket.handler = {
          data(chunk) {
            received += chunk.length;
          },
          end() {
            setTimeout(() => {
              socket.write(`got ${received}`);
              socket.endWrite();
              expect(socket.write("too late")).toBe(false);
            }, 20);
          },
          drain() {},
          close() {},
        };
      },
    },
  );
  const socket = connectTls(server.port, { allowHalfOpen: true } as object);
  await once(socket, "secureConnect");
  socket.end("a request and FIN");
  let text = "";
  for await (const chunk of socket as AsyncIterable<Buffer>) text += chunk.toString();
  expect(text).toBe("got 17");
  await until(() => server.open() === 0);
});

test("we may end our side and still receive", async () => {
  let text = "";
  await using server = await startTls(
    { certificates },
    {
      accept(socket) {
        socket.handler = {
          data(chunk) {
            text += Buffer.from(chunk).toString();
            if (text === "first") {
              socket.write("bye");
              socket.endWrite();
            }
          },
          end() {
            text += "|end";
          },
          drain() {},
          close() {
            text += "|close";
          },
        };
      },
    },
  );
  const socket = connectTls(server.port, { allowHalfOpen: true } as object);
  await once(socket, "secureConnect");
  socket.write("first");
  socket.on("data", () => {});
  await once(socket, "end");
  socket.end(" second");
  await until(() => text.endsWith("|close"));
  expect(text).toBe("first second|end|close");
});

test("destroy closes at once, and writing afterwards does nothing", async () => {
  const events: string[] = [];
  await using server = await startTls(
    { certificates },
    {
      accept(socket) {
        socket.handler = {
          data() {
            socket.write(new Uint8Array(32 * MIB));
            socket.destroy();
            expect(socket.write("more")).toBe(false);
            socket.endWrite();
            socket.destroy();
            events.push("data");
          },
          end() {},
          drain: () => events.push("drain"),
          close: () => events.push("close"),
        };
      },
    },
  );
  const socket = connectTls(server.port);
  await once(socket, "secureConnect");
  socket.write("x");
  await until(() => server.open() === 0);
  expect(events).toEqual(["data", "close"]);
  socket.destroy();
});
