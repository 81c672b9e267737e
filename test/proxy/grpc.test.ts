// gRPC through the proxy, between real peers and against a backend that does as it is told.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { App } from "../../src/core/app.ts";
import { proxy } from "../../src/proxy/proxy.ts";
import { serve } from "../../src/server/serve.ts";
import { Upstream } from "../../src/upstream/upstream.ts";
import type { TestAuthority } from "../support/certificates.ts";
import { createTestAuthority } from "../support/certificates.ts";
import {
  basics,
  DATA,
  END_HEADERS,
  END_STREAM,
  fields,
  frame,
  HEADERS,
  RawH2,
  RST_STREAM,
} from "../support/h2-frames.ts";
import type { Plan, ScriptedH2Origin } from "../support/h2-origin.ts";
import { startH2Origin } from "../support/h2-origin.ts";
import { HpackDecoder } from "../../src/wire/hpack/decoder.ts";

const script = new URL("../support/grpc-peer.mjs", import.meta.url).pathname;

async function grpcServer(tls?: string) {
  const child = Bun.spawn(["node", script, "server", ...(tls === undefined ? [] : [tls])], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const { value } = await child.stdout.getReader().read();
  return { child, port: Number(new TextDecoder().decode(value)) };
}

async function grpcClient(target: string, tls?: string): Promise<unknown> {
  const child = Bun.spawn(["node", script, "client", target, ...(tls === undefined ? [] : [tls])], {
    stdout: "pipe",
    stderr: "inherit",
  });
  return JSON.parse(await new Response(child.stdout).text());
}

const whatIsFound = {
  unary: { value: { text: "héllo", name: "x" }, first: ["1"], last: ["2", [0, 255]] },
  large: true,
  fail: { code: 9, details: "nö: 100 %", last: ["so"] },
  sum: { sum: 1_200_000 },
  count: 40,
  chat: ["one", "1", "2"],
  deadline: { code: 4 },
  streamDeadline: [1, 4],
  cancel: 1,
  cancelled: 3,
};

describe("@grpc/grpc-js at both ends", () => {
  let folder: string;
  let authority: TestAuthority;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "sluice-grpc-"));
    authority = createTestAuthority();
    const pair = authority.server(["localhost", "127.0.0.1"]);
    writeFileSync(join(folder, "ca"), authority.certificate);
    writeFileSync(join(folder, "cert"), pair.certificate);
    writeFileSync(join(folder, "key"), pair.key);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([["in clear text"], ["over TLS"]])(
    "%s: unary, streams in all directions, deadline, cancel, statuses, metadata",
    async (how) => {
      const tls = how === "over TLS" ? folder : undefined;
      const { child, port } = await grpcServer(tls);
      const upstream = new Upstream({
        name: "grpc",
        backends: [`${tls === undefined ? "grpc" : "grpcs"}://localhost:${port}`],
        tls: { ca: authority.certificate },
      });
      const app = new App().add({ path: "/*", literal: true, handler: proxy(upstream) });
      const pair = authority.server(["localhost"]);
      const server = await serve(app, {
        port: 0,
        ...(tls !== undefined && {
          http3: false as const,
          tls: { certificates: [pair] },
        }),
      });
      try {
        expect(await grpcClient(`localhost:${server.port}`, tls)).toMatchObject(whatIsFound);
        expect(upstream.backends[0]?.transport.connections.open).toBe(1);
      } finally {
        await server.close();
        upstream.close();
        child.kill();
      }
    },
    20_000,
  );
});

test("calls are kept with their backend where that is asked for", async () => {
  const origins = await Promise.all([startH2Origin(), startH2Origin()]);
  const upstream = new Upstream({
    name: "grpc",
    backends: origins.map(({ address }) => address),
    strategy: "hash",
    hashBy: "header:x-user",
  });
  const app = new App().add({ path: "/*", literal: true, handler: proxy(upstream) });
  const server = await serve(app, { port: 0 });
  try {
    const client = await RawH2.open(server.port);
    for (let id = 1; id < 40; id += 2) {
      const head: [string, string][] = [
        ...basics("POST"),
        ["content-type", "application/grpc"],
        ["x-user", `user ${id % 20}`],
      ];
      client.send(frame(HEADERS, END_HEADERS | END_STREAM, id, fields(head)));
      await client.until(({ stream, flags }) => stream === id && (flags & END_STREAM) !== 0);
    }
    client.end();
    const users = origins.map(({ streams }) => new Set(streams.map((s) => s.field("x-user"))));
    expect(users[0]?.size).toBeGreaterThan(0);
    expect(users[1]?.size).toBeGreaterThan(0);
    expect((users[0]?.size ?? 0) + (users[1]?.size ?? 0)).toBe(10);
  } finally {
    await server.close();
    upstream.close();
    for (const origin of origins) await origin.close();
  }
});

