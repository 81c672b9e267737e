import { describe, expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import { fetch3 } from "./harness.ts";
import { connectQuic, get, post } from "./quic-client.ts";
import type { ServerProcess } from "./spawn-server.ts";
import { spawnServer } from "./spawn-server.ts";

const MIB = 1024 * 1024;

/** Runs `misuse` against a server of its own: its memory stays flat, and another client is served meanwhile. */
async function survives(
  server: ServerProcess,
  growth: number,
  misuse: () => Promise<void>,
): Promise<void> {
  for (let turn = 0; turn < 50; turn++) {
    // oxlint-disable-next-line no-await-in-loop
    await (await fetch3(`${server.origin}/hello`)).text();
  }
  const before = (await server.usage()).rss;
  let over = false;
  let peak = 0;
  let served = 0;
  const others = (async () => {
    while (!over) {
      // oxlint-disable no-await-in-loop
      const signal = AbortSignal.timeout(4_000);
      const response = await fetch3(`${server.origin}/hello`, { signal });
      if ((await response.text()) === "Hello") served++;
      peak = Math.max(peak, (await server.usage()).rss);
      await Bun.sleep(50);
      // oxlint-enable no-await-in-loop
    }
  })();
  await misuse();
  over = true;
  await others;
  expect(served).toBeGreaterThan(0);
  expect((await fetch3(`${server.origin}/hello`)).status).toBe(200);
  expect((peak - before) / MIB).toBeLessThan(growth);
}

describe("misuse leaves memory flat and others served", () => {
  test("more streams than allowed, none of them ever answered", async () => {
    await using server = await spawnServer();
    await survives(server, 32, async () => {
      const client = await connectQuic(server.port);
      for (let turn = 0; turn < 1_000; turn++) void client.open(get("/never")).catch(() => {});
      await Bun.sleep(500);
      await client.session.close({ code: 0x100, type: "application" }).catch(() => {});
    });
  }, 20_000);

  test("streams opened and reset at once, over many connections", async () => {
    await using server = await spawnServer();
    await survives(server, 32, async () => {
      for (let connection = 0; connection < 5; connection++) {
        // oxlint-disable no-await-in-loop
        const client = await connectQuic(server.port);
        for (let turn = 0; turn < 1_000 && !client.session.destroyed; turn++) {
          const stream = await client.open(get("/never")).catch(() => undefined);
          if (turn % 20 === 0) await Bun.sleep(2);
          stream?.stopSending(0x10cn);
          stream?.resetStream(0x10cn);
        }
        client.session.destroy();
        // oxlint-enable no-await-in-loop
      }
    });
  }, 20_000);

  test("field sections far over the limit", async () => {
    await using server = await spawnServer();
    await survives(server, 48, async () => {
      const client = await connectQuic(server.port);
      for (let turn = 0; turn < 20; turn++) {
        // oxlint-disable-next-line no-await-in-loop
        const answer = await client.request(get("/hello", { "x-big": "v".repeat(MIB) }));
        expect(answer.status).toBe(431);
      }
      client.session.destroy();
    });
  }, 20_000);

  test("content that nobody reads, on many streams", async () => {
    await using server = await spawnServer();
    await survives(server, 64, async () => {
      const client = await connectQuic(server.port);
      const block = new Uint8Array(65_536);
      for (let turn = 0; turn < 50; turn++) {
        // oxlint-disable no-await-in-loop
        const stream = await client.open(post("/never-read"), { open: true });
        for (let part = 0; part < 64; part++) {
          if (!stream.writer.writeSync(block)) await Bun.sleep(1);
        }
        // oxlint-enable no-await-in-loop
      }
      client.session.destroy();
    });
  }, 20_000);

  test("downloads that nobody acknowledges, by clients that vanish", async () => {
    await using server = await spawnServer({ idleMs: 1_500, keepAliveMs: 1_500 });
    const client = new URL("quic-client.ts", import.meta.url).pathname;
    const script = `
      const { connectQuic, get } = await import(${JSON.stringify(client)});
      for (let turn = 0; turn < 10; turn++) {
        const client = await connectQuic(${server.port});
        await client.open(get("/down/100000000"));
        await client.open(get("/never"));
      }
      process.kill(process.pid, "SIGKILL");`;
    await survives(server, 64, async () => {
      await Bun.spawn([process.execPath, "-e", script], { stderr: "ignore" }).exited;
      let left = Infinity;
      for (let turn = 0; turn < 60 && left > 2; turn++) {
        // oxlint-disable no-await-in-loop
        await Bun.sleep(100);
        left = (await server.usage()).connections;
        // oxlint-enable no-await-in-loop
      }
      expect(left).toBeLessThanOrEqual(2);
    });
  }, 20_000);

  test("handshakes that never finish", async () => {
    await using server = await spawnServer({ headerTimeoutMs: 500 });
    // First packets of clients that hear nothing, passed on from elsewhere.
    const first: Buffer[] = [];
    const hole = createSocket(
      "udp4",
      (message) => void (message.byteLength >= 1200 && first.push(message)),
    );
    await new Promise<void>((resolve) => hole.bind(0, "127.0.0.1", resolve));
    const client = new URL("quic-client.ts", import.meta.url).pathname;
    const script = `
      const { connectQuic } = await import(${JSON.stringify(client)});
      for (let turn = 0; turn < 300; turn++) connectQuic(${hole.address().port}).catch(() => {});
      await Bun.sleep(500);
      process.exit();`;
    await Bun.spawn([process.execPath, "-e", script], { stderr: "ignore" }).exited;
    expect(first.length).toBeGreaterThan(100);
    await survives(server, 48, async () => {
      const sender = createSocket("udp4");
      for (const packet of first) sender.send(packet, server.port, "127.0.0.1");
      await Bun.sleep(800);
      sender.close();
    });
    hole.close();
  }, 20_000);

  test("datagrams that are no QUIC, or only begin like it", async () => {
    await using server = await spawnServer();
    await survives(server, 32, async () => {
      const sender = createSocket("udp4");
      const packet = Buffer.alloc(1_200);
      for (let turn = 0; turn < 20_000; turn++) {
        crypto.getRandomValues(packet);
        if (turn % 3 === 0) packet[0] = 0xc0 | ((packet[0] as number) & 0x3f);
        if (turn % 6 === 0) packet.writeUInt32BE(1, 1);
        sender.send(Buffer.from(packet), server.port, "127.0.0.1");
        // oxlint-disable-next-line no-await-in-loop
        if (turn % 100 === 0) await Bun.sleep(1);
      }
      sender.close();
    });
  }, 20_000);
});
