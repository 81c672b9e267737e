import { afterEach, expect, test } from "bun:test";
import type { Socket } from "node:net";
import { connect, createServer } from "node:net";
import { Program, workFolder } from "../lifecycle/harness.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Answers every chunk with its own after a prefix. */
function tcpEcho(prefix: string): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (data: Buffer) => socket.write(prefix + data.toString()));
      closers.push(() => socket.destroy());
    });
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
    closers.push(() => server.close());
  });
}

async function udpEcho(prefix: string): Promise<number> {
  const socket = await Bun.udpSocket({
    hostname: "127.0.0.1",
    socket: {
      data(own, bytes, port, address) {
        own.send(prefix + bytes.toString(), port, address);
      },
    },
  });
  closers.push(() => socket.close());
  return socket.port;
}

function dial(port: number): Promise<{ say(text: string): Promise<string>; socket: Socket }> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    closers.push(() => socket.destroy());
    socket.once("error", reject);
    socket.once("connect", () => {
      const say = (text: string) =>
        new Promise<string>((answer) => {
          socket.once("data", (data: Buffer) => answer(data.toString()));
          socket.write(text);
        });
      resolve({ say, socket });
    });
  });
}

async function ask(port: number, text: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = await Bun.udpSocket({
    connect: { hostname: "127.0.0.1", port },
    socket: { data: (_, bytes) => resolve(bytes.toString()) },
  });
  // A datagram may be lost, also while a worker takes over.
  const again = setInterval(() => socket.send(text), 100);
  socket.send(text);
  const answer = await promise;
  clearInterval(again);
  socket.close();
  return answer;
}

const portOf = (url = ""): number => Number(/:(\d+)$/.exec(url)?.[1]);

test.each([1, 2])(
  "a reload changes backends and keeps open connections, %d process(es)",
  async (workers) => {
    const [one, two, three, four] = [
      await tcpEcho("1"),
      await tcpEcho("2"),
      await udpEcho("3"),
      await udpEcho("4"),
    ];
    const config = (tcp: number, udp: number, more = "") => `
[server]
workers = ${workers}
drain_ms = 500
[[tcp_proxy]]
listen = "127.0.0.1:0"
backends = ["127.0.0.1:${tcp}"]
${more}
[[udp_proxy]]
listen = "127.0.0.1:0"
backends = ["127.0.0.1:${udp}"]
`;
    using folder = workFolder();
    folder.write("sluice.toml", config(one, three));
    await using program = new Program(["-c", "sluice.toml"], folder.path);
    const { addresses } = await program.next("listening");
    // There is nothing to answer over HTTP.
    expect(addresses.map(({ protocols }) => protocols)).toEqual([["tcp"], ["udp"]]);
    const [tcp, udp] = addresses.map(({ url }) => portOf(url)) as [number, number];

    const open = await dial(tcp);
    expect(await open.say("a")).toBe("1a");
    expect(await ask(udp, "a")).toBe("3a");
    folder.write("sluice.toml", config(two, four));
    program.signal("SIGHUP");
    await program.next("reloaded");
    expect(await open.say("b")).toBe("1b");
    expect(await (await dial(tcp)).say("c")).toBe("2c");
    expect(await ask(udp, "c")).toBe("4c");

    folder.write("sluice.toml", config(one, three, 'strategy = "lest_conn"'));
    program.signal("SIGHUP");
    expect((await program.next("reload_failed")).message).toContain('did you mean "least_conn"');
    expect(await open.say("d")).toBe("1d");
    expect(await (await dial(tcp)).say("e")).toBe("2e");
  },
  30_000,
);

test("a proxy that is no longer wanted stops accepting and lets its connections end", async () => {
  const backend = await tcpEcho("x");
  const proxy = `[[tcp_proxy]]
listen = "127.0.0.1:0"
backends = ["127.0.0.1:${backend}"]
`;
  const route = `[server]
port = 0
[[route]]
action = { type = "respond" }
`;
  using folder = workFolder();
  folder.write("sluice.toml", route + proxy);
  await using program = new Program(["-c", "sluice.toml"], folder.path);
  const { addresses } = await program.next("listening");
  expect(addresses).toHaveLength(2);
  const port = portOf(addresses[1]?.url);
  const open = await dial(port);
  expect(await open.say("a")).toBe("xa");
  folder.write("sluice.toml", route);
  program.signal("SIGHUP");
  await program.next("reloaded");
  await expect(dial(port)).rejects.toThrow();
  expect(await open.say("b")).toBe("xb");
  open.socket.end();
  program.signal("SIGTERM");
  expect(await program.exited).toBe(0);
}, 30_000);
