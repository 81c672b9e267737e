import { describe, expect, test } from "bun:test";
import { App } from "../../src/core/app.ts";
import { Reply } from "../../src/core/reply.ts";
import { readAll } from "../../src/wire/source.ts";
import type { Source } from "../../src/wire/source.ts";
import { fetch3, listen, until } from "./harness.ts";
import { connectQuic, get, post } from "./quic-client.ts";

const EXCESSIVE_LOAD = "263";
const app = new App()
  .get("/", () => "Hello")
  .get("/never", () => new Promise<Reply>(() => {}))
  .post("/read", async (c) => `${(await readAll(c.exchange.body as Source)).byteLength}`);

describe("time", () => {
  test("an answer that takes too long is a 503", async () => {
    await using fixture = await listen(app, { requestMs: 100 });
    expect((await fetch3(`${fixture.origin}/never`)).status).toBe(503);
    expect(fixture.events).toContain("refused request_timeout 503");
  });

  test("content that comes too slowly is a 408, slowly but fast enough is not", async () => {
    await using fixture = await listen(app, {
      minBodyRate: 500,
      bodyRateGraceMs: 200,
      idleMs: 5_000,
    });
    const client = await connectQuic(fixture.listener.port);
    const trickle = async (bytes: number): Promise<void> => {
      const stream = await client.open(post("/read"), { open: true });
      for (let turn = 0; turn < 20 && !stream.destroyed; turn++) {
        stream.writer.writeSync(new Uint8Array(bytes));
        // oxlint-disable-next-line no-await-in-loop
        await Bun.sleep(30);
      }
      stream.writer.endSync();
    };
    await trickle(1);
    await until(() => fixture.events.includes("refused body_timeout 408"), "a 408");
    await trickle(200);
    await until(() => fixture.events.includes("finished /read 200 4 whole"), "a 200");
    client.session.destroy();
  });

  test("an idle connection is closed without an error", async () => {
    await using fixture = await listen(app, { keepAliveMs: 150 });
    const client = await connectQuic(fixture.listener.port);
    await client.request(get("/"));
    await until(() => fixture.listener.connections === 0, "the connection to be closed");
    expect(await client.closed).toBe("");
  });
});

describe("counts", () => {
  test("connections in all and from one client", async () => {
    await using all = await listen(app, { connections: 2 });
    await using each = await listen(app, { connectionsPerClient: 2 });
    for (const [fixture, code] of [
      [all, "too_many_connections"],
      [each, "too_many_from_client"],
    ] as const) {
      // oxlint-disable no-await-in-loop
      const first = await connectQuic(fixture.listener.port);
      const second = await connectQuic(fixture.listener.port);
      const third = await connectQuic(fixture.listener.port).catch(() => undefined);
      if (third !== undefined) expect(await third.closed).toContain(EXCESSIVE_LOAD);
      expect(fixture.events).toContain(`refused ${code} 0`);
      expect((await first.request(get("/"))).text).toBe("Hello");
      await first.session.close();
      await second.session.close();
      await until(() => fixture.door.open === 0, "both to be gone");
      const again = await connectQuic(fixture.listener.port);
      expect((await again.request(get("/"))).text).toBe("Hello");
      again.session.destroy();
      // oxlint-enable no-await-in-loop
    }
  });

  test("requests of one connection: the last one is answered, then GOAWAY", async () => {
    await using fixture = await listen(app, { requestsPerConnection: 3 });
    const client = await connectQuic(fixture.listener.port);
    const answers = [1, 2, 3].map(() => client.request(get("/")));
    expect((await Promise.all(answers)).map((answer) => answer.text)).toEqual([
      "Hello",
      "Hello",
      "Hello",
    ]);
    await until(() => client.wentAway(), "GOAWAY");
    expect((await fetch3(fixture.origin)).status).toBe(200);
  });

  test("streams beyond the limit wait for their turn", async () => {
    await using fixture = await listen(app, { streams: 8 });
    const client = await connectQuic(fixture.listener.port);
    const answers = Array.from({ length: 40 }, () => client.request(get("/")));
    const texts = (await Promise.all(answers)).map((answer) => answer.text);
    expect(texts).toEqual(Array.from({ length: 40 }, () => "Hello"));
    client.session.destroy();
  });
});

describe("resets", () => {
  test("by the client: the connection is closed with H3_EXCESSIVE_LOAD", async () => {
    await using fixture = await listen(app, { resets: 20 });
    const client = await connectQuic(fixture.listener.port);
    for (let turn = 0; turn < 40 && !client.session.destroyed; turn++) {
      // oxlint-disable no-await-in-loop
      const stream = await client.open(get("/never")).catch(() => undefined);
      await Bun.sleep(5);
      stream?.stopSending(0x10cn);
      stream?.resetStream(0x10cn);
      // oxlint-enable no-await-in-loop
    }
    expect(await client.closed).toContain(EXCESSIVE_LOAD);
    expect(fixture.events).toContain("refused too_many_resets 0");
    expect((await fetch3(fixture.origin)).status).toBe(200);
  });

  test("provoked from us by malformed requests: the same", async () => {
    await using fixture = await listen(app, { resets: 20 });
    const client = await connectQuic(fixture.listener.port);
    for (let turn = 0; turn < 40 && !client.session.destroyed; turn++) {
      // oxlint-disable-next-line no-await-in-loop
      await client.request(get("/", { "x-a": "a\nb" })).catch(() => {});
    }
    expect(await client.closed).toContain(EXCESSIVE_LOAD);
    expect((await fetch3(fixture.origin)).status).toBe(200);
  });

  test("by a patient client: nothing happens", async () => {
    await using fixture = await listen(app, { resets: 20 });
    const client = await connectQuic(fixture.listener.port);
    for (let turn = 0; turn < 100; turn++) {
      // oxlint-disable-next-line no-await-in-loop
      expect((await client.request(get("/"))).text).toBe("Hello");
    }
    client.session.destroy();
  });
});
