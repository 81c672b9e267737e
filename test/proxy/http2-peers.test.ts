// HTTP/2 backends of others, in clear text and over TLS, and WebSockets to them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:http2";
import { createServer as createTlsServer } from "node:tls";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { App } from "../../src/core/app.ts";
import { upgradeWebSocket } from "../../src/core/websocket/upgrade-websocket.ts";
import { proxy } from "../../src/proxy/proxy.ts";
import { serve } from "../../src/server/serve.ts";
import { Upstream } from "../../src/upstream/upstream.ts";
import type { CertificatePair } from "../../src/server/tls/self-signed.ts";
import type { TestAuthority } from "../support/certificates.ts";
import { createTestAuthority } from "../support/certificates.ts";
import { freePort } from "../support/free-port.ts";
import { startH2Origin } from "../support/h2-origin.ts";
import { lacks } from "../support/programs.ts";
import { askRaw, short } from "../support/raw-request.ts";

let folder: string;
let authority: TestAuthority;
let pair: CertificatePair;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-h2-"));
  authority = createTestAuthority();
  pair = authority.server(["localhost", "127.0.0.1"]);
  writeFileSync(join(folder, "cert"), pair.certificate);
  writeFileSync(join(folder, "key"), pair.key);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function through(
  backend: string,
  run: (port: number, upstream: Upstream) => Promise<void>,
): Promise<void> {
  const upstream = new Upstream({
    name: "peer",
    backends: [backend],
    tls: { ca: authority.certificate },
    timeouts: { connectMs: 2_000, firstByteMs: 5_000 },
  });
  const app = new App().add({ path: "/*", literal: true, handler: proxy(upstream) });
  const server = await serve(app, { port: 0 });
  try {
    await run(server.port, upstream);
  } finally {
    await server.close();
    upstream.close();
  }
}

const large = Buffer.alloc(1 << 20).map((_, at) => at * 31);

describe.each([["h2"], ["h2s"]])("node:http2 on Node as %s", (scheme) => {
  let child: Bun.Subprocess<"pipe", "pipe", "inherit">;
  let backend: string;
  beforeAll(async () => {
    const script = new URL("../support/node-http2-origin.mjs", import.meta.url).pathname;
    child = Bun.spawn(["node", script, ...(scheme === "h2s" ? [folder] : [])], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    const { value } = await child.stdout.getReader().read();
    backend = `${scheme}://127.0.0.1:${Number(new TextDecoder().decode(value))}`;
  });
  afterAll(() => child.kill());

  test("many at once, HEAD, early hints, trailers, a megabyte both ways, a cut", async () => {
    await through(backend, async (port, upstream) => {
      const url = `http://127.0.0.1:${port}`;
      const answers = await Promise.all(
        Array.from({ length: 200 }, async () => (await fetch(url)).text()),
      );
      expect(new Set(answers)).toEqual(new Set([`127.0.0.1:${port}`]));
      expect(upstream.backends[0]?.transport.connections.open).toBeLessThan(5);
      expect((await fetch(url, { method: "HEAD" })).status).toBe(200);
      expect(await askRaw(port, { target: "/hints" })).toStartWith(
        "HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200",
      );
      const echoed = await fetch(`${url}/echo`, { method: "POST", body: large });
      expect(Buffer.from(await echoed.arrayBuffer()).equals(large)).toBe(true);
      const list = ["Content-Length: 2"];
      const answer = await askRaw(port, {
        method: "POST",
        target: "/echo",
        fields: list,
        body: "hi",
      });
      expect(short(answer)).toBe("200 chunked 2|hi|0|x-sum: 7||");
      expect(await askRaw(port, { target: "/cut" })).toEndWith("\r\n5\r\nhello\r\n");
    });
  });
});

test.skipIf(lacks("nghttpd"))("nghttpd, in clear text and over TLS", async () => {
  writeFileSync(join(folder, "large"), large);
  for (const scheme of ["h2c", "h2s"]) {
    const port = freePort();
    const how = scheme === "h2c" ? ["--no-tls"] : [];
    const keys = scheme === "h2c" ? [] : [join(folder, "key"), join(folder, "cert")];
    const child = Bun.spawn(
      ["nghttpd", "-a", "127.0.0.1", "-d", folder, "--echo-upload", ...how, String(port), ...keys],
      { stdout: "ignore", stderr: "inherit" },
    );
    try {
      await through(`${scheme}://127.0.0.1:${port}`, async (front) => {
        const url = `http://127.0.0.1:${front}/large`;
        let response = await fetch(url);
        for (let i = 0; i < 100 && response.status === 502; i++) {
          await Bun.sleep(20);
          response = await fetch(url);
        }
        expect(Buffer.from(await response.arrayBuffer()).equals(large)).toBe(true);
        const echoed = await fetch(url, { method: "POST", body: large });
        expect(Buffer.from(await echoed.arrayBuffer()).equals(large)).toBe(true);
      });
    } finally {
      child.kill();
      await child.exited;
    }
  }
});

test.each([
  ["that takes HTTP/1.1 alone", ["http/1.1"]],
  ["that agrees on nothing", undefined],
])("a backend over TLS %s is refused", async (_, protocols) => {
  const odd = createTlsServer(
    {
      cert: pair.certificate,
      key: pair.key,
      ...(protocols !== undefined && { ALPNProtocols: protocols }),
    },
    (socket) => void socket.on("error", () => {}),
  );
  odd.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => odd.listen(0, "127.0.0.1", resolve));
  await through(`h2s://127.0.0.1:${(odd.address() as AddressInfo).port}`, async (port) => {
    expect(short(await askRaw(port))).toBe("502 tls_failed");
  });
  odd.close();
});

