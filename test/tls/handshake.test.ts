import { dlopen } from "bun:ffi";
import { expect, test } from "bun:test";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listenTcp } from "../../src/runtime/bun-listener.ts";
import { listenTls } from "../../src/runtime/tls-listener.ts";
import { createDevelopmentCertificate } from "../../src/server/tls/self-signed.ts";
import { createTestAuthority } from "../support/certificates.ts";
import { lacks } from "../support/programs.ts";
import { ask, connectTls, startTls, until } from "./harness.ts";

const certificate = createTestAuthority().server(["localhost"]);
const certificates = [certificate];

/** Sends `bytes` as they are. Resolves with what came back once the server has closed. */
async function sendRaw(port: number, bytes: Uint8Array | string, end = false): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
  });
  if (end) socket.end(bytes);
  else socket.write(bytes);
  await closed(socket);
  return text;
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

test("what is not TLS is closed, and others are served", async () => {
  await using server = await startTls({ certificates });
  const hello = Buffer.from("16030100", "hex");
  const inputs = [
    "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    Buffer.alloc(1),
    Buffer.alloc(4096, 0xff),
    Buffer.from("15030300020100", "hex"),
    Buffer.concat([hello, Buffer.from("ffff")]),
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "SSH-2.0-OpenSSH_9.0\r\n",
  ];
  for (const input of inputs) {
    await sendRaw(server.port, input, true);
    expect((await ask(server.port)).facts?.got).toBe(4);
  }
  await until(() => server.open() === 0);
  expect(server.refusals.length).toBe(inputs.length);
  expect(server.refusals[0]).toBe("tls_plain_http");
});

test("mutated handshakes end nothing but themselves", async () => {
  await using server = await startTls({ certificates }, { handshakeTimeoutMs: 300 });
  const hello = await captureHello();
  let seed = 42;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed % below;
  };
  await Promise.all(
    Array.from({ length: 200 }, async () => {
      const bytes = Buffer.from(hello.subarray(0, 1 + random(hello.length)));
      for (let i = 0; i < 3; i++) bytes[random(bytes.length)] = random(256);
      await sendRaw(server.port, bytes, random(2) === 0);
    }),
  );
  await until(() => server.open() === 0);
  expect((await ask(server.port)).facts?.got).toBe(4);
});

/** The first flight of a client. */
async function captureHello(): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  using sink = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, chunk) {
        resolve(Buffer.from(chunk));
        socket.terminate();
      },
    },
  });
  connectTls(sink.port, { servername: "localhost", ALPNProtocols: ["h2", "http/1.1"] });
  return await promise;
}

test("a client that stalls in its handshake is cut", async () => {
  await using server = await startTls({ certificates }, { handshakeTimeoutMs: 200 });
  const hello = await captureHello();
  await Promise.all([
    sendRaw(server.port, ""),
    sendRaw(server.port, hello.subarray(0, 20)),
    sendRaw(server.port, hello),
  ]);
  await until(() => server.open() === 0);
  expect(server.refusals).toEqual(Array(3).fill("tls_handshake_timeout"));
  // The limit is the handshake's alone.
  const socket = connectTls(server.port);
  await once(socket, "secureConnect");
  await Bun.sleep(400);
  socket.write("ping");
  await once(socket, "data");
  socket.destroy();
});

test("a client that leaves in its handshake leaves nothing behind", async () => {
  await using server = await startTls({ certificates });
  const hello = await captureHello();
  for (const part of [0, 5, 50, hello.length]) {
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => {});
    await once(socket, "connect");
    socket.write(hello.subarray(0, part));
    await Bun.sleep(5);
    socket.resetAndDestroy();
  }
  await until(() => server.open() === 0 && server.refusals.length === 4);
  expect(server.refusals).toEqual(Array(4).fill("tls_handshake_failed"));
});

test("a connection that is not admitted is closed before its handshake, and only that", async () => {
  await using server = await startTls({ certificates }, { most: 1 });
  const socket = connectTls(server.port);
  await once(socket, "secureConnect");
  for (let i = 0; i < 5; i++) expect((await ask(server.port)).text).toBe("");
  expect(server.open()).toBe(1);
  expect(server.refusals).toEqual([]);
  socket.destroy();
  await until(() => server.open() === 0);
  expect((await ask(server.port)).facts?.got).toBe(4);
});

