// Health checks of TCP and UDP backends, through a program that runs.
import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { Server } from "node:net";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import type { Status } from "../../src/admin/status.ts";
import { Program, until, workFolder } from "../lifecycle/harness.ts";

setDefaultTimeout(30_000);

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Speaks to those who ask for its health as its mood is, and says its name to all others. */
async function moodyBackend(name: string) {
  const state = { mood: "+PONG", checks: 0 };
  const server: Server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (data: Buffer) => {
      if (data.toString() !== "PING\r\n") socket.write(name);
      else {
        state.checks++;
        socket.write(`${state.mood}\r\n`);
      }
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  return { state, port: (server.address() as { port: number }).port };
}

/** Who answers a new connection; "" when it is closed. */
function ask(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("who"));
    socket.on("data", (data: Buffer) => {
      resolve(data.toString());
      socket.destroy();
    });
    socket.on("close", () => resolve(""));
    socket.on("error", () => resolve(""));
  });
}

const CHECK =
  'health_check = { send = "PING\\r\\n", expect = "+PONG", interval_secs = 1, timeout_ms = 300, healthy_threshold = 1, unhealthy_threshold = 1 }';

const config = (ports: readonly number[], check: string) => `[server]
drain_ms = 200
[admin]
port = 0
[log]
level = "info"
error = "error.log"
[[tcp_proxy]]
name = "cache"
listen = "127.0.0.1:0"
backends = ${JSON.stringify(ports.map((port) => `127.0.0.1:${port}`))}
${check}
`;

async function started(toml: string) {
  const folder = workFolder();
  folder.write("sluice.toml", toml);
  const program = new Program(["-c", "sluice.toml"], folder.path);
  const urls = await program.listening();
  const find = (scheme: string): string => urls.find((url) => url.startsWith(scheme)) ?? "";
  return {
    folder,
    program,
    tcp: Number(/\d+$/.exec(find("tcp"))?.[0]),
    udp: Number(/\d+$/.exec(find("udp"))?.[0]),
    stream: async () =>
      ((await (await fetch(`${find("http")}/status`)).json()) as Status).streams[0],
    log: () => readFileSync(join(folder.path, "error.log"), "utf8"),
    metrics: async () => (await fetch(`${find("http")}/metrics`)).text(),
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

test("a TCP backend that is found ill gets no connections until it is well; those that are open stay", async () => {
  const one = await moodyBackend("one");
  const two = await moodyBackend("two");
  await using proxy = await started(config([one.port, two.port], CHECK));
  const states = async () => (await proxy.stream())?.backends.map(({ state }) => state).join(" ");
  const open = connect(proxy.tcp, "127.0.0.1");
  closers.push(() => open.destroy());
  const heard = () =>
    new Promise<string>((resolve) => {
      open.once("data", (data: Buffer) => resolve(data.toString()));
      open.write("who");
    });
  const holder = await heard();
  const [ill, well] = holder === "one" ? [one, two] : [two, one];
  const wellName = holder === "one" ? "two" : "one";
  // It accepts connections all the time: only its answer tells.
  ill.state.mood = "-LOADING";
  await until(async () => (await states())?.includes("unhealthy") === true);
  const asked = await Promise.all(Array.from({ length: 6 }, () => ask(proxy.tcp)));
  expect(new Set(asked)).toEqual(new Set([wellName]));
  expect(await heard()).toBe(holder);
  const shown = (await proxy.stream())?.backends.find(({ state }) => state === "unhealthy");
  expect(shown?.reason).toContain("no result within");
  expect(await proxy.metrics()).toContain(
    `sluice_stream_backend_unhealthy{transport="tcp",proxy="cache",backend="127.0.0.1:${ill.port}"} 1`,
  );
  // Nobody is left: connections are refused, and told of.
  well.state.mood = "-LOADING";
  await until(async () => (await states()) === "unhealthy unhealthy");
  expect(await ask(proxy.tcp)).toBe("");
  ill.state.mood = "+PONG";
  await until(async () => (await ask(proxy.tcp)) === holder);
  await until(() => proxy.log().includes("is up again"));
  const lines = proxy.log().trim().split("\n");
  expect(lines.filter((line) => line.includes('"state":"unhealthy"'))).toHaveLength(2);
  expect(lines.some((line) => line.includes('"code":"no_backend"'))).toBe(true);
});

test("a reload keeps what checks have found, and without a check all are used again", async () => {
  const one = await moodyBackend("one");
  one.state.mood = "-LOADING";
  const two = await moodyBackend("two");
  await using proxy = await started(config([one.port, two.port], CHECK));
  const state = async () => (await proxy.stream())?.backends[0]?.state;
  await until(async () => (await state()) === "unhealthy");
  proxy.folder.write("sluice.toml", config([one.port, two.port], `${CHECK}\nidle_secs = 60`));
  proxy.program.signal("SIGHUP");
  await proxy.program.next("reloaded");
  expect(await state()).toBe("unhealthy");
  expect(await ask(proxy.tcp)).toBe("two");
  proxy.folder.write("sluice.toml", config([one.port, two.port], ""));
  proxy.program.signal("SIGHUP");
  await proxy.program.next("reloaded");
  expect(await state()).toBe("up");
  const { checks } = one.state;
  const asked = await Promise.all(Array.from({ length: 4 }, () => ask(proxy.tcp)));
  expect(new Set(asked)).toEqual(new Set(["one", "two"]));
  await Bun.sleep(1_300);
  expect(one.state.checks).toBe(checks);
});

test("a UDP backend that falls silent is left, by clients that have a session too", async () => {
  const silent = { one: false };
  const echo = async (name: "one" | "two"): Promise<number> => {
    const socket = await Bun.udpSocket({
      hostname: "127.0.0.1",
      socket: {
        data(own, _, port, address) {
          if (name === "two" || !silent.one) own.send(name, port, address);
        },
      },
    });
    closers.push(() => socket.close());
    return socket.port;
  };
  const ports = [await echo("one"), await echo("two")];
  await using proxy = await started(`[server]
drain_ms = 200
[admin]
port = 0
[log]
error = "error.log"
[[udp_proxy]]
listen = "127.0.0.1:0"
strategy = "round_robin"
backends = ${JSON.stringify(ports.map((port) => `127.0.0.1:${port}`))}
health_check = { type = "udp", send = "?", interval_secs = 1, timeout_ms = 300, unhealthy_threshold = 1, healthy_threshold = 1 }
`);
  const answers: string[] = [];
  const client = await Bun.udpSocket({
    connect: { hostname: "127.0.0.1", port: proxy.udp },
    socket: { data: (_, bytes) => void answers.push(bytes.toString()) },
  });
  closers.push(() => client.close());
  const says = async (name: string): Promise<void> => {
    answers.length = 0;
    await until(() => {
      client.send("who");
      return answers.at(-1) === name;
    });
  };
  await says("one");
  silent.one = true;
  await says("two");
  expect((await proxy.stream())?.backends.map(({ state }) => state)).toEqual(["unhealthy", "up"]);
});
