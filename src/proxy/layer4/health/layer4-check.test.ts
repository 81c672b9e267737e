import { afterEach, describe, expect, test } from "bun:test";
import { createServer } from "node:net";
import { startDnsServer } from "../../../../test/support/dns-server.ts";
import { freePort } from "../../../../test/support/free-port.ts";
import { Layer4Backend, parseLayer4Address } from "../backend-group.ts";
import type { Layer4Probe } from "./layer4-check.ts";
import { createLayer4Checker, probeOf } from "./layer4-check.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** What a probe finds wrong; undefined when all is well. */
async function check(address: string, probe: Layer4Probe, ms = 5_000): Promise<string | undefined> {
  const signal = AbortSignal.timeout(ms);
  try {
    await probeOf(parseLayer4Address(address), probe)(signal);
    return undefined;
  } catch (error) {
    return signal.aborted ? "late" : (error as Error).message;
  }
}

/** A server that says something at once, and something else when it is spoken to. */
function talking(banner: string, answer: (said: string) => string): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      if (banner !== "") socket.write(banner);
      socket.on("data", (data: Buffer) => {
        const text = answer(data.toString("latin1"));
        if (text === "end") socket.end();
        else if (text !== "") socket.write(text);
      });
    });
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
    closers.push(() => server.close());
  });
}

describe("over TCP", () => {
  test("a connection is enough, unless something is expected", async () => {
    const port = await talking("220 mail\r\n", () => "");
    expect(await check(`127.0.0.1:${port}`, { type: "tcp" })).toBeUndefined();
    expect(await check(`127.0.0.1:${port}`, { type: "tcp", expect: "220 " })).toBeUndefined();
    expect(await check(`127.0.0.1:${freePort()}`, { type: "tcp" })).toBeString();
  });

  test("a question with its answer, which may come in pieces", async () => {
    const port = await talking("", (said) => (said === "PING\r\n" ? "+PO" : ""));
    const ask = { type: "tcp", send: "PING\r\n" } as const;
    expect(await check(`127.0.0.1:${port}`, { ...ask, expect: "+PO" })).toBeUndefined();
    expect(await check(`127.0.0.1:${port}`, { ...ask, expect: "+PONG" }, 100)).toBe("late");
  });

  test("another answer, and an end, say what was heard", async () => {
    const loading = await talking("", () => "-LOADING\r\n".repeat(3_000));
    const ask = { type: "tcp", send: "PING\r\n", expect: "+PONG" } as const;
    expect(await check(`127.0.0.1:${loading}`, ask)).toStartWith('it goes on to say "-LOADING');
    const ending = await talking("", () => "end");
    expect(await check(`127.0.0.1:${ending}`, ask)).toMatch(
      /^it (ended|closed) after it had said nothing and not "\+PONG"$/,
    );
  });

  test.each([
    [1, "PROXY UNKNOWN\r\nPING"],
    [2, `\r\n\r\n\0\r\nQUIT\n${"\x20\0\0\0"}PING`],
  ] as const)("behind a PROXY header of version %d, of nobody", async (proxyProtocol, wanted) => {
    const port = await talking("", (said) => (said === wanted ? "ok" : "end"));
    const probe = { type: "tcp", send: "PING", expect: "ok", proxyProtocol } as const;
    expect(await check(`127.0.0.1:${port}`, probe)).toBeUndefined();
  });

  test("a unix socket that is not there", async () => {
    expect(await check("unix:/nowhere/at.all", { type: "tcp" })).toBeString();
  });
});

test("a backend is told of what is found, also on another port", async () => {
  const port = await talking("", () => "");
  const backend = new Layer4Backend(parseLayer4Address(`127.0.0.1:${port}`));
  const told = Promise.withResolvers<void>();
  const options = {
    intervalMs: 1_000,
    timeoutMs: 1_000,
    thresholds: { healthy: 1, unhealthy: 1 },
    probe: { type: "tcp" },
  } as const;
  const checker = createLayer4Checker(backend, { ...options, port: freePort() }, () =>
    told.resolve(),
  );
  checker.start();
  await told.promise;
  checker.stop();
  expect(backend.illness).toBeString();
});

describe("over UDP", () => {
  async function echo(): Promise<number> {
    const socket = await Bun.udpSocket({
      hostname: "127.0.0.1",
      socket: { data: (own, bytes, port, address) => void own.send(bytes, port, address) },
    });
    closers.push(() => socket.close());
    return socket.port;
  }

  test("an answer, and the right one", async () => {
    const address = `127.0.0.1:${await echo()}`;
    expect(await check(address, { type: "udp", send: "hello" })).toBeUndefined();
    expect(await check(address, { type: "udp", send: "hello", expect: "ell" })).toBeUndefined();
    const wrong = { type: "udp", send: "hello", expect: "bye" } as const;
    expect(await check(address, wrong, 100)).toBe("late");
    expect(await check(`127.0.0.1:${freePort()}`, { type: "udp", send: "x" })).toContain("REFUSED");
  });

  test("DNS: an answer, also that there is no such name, but no failure", async () => {
    await using dns = await startDnsServer();
    dns.zone.set("example.com", [{ a: "192.0.2.1" }]);
    const address = `127.0.0.1:${dns.port}`;
    expect(await check(address, { type: "dns", name: "example.com" })).toBeUndefined();
    expect(await check(address, { type: "dns", name: "nowhere.test" })).toBeUndefined();
    dns.mood = 2;
    expect(await check(address, { type: "dns", name: "example.com" })).toBe(
      "it answers with code 2 to example.com",
    );
  });
});
