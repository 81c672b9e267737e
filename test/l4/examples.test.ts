import { afterEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Program, workFolder } from "../lifecycle/harness.ts";

const examples = join(import.meta.dir, "../../examples/gateway");
const guide = join(import.meta.dir, "../../docs/guide/tcp-and-udp.md");
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** An example with ports of this test's own in place of those that it names. */
function withPorts(text: string, backends: readonly number[]): string {
  let next = 0;
  return text
    .replace(/listen = "127\.0\.0\.1:\d+"/, 'listen = "127.0.0.1:0"')
    .replace(/"127\.0\.0\.1:\d{4}"/g, () => `"127.0.0.1:${backends[next++]}"`);
}

const portOf = (url = ""): number => Number(/:(\d+)$/.exec(url)?.[1]);

test("tcp.toml passes connections on", async () => {
  const backend = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: (socket, bytes) => void socket.write(bytes) },
  });
  closers.push(() => backend.stop(true));
  const text = readFileSync(join(examples, "tcp.toml"), "utf8");
  using folder = workFolder();
  folder.write("sluice.toml", withPorts(text, [backend.port, backend.port]));
  await using program = new Program(["-c", "sluice.toml"], folder.path);
  const [url] = await program.listening();
  const { promise, resolve } = Promise.withResolvers<string>();
  const client = await Bun.connect({
    hostname: "127.0.0.1",
    port: portOf(url),
    socket: { data: (_, bytes) => resolve(bytes.toString()) },
  });
  closers.push(() => client.terminate());
  client.write("hello");
  expect(await promise).toBe("hello");
}, 30_000);

test("udp.toml passes datagrams on", async () => {
  const backend = await Bun.udpSocket({
    hostname: "127.0.0.1",
    socket: { data: (own, bytes, port, address) => void own.send(bytes, port, address) },
  });
  closers.push(() => backend.close());
  const text = readFileSync(join(examples, "udp.toml"), "utf8");
  using folder = workFolder();
  folder.write("sluice.toml", withPorts(text, [backend.port, backend.port]));
  await using program = new Program(["-c", "sluice.toml"], folder.path);
  const [url] = await program.listening();
  const { promise, resolve } = Promise.withResolvers<string>();
  const client = await Bun.udpSocket({
    connect: { hostname: "127.0.0.1", port: portOf(url) },
    socket: { data: (_, bytes) => resolve(bytes.toString()) },
  });
  closers.push(() => client.close());
  client.send("hello");
  expect(await promise).toBe("hello");
}, 30_000);

test("what the guide shows is right", async () => {
  const blocks = [...readFileSync(guide, "utf8").matchAll(/```toml\n([\s\S]*?)```/g)];
  expect(blocks.length).toBeGreaterThan(3);
  using folder = workFolder();
  folder.write("sluice.toml", blocks.map((block) => block[1]).join("\n"));
  await using program = new Program(["check", "sluice.toml"], folder.path);
  expect(await program.exited).toBe(0);
  expect(program.output).not.toContain("warning");
}, 30_000);
