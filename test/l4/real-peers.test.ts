import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IpNetworks } from "../../src/http/ip-networks.ts";
import {
  BackendGroup,
  Layer4Backend,
  parseLayer4Address,
} from "../../src/proxy/layer4/backend-group.ts";
import { tcpDefaults } from "../../src/proxy/tcp/defaults.ts";
import type { TcpProxySettings } from "../../src/proxy/tcp/settings.ts";
import { TcpProxy } from "../../src/proxy/tcp/tcp-proxy.ts";
import { udpDefaults, UdpProxy } from "../../src/proxy/udp/udp-proxy.ts";
import { lacks } from "../support/programs.ts";

const closers: (() => unknown)[] = [];
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-l4-"));
});
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
  rmSync(folder, { recursive: true, force: true });
});

function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = listener;
  listener.stop(true);
  return port;
}

function run(...command: string[]): void {
  const child = Bun.spawn(command, { cwd: folder, stdio: ["ignore", "ignore", "ignore"] });
  closers.push(async () => {
    child.kill("SIGTERM");
    await child.exited;
  });
}

async function listening(port: number): Promise<void> {
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
      closers.push(() => socket.destroy());
    });
    if (open) return;
    await Bun.sleep(20);
  }
}

function group(port: number): BackendGroup {
  const backend = new Layer4Backend(parseLayer4Address(`127.0.0.1:${port}`));
  return new BackendGroup([backend], { strategy: "round_robin", downMs: 1000 });
}

async function tcp(port: number, more: Partial<TcpProxySettings> = {}): Promise<TcpProxy> {
  const proxy = new TcpProxy({ ...tcpDefaults, backends: group(port), ...more });
  await proxy.listen({ host: "127.0.0.1", port: 0 });
  closers.push(() => proxy.close());
  return proxy;
}

test.skipIf(lacks("redis-server"))(
  "Redis: pipelines, large values, publish and subscribe",
  async () => {
    const port = freePort();
    run("redis-server", "--port", String(port), "--bind", "127.0.0.1", "--save", "");
    await listening(port);
    const proxy = await tcp(port);
    const url = `redis://127.0.0.1:${proxy.port}`;
    const [client, subscriber] = [new Bun.RedisClient(url), new Bun.RedisClient(url)];
    closers.push(() => (client.close(), subscriber.close()));
    const large = "x".repeat(4 * 1024 * 1024);
    await client.set("large", large);
    expect(await client.get("large")).toBe(large);
    const counts = await Promise.all(Array.from({ length: 1000 }, () => client.incr("n")));
    expect(counts.at(-1)).toBe(1000);
    const { promise, resolve } = Promise.withResolvers<string>();
    await subscriber.subscribe("news", resolve);
    await client.publish("news", "hello");
    expect(await promise).toBe("hello");
  },
  30_000,
);

const postgres = existsSync("/usr/lib/postgresql")
  ? readdirSync("/usr/lib/postgresql").map((one) => `/usr/lib/postgresql/${one}/bin`)[0]
  : undefined;

test.skipIf(postgres === undefined)(
  "PostgreSQL: queries and a large result",
  async () => {
    const port = freePort();
    const data = join(folder, "data");
    chmodSync(folder, 0o777);
    // It refuses to run as root.
    const as = process.getuid?.() === 0 ? ["runuser", "-u", "postgres", "--"] : [];
    const init = [`${postgres}/initdb`, "-D", data, "-A", "trust", "-U", "postgres", "--no-sync"];
    expect(Bun.spawnSync([...as, ...init], { cwd: folder }).exitCode).toBe(0);
    const options = ["-p", String(port), "-h", "127.0.0.1", "-k", folder, "-F"];
    run(...as, `${postgres}/postgres`, "-D", data, ...options);
    await listening(port);
    const proxy = await tcp(port);
    const sql = new Bun.SQL(`postgres://postgres@127.0.0.1:${proxy.port}/postgres`);
    closers.push(() => sql.close());
    for (let attempt = 0; ; attempt++) {
      // It accepts connections a moment before it answers them.
      const ready = await sql`select 1`.then(
        () => true,
        (error: unknown) => attempt >= 100 && Promise.reject(error as Error),
      );
      if (ready) break;
      await Bun.sleep(50);
    }
    await sql`create table item (id int primary key, text text)`;
    await sql`insert into item select n, repeat('x', 1000) from generate_series(1, 5000) n`;
    const rows = (await sql`select * from item order by id`) as { id: number; text: string }[];
    expect(rows.length).toBe(5000);
    expect(rows.every(({ id, text }, index) => id === index + 1 && text.length === 1000)).toBe(
      true,
    );
    expect(proxy.counts.bytesOut).toBeGreaterThan(5_000_000);
  },
  60_000,
);

test.skipIf(lacks("dnsmasq") || lacks("dig"))(
  "DNS over UDP and over TCP",
  async () => {
    const port = freePort();
    const options = ["--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--pid-file="];
    const records = ["--address=/a.test/192.0.2.7", "--txt-record=t.test,hello"];
    run("dnsmasq", "-k", `--port=${port}`, "--listen-address=127.0.0.1", ...options, ...records);
    await listening(port);
    const overTcp = await tcp(port);
    const overUdp = new UdpProxy({ ...udpDefaults, backends: group(port) });
    await overUdp.listen({ host: "127.0.0.1", port: 0 });
    closers.push(() => overUdp.close());
    const dig = async (at: number, ...question: string[]): Promise<string> => {
      const child = Bun.spawn(["dig", "@127.0.0.1", "-p", String(at), "+short", ...question]);
      return (await new Response(child.stdout).text()).trim();
    };
    expect(await dig(overUdp.port, "a.test")).toBe("192.0.2.7");
    expect(await dig(overUdp.port, "t.test", "TXT")).toBe('"hello"');
    expect(await dig(overTcp.port, "+tcp", "a.test")).toBe("192.0.2.7");
    expect(overUdp.counts.sessions).toBe(2);
  },
  30_000,
);

test.skipIf(lacks("haproxy"))(
  "HAProxy sends a PROXY header, and is sent one",
  async () => {
    const origin = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => new Response(request.headers.get("x-client")),
    });
    closers.push(() => origin.stop(true));
    const [front, inner] = [freePort(), freePort()];
    // front (sends v2) → proxy (reads, sends v1) → inner (reads) → origin
    const proxy = await tcp(inner, {
      trustedProxies: new IpNetworks(["loopback"]),
      proxyProtocol: 1,
    });
    writeFileSync(
      join(folder, "haproxy.cfg"),
      `defaults
  mode tcp
  timeout connect 5s
  timeout client 5s
  timeout server 5s
listen front
  bind 127.0.0.1:${front}
  server proxy 127.0.0.1:${proxy.port} send-proxy-v2
listen inner
  mode http
  bind 127.0.0.1:${inner} accept-proxy
  http-request set-header x-client %[src]:%[src_port]
  server origin 127.0.0.1:${origin.port}
`,
    );
    run("haproxy", "-db", "-f", "haproxy.cfg");
    await listening(front);
    const answer = await new Promise<string>((resolve) => {
      let text = "";
      const socket = connect(front, "127.0.0.1", () => {
        const own = `${socket.localAddress}:${socket.localPort}`;
        socket.on("data", (data: Buffer) => (text += data.toString()));
        socket.on("close", () => resolve(text.endsWith(own) ? "the client" : text));
        socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      });
      closers.push(() => socket.destroy());
    });
    expect(answer).toBe("the client");
  },
  30_000,
);