test("a client that speaks neither protocol is told so", async () => {
  await using server = await startTls({ certificates });
  const answer = await ask(server.port, { ALPNProtocols: ["ftp"] });
  expect(answer.error).toContain("NO_APPLICATION_PROTOCOL");
  expect(server.refusals).toEqual(["tls_no_common_protocol"]);
});

test("a reset of an open connection reaches its handler, once", async () => {
  const events: string[] = [];
  await using server = await startTls(
    { certificates },
    {
      accept(socket) {
        socket.handler = {
          data: () => events.push("data"),
          end: () => events.push("end"),
          drain() {},
          close: () => events.push("close"),
        };
      },
    },
  );
  const socket = connectTls(server.port);
  await once(socket, "secureConnect");
  socket.write("x");
  await until(() => events.length === 1);
  socket.resetAndDestroy();
  await until(() => server.open() === 0);
  expect(events.filter((event) => event === "close")).toEqual(["close"]);
  expect(events.at(-1)).toBe("close");
});

test("a port in use is an error with its code", async () => {
  await using server = await startTls({ certificates });
  const again = listenTls(
    {
      host: "127.0.0.1",
      port: server.port,
      contexts: server.store,
      alpn: ["http/1.1"],
      handshakeTimeoutMs: 1_000,
    },
    { http1() {}, http2() {} },
  );
  await expect(again).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("a listener that stops lets open connections go on", async () => {
  await using server = await startTls({ certificates });
  const socket = connectTls(server.port);
  await once(socket, "secureConnect");
  server.listener.stop();
  const refused = await ask(server.port);
  expect(refused.text).toBe("");
  socket.write("ping");
  const [chunk] = (await once(socket, "data")) as [Buffer];
  expect(chunk.toString()).toContain('"got":4');
  socket.destroy();
});

test("an inherited descriptor serves as the port", async () => {
  await using server = await startTls({ certificates });
  const plain = listenTcp({ host: "127.0.0.1", port: 0 }, (socket) => socket.destroy());
  // Another process would have a descriptor of its own; so must we, as the first listener accepts too.
  const libc = dlopen("libc.so.6", { dup: { args: ["int"], returns: "int" } });
  const fd = libc.symbols.dup(plain.fd);
  plain.stop();
  const listener = await listenTls(
    {
      host: "",
      port: plain.port,
      fd,
      contexts: server.store,
      alpn: ["http/1.1"],
      handshakeTimeoutMs: 5_000,
    },
    {
      http1(socket) {
        socket.handler = {
          data: () => socket.write("inherited"),
          end: () => socket.endWrite(),
          drain() {},
          close() {},
        };
      },
      http2() {},
    },
  );
  expect((await ask(plain.port)).text).toBe("inherited");
  listener.stop();
});

test.skipIf(lacks("curl"))(
  "curl accepts a development certificate it is told to trust",
  async () => {
    const development = createDevelopmentCertificate({ names: ["localhost", "127.0.0.1"] });
    await using server = await startTls(
      { certificates: [development] },
      {
        alpn: ["http/1.1"],
        accept(socket) {
          socket.handler = {
            data: () => {
              socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
              socket.endWrite();
            },
            end: () => socket.endWrite(),
            drain() {},
            close() {},
          };
        },
      },
    );
    const directory = await mkdtemp(join(tmpdir(), "sluice-tls-"));
    const file = join(directory, "development.pem");
    await writeFile(file, development.certificate);
    try {
      for (const host of ["localhost", "127.0.0.1"]) {
        const url = `https://${host}:${server.port}/`;
        const curl = Bun.spawn(["curl", "-sS", "-4", "--cacert", file, url], {
          stdout: "pipe",
          stderr: "inherit",
        });
        expect(await new Response(curl.stdout).text()).toBe("ok");
        expect(await curl.exited).toBe(0);
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  },
);
