// PROXY headers before the handshake of TLS that ends here, through a program that runs.
import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Socket } from "node:net";
import { connect, createServer } from "node:net";
import { connect as connectTls } from "node:tls";
import { Program, workFolder } from "../lifecycle/harness.ts";
import { createTestAuthority } from "../support/certificates.ts";

setDefaultTimeout(30_000);

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const authority = createTestAuthority();
const pair = authority.server(["localhost"]);

/** Answers only when its client has ended, with all it has heard. */
function tellingBackend(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      let heard = "";
      closers.push(() => socket.destroy());
      socket.on("error", () => {});
      socket.on("data", (data: Buffer) => (heard += data.toString("latin1")));
      socket.on("end", () => socket.end(`heard: ${heard}`));
    });
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
    closers.push(() => server.close());
  });
}

const config = (backend: number, more = "") => `[server]
drain_ms = 200
[log]
error = "error.log"
[[tcp_proxy]]
name = "db"
listen = "127.0.0.1:0"
backends = ["127.0.0.1:${backend}"]
tls = { cert = "cert.pem", key = "key.pem" }
proxy_protocol = "v1"
${more}
`;

const ACCEPTS = 'accept_proxy_protocol = true\ntrusted_proxies = ["loopback"]';

async function started(more: string, backend: number) {
  const folder = workFolder();
  folder.write("cert.pem", pair.certificate);
  folder.write("key.pem", pair.key);
  folder.write("sluice.toml", config(backend, more));
  const program = new Program(["-c", "sluice.toml"], folder.path);
  const [url = ""] = await program.listening();
  return {
    folder,
    program,
    port: Number(/\d+$/.exec(url)?.[0]),
    faults: () =>
      readFileSync(join(folder.path, "error.log"), "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as { code: string; client: string }),
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

function dial(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.on("error", reject);
    closers.push(() => socket.destroy());
  });
}

/** Shakes hands behind a header, says `hello`, ends its side, and hears the rest. */
async function hear(port: number, header: string | Uint8Array): Promise<string> {
  const raw = await dial(port);
  raw.on("error", () => {});
  if (header.length > 0) raw.write(header);
  return new Promise((resolve) => {
    let text = "";
    const options = { socket: raw, servername: "localhost", ca: authority.certificate };
    const socket = connectTls({ ...options, allowHalfOpen: true } as object, () =>
      socket.end("hello"),
    );
    socket.on("data", (data: Buffer) => (text += data.toString("latin1")));
    socket.on("error", (error) => resolve(`error: ${error.message}`));
    socket.on("end", () => resolve(text));
    socket.on("close", () => resolve(text));
  });
}

const V1 = "PROXY TCP4 192.0.2.1 198.51.100.1 40000 443\r\n";
/** Version 2: the same, as bytes. */
const V2 = Uint8Array.fromHex("0d0a0d0a000d0a515549540a2111000cc0000201c63364019c4001bb");

test("the client of the header is who the backend is told of, through TLS and a half-closed connection", async () => {
  await using proxy = await started(ACCEPTS, await tellingBackend());
  expect(await hear(proxy.port, V1)).toBe(`heard: ${V1}hello`);
  expect(await hear(proxy.port, V2)).toBe(`heard: ${V1}hello`);
  // A proxy that speaks for itself (a health check) is the client.
  expect(await hear(proxy.port, "PROXY UNKNOWN\r\n")).toMatch(
    /^heard: PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ \d+\r\nhello$/,
  );
  expect(proxy.faults()).toEqual([]);
});

test("without a header, with a broken one, and from others, connections are closed and told of", async () => {
  await using proxy = await started(ACCEPTS, await tellingBackend());
  expect(await hear(proxy.port, "")).not.toContain("heard");
  expect(await hear(proxy.port, "PROXY TCP4\r\n")).not.toContain("heard");
  const halfway = await dial(proxy.port);
  halfway.end("PROXY ");
  await new Promise((resolve) => halfway.on("close", resolve).resume());
  while (proxy.faults().length < 3) await Bun.sleep(20);
  expect(proxy.faults().map(({ code }) => code)).toEqual([
    "proxy_header_missing",
    "proxy_header_malformed",
    "proxy_header_missing",
  ]);
  // Behind a good header there must be TLS.
  const plain = await dial(proxy.port);
  plain.write(`${V1}GET / HTTP/1.1\r\n\r\n`);
  await new Promise((resolve) => plain.on("close", resolve).on("error", resolve).resume());
  while (proxy.faults().length < 4) await Bun.sleep(20);
  expect(proxy.faults()[3]).toMatchObject({ code: "tls_plain_http" });

  const others = await started(ACCEPTS.replace("loopback", "192.0.2.0/24"), await tellingBackend());
  expect(await hear(others.port, V1)).not.toContain("heard");
  while (others.faults().length === 0) await Bun.sleep(20);
  expect(others.faults()[0]?.code).toBe("proxy_header_untrusted");
  await others[Symbol.asyncDispose]();
});

test("a reload that begins or ends to accept headers is live, and open connections stay", async () => {
  const backend = await tellingBackend();
  await using proxy = await started("", backend);
  const open = connectTls({
    port: proxy.port,
    host: "127.0.0.1",
    servername: "localhost",
    ca: authority.certificate,
    allowHalfOpen: true,
  } as object);
  await new Promise((resolve) => open.on("secureConnect", resolve));
  expect(await hear(proxy.port, "")).toContain("hello");
  proxy.folder.write("sluice.toml", config(backend, ACCEPTS));
  proxy.program.signal("SIGHUP");
  await proxy.program.next("reloaded");
  expect(await hear(proxy.port, V1)).toBe(`heard: ${V1}hello`);
  expect(await hear(proxy.port, "")).not.toContain("heard");
});