describe("a backend that does as it is told", () => {
  let origin: ScriptedH2Origin;
  let upstream: Upstream;
  let server: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    origin = await startH2Origin();
    upstream = new Upstream({
      name: "grpc",
      backends: [origin.address],
      timeouts: { firstByteMs: 300, idleMs: 300 },
    });
    const app = new App().add({ path: "/*", literal: true, handler: proxy(upstream) });
    server = await serve(app, { port: 0 });
  });
  afterAll(async () => {
    await server.close();
    upstream.close();
    await origin.close();
  });

  /** Calls, and tells what came of it: head and trailers as decoded, and the content between them. */
  async function call(plan: Plan, more: [string, string][] = []): Promise<string[]> {
    origin.plan = plan;
    const client = await RawH2.open(server.port);
    const head: [string, string][] = [
      ...basics("POST", "/test.Echo/Unary"),
      ["content-type", "application/grpc+json"],
      ["te", "trailers"],
      ...more,
    ];
    client.send(
      frame(HEADERS, END_HEADERS, 1, fields(head)),
      frame(DATA, END_STREAM, 1, Buffer.from("message")),
    );
    await client.until(
      ({ type, flags, stream }) =>
        stream === 1 && (type === RST_STREAM || (type <= HEADERS && (flags & END_STREAM) !== 0)),
    );
    const decoder = new HpackDecoder();
    const told: string[] = [];
    for (const { type, stream, payload } of client.frames) {
      if (stream !== 1) continue;
      if (type === DATA) told.push(payload.toString());
      if (type === RST_STREAM) told.push(`reset ${payload.readUInt32BE(0)}`);
      if (type !== HEADERS) continue;
      const { flat } = decoder.decode(payload, 1 << 16, 100);
      for (let i = 0; i < flat.length; i += 2) {
        if (!/date|content-length/.test(flat[i]!)) told.push(`${flat[i]}: ${flat[i + 1]}`);
      }
    }
    client.end();
    return told;
  }

  const head = [":status: 200", "content-type: application/grpc"];
  const begin: Plan = (s) =>
    void s.head(200, [["content-type", "application/grpc"]]).data("message");

  test.each<[string, Plan, [string, string][], string[]]>([
    [
      "does not answer within the deadline",
      () => {},
      [["grpc-timeout", "50m"]],
      [...head, "grpc-status: 4", "total_timeout"],
    ],
    ["does not answer", () => {}, [], [...head, "grpc-status: 14", "first_byte_timeout"]],
    ["resets", (s) => s.reset(2), [], [...head, "grpc-status: 14", "reset"]],
    ["answers nonsense", (s) => s.head(101), [], [...head, "grpc-status: 14", "bad_response"]],
    [
      "exceeds the deadline within its messages",
      begin,
      [["grpc-timeout", "50000u"]],
      [...head, "message", "grpc-status: 4", "total_timeout"],
    ],
    [
      "stalls within its messages",
      begin,
      [],
      [...head, "message", "grpc-status: 14", "idle_timeout"],
    ],
    [
      "breaks off within its messages",
      (s) => {
        begin(s);
        setTimeout(() => s.reset(2), 10);
      },
      [],
      [...head, "message", "grpc-status: 14", "reset"],
    ],
    [
      "answers trailers alone",
      (s) =>
        s.head(
          200,
          [
            ["content-type", "application/grpc"],
            ["grpc-status", "5"],
            ["grpc-message", "none"],
          ],
          END_STREAM,
        ),
      [],
      [...head, "grpc-status: 5", "none"],
    ],
    [
      "is not asked, as the deadline is none",
      () => {},
      [["grpc-timeout", "5"]],
      [...head, "grpc-status: 13", "grpc-timeout must be"],
    ],
  ])("that %s", async (_, plan, more, expected) => {
    const told = await call(plan, more);
    expect(told).toHaveLength(expected.length);
    for (const [i, text] of expected.entries()) expect(told[i]).toInclude(text);
  });

  test("is reset when the deadline is over, and told of it", async () => {
    origin.streams.length = 0;
    await call(() => {}, [["grpc-timeout", "50m"]]);
    const [seen] = origin.streams;
    while (seen?.resetWith === undefined) await Bun.sleep(5);
    expect(seen.resetWith).toBe(8);
    expect(seen.field("grpc-timeout")).toBe("50m");
    expect(seen.field("te")).toBe("trailers");
  });

  test("that answers in HTML is passed on as it is, and cut as it is", async () => {
    const html: Plan = (s) => {
      s.head(200, [["content-type", "text/html"]]).data("<p>");
      setTimeout(() => s.reset(2), 10);
    };
    expect(await call(html)).toEqual([":status: 200", "content-type: text/html", "<p>", "reset 2"]);
  });
});