describe("WebSockets to an HTTP/2 backend, by extended CONNECT", () => {
  const closes: [number, string][] = [];
  const app = new App().add({
    path: "/echo",
    methods: ["GET", "CONNECT"],
    handler: (c) =>
      upgradeWebSocket(
        c.exchange,
        {
          protocols: ["chat"],
          message: (socket, message) => void socket.send(message),
          close: (_socket, code, reason) => void closes.push([code, reason]),
        },
        c,
      ),
  });

  test.each([["h2"], ["h2s"]])("from a client of HTTP/1.1, as %s", async (scheme) => {
    const secure = { http3: false as const, tls: { certificates: [pair] } };
    const backend = await serve(app, { port: 0, ...(scheme === "h2s" && secure) });
    await through(`${scheme}://127.0.0.1:${backend.port}`, async (port) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/echo`, ["chat"]);
      socket.binaryType = "arraybuffer";
      await new Promise((resolve, reject) => {
        socket.onopen = resolve;
        socket.onerror = reject;
      });
      expect(socket.protocol).toBe("chat");
      const message = () => new Promise<MessageEvent>((resolve) => (socket.onmessage = resolve));
      socket.send("héllo");
      expect((await message()).data).toBe("héllo");
      socket.send(large);
      expect(Buffer.from((await message()).data as ArrayBuffer).equals(large)).toBe(true);
      socket.close(4001, "as asked");
      await new Promise((resolve) => (socket.onclose = resolve));
      expect(closes.pop()).toEqual([4001, "as asked"]);
    });
    await backend.close();
  });

  test("from a client of HTTP/2; what is refused is an answer", async () => {
    const backend = await serve(app, { port: 0 });
    await through(`h2://127.0.0.1:${backend.port}`, async (port) => {
      const session = connect(`http://127.0.0.1:${port}`);
      await new Promise((resolve) => session.once("remoteSettings", resolve));
      const ask = async (path: string) => {
        const stream = session.request({
          ":method": "CONNECT",
          ":protocol": "websocket",
          ":path": path,
          "sec-websocket-version": "13",
        });
        const head = await new Promise<Record<string, unknown>>((resolve) =>
          stream.once("response", resolve),
        );
        return { stream, head };
      };
      const { stream, head } = await ask("/echo");
      expect(head[":status"]).toBe(200);
      // "hi", masked with zeros (RFC 6455 5.2).
      stream.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]));
      const frame = await new Promise<Buffer>((resolve) => stream.once("data", resolve));
      expect([...frame]).toEqual([0x81, 0x02, 0x68, 0x69]);
      expect((await ask("/none")).head[":status"]).toBe(404);
      session.destroy();
    });
    await backend.close();
  });

  test("that takes none is a bad_upgrade", async () => {
    await using origin = await startH2Origin();
    await through(origin.address, async (port) => {
      const list = [
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      ];
      expect(short(await askRaw(port, { fields: list }))).toBe("502 bad_upgrade");
      expect(origin.streams).toHaveLength(0);
    });
  });
});
