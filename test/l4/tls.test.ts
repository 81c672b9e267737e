import { afterEach, expect, test } from "bun:test";
import { once } from "node:events";
import { connect as plain, createServer } from "node:net";
import { connect, createServer as createTlsServer } from "node:tls";
import {
  BackendGroup,
  Layer4Backend,
  parseLayer4Address,
} from "../../src/proxy/layer4/backend-group.ts";
import { tcpDefaults } from "../../src/proxy/tcp/defaults.ts";
import { ServerNames } from "../../src/proxy/tcp/server-names.ts";
import { TcpProxy } from "../../src/proxy/tcp/tcp-proxy.ts";
import { Program, workFolder } from "../lifecycle/harness.ts";
import { createTestAuthority } from "../support/certificates.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const authority = createTestAuthority();
const NAMES = ["a.test", "x.b.test", "other.test", "localhost"];

type Listening = {
  listen(port: number, host: string, then: () => void): unknown;
  address(): unknown;
  close(): unknown;
};
function started(server: Listening): Promise<number> {
  closers.push(() => server.close());
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
}

/** A TLS server that says its own name. */
function tlsBackend(name: string): Promise<number> {
  const { certificate: cert, key } = authority.server(NAMES);
  return started(createTlsServer({ cert, key }, (socket) => socket.end(name)));
}

function group(port: number): BackendGroup {
  const backend = new Layer4Backend(parseLayer4Address(`127.0.0.1:${port}`));
  return new BackendGroup([backend], { strategy: "round_robin", downMs: 1000 });
}

/** What a TLS server says, after a handshake that trusts only the test's authority. */
function hear(port: number, servername: string, say = ""): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const options = { port, host: "127.0.0.1", servername, ca: authority.certificate };
    const socket = connect(options, () => {
      if (say !== "") socket.end(say);
    });
    socket.on("data", (data: Buffer) => (text += data.toString()));
    socket.on("error", (error) => resolve(`error: ${error.message}`));
    socket.on("end", () => resolve(text));
    closers.push(() => socket.destroy());
  });
}

test("TLS connections are routed by server name, and not decrypted", async () => {
  const names = new ServerNames<BackendGroup>();
  names.add("A.test", group(await tlsBackend("one")));
  names.add("*.b.test", group(await tlsBackend("two")));
  const settings = { ...tcpDefaults, serverNames: names };
  const fallback = group(await tlsBackend("three"));
  const proxy = new TcpProxy({ ...settings, backends: fallback });
  await proxy.listen({ host: "127.0.0.1", port: 0 });
  closers.push(() => proxy.close());
  expect(await hear(proxy.port, "a.test")).toBe("one");
  expect(await hear(proxy.port, "x.b.test")).toBe("two");
  expect(await hear(proxy.port, "other.test")).toBe("three");

  proxy.swap({ ...settings, backends: undefined });
  expect(await hear(proxy.port, "other.test")).toStartWith("error: ");
  expect(proxy.counts.faults).toEqual({ tls_unknown_name: 1 });
  const speaksHttp = plain(proxy.port, "127.0.0.1", () => speaksHttp.write("GET / HTTP/1.1\r\n"));
  await new Promise((resolve) => speaksHttp.on("error", resolve).on("close", resolve));
  expect(proxy.counts.faults).toEqual({ tls_unknown_name: 1, tls_not_tls: 1 });
});

test.each([1, 2])(
  "TLS ends here, backends get plain bytes, %d process(es)",
  async (workers) => {
    const backend = await started(
      createServer((socket) => {
        socket.on("data", (data: Buffer) => socket.end(`plain ${data.toString()}`));
      }),
    );
    const { certificate, key } = authority.server(NAMES);
    using folder = workFolder();
    folder.write("cert.pem", certificate);
    folder.write("key.pem", key);
    folder.write(
      "sluice.toml",
      `[server]
workers = ${workers}
[[tcp_proxy]]
listen = "127.0.0.1:0"
backends = ["127.0.0.1:${backend}"]
tls = { cert = "cert.pem", key = "key.pem" }
`,
    );
    await using program = new Program(["-c", "sluice.toml"], folder.path);
    const [url = ""] = await program.listening();
    expect(await hear(Number(/\d+$/.exec(url)?.[0]), "localhost", "hello")).toBe("plain hello");
  },
  30_000,
);

test("connections that do not finish their handshake count too", async () => {
  const backend = await started(createServer((socket) => void socket.end("hello")));
  const { certificate, key } = authority.server(NAMES);
  using folder = workFolder();
  folder.write("cert.pem", certificate);
  folder.write("key.pem", key);
  folder.write(
    "sluice.toml",
    `[[tcp_proxy]]
listen = "127.0.0.1:0"
backends = ["127.0.0.1:${backend}"]
tls = { cert = "cert.pem", key = "key.pem" }
max_connections = 2
`,
  );
  await using program = new Program(["-c", "sluice.toml"], folder.path);
  const [url = ""] = await program.listening();
  const port = Number(/\d+$/.exec(url)?.[0]);
  const open = async () => {
    const socket = plain(port, "127.0.0.1");
    closers.push(() => socket.destroy());
    socket.on("error", () => {});
    await once(socket, "connect");
    return socket;
  };
  const [silent] = [await open(), await open()];
  const refused = await open();
  let isOver = false;
  refused.on("close", () => (isOver = true));
  await Promise.race([once(refused, "close"), Bun.sleep(4_000)]);
  expect(isOver).toBe(true);
  silent.destroy();
  let heard = "";
  while (heard !== "hello") heard = await hear(port, "localhost");
}, 20_000);

test("a thousand connections at a time", async () => {
  const backend = await started(createServer((socket) => void socket.pipe(socket)));
  const proxy = new TcpProxy({ ...tcpDefaults, backends: group(backend) });
  await proxy.listen({ host: "127.0.0.1", port: 0 });
  closers.push(() => proxy.close());
  const sockets = await Promise.all(
    Array.from({ length: 1000 }, (_, index) => {
      const { promise, resolve, reject } = Promise.withResolvers<ReturnType<typeof plain>>();
      const socket = plain(proxy.port, "127.0.0.1", () => socket.write(String(index)));
      closers.push(() => socket.destroy());
      socket.once("data", (data: Buffer) => {
        if (data.toString() === String(index)) resolve(socket);
        else reject(new Error(`${index} heard ${data.toString()}`));
      });
      socket.once("error", reject);
      return promise;
    }),
  );
  expect(proxy.counts).toMatchObject({ open: 1000, accepted: 1000, faults: {} });
  for (const socket of sockets) socket.end();
  while (proxy.counts.open > 0) await Bun.sleep(10);
  expect(proxy.counts.bytesIn).toBe(proxy.counts.bytesOut);
}, 30_000);
