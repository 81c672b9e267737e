import { expect, test } from "bun:test";
import { connect } from "node:http2";
import * as h2 from "../support/h2-frames.ts";
import { RawH2 } from "../support/h2-frames.ts";
import { ServerProcess } from "../support/server-process.ts";

/** Another client's request while the flood goes on. */
async function served(port: number): Promise<boolean> {
  const session = connect(`http://127.0.0.1:${port}`);
  try {
    const stream = session.request({ ":path": "/hello" });
    let text = "";
    for await (const chunk of stream) text += chunk;
    return text === "Hello";
  } finally {
    session.destroy();
  }
}

/** Sends `frames(i)` up to `rounds` times or until the server has had enough. @returns how many were sent */
async function flood(
  client: RawH2,
  rounds: number,
  frames: (round: number) => Buffer,
): Promise<number> {
  let round = 0;
  for (; round < rounds && !client.closed; round++) {
    if (!client.send(frames(round)) && !client.closed) await client.drained();
    if (round % 50 === 49) await new Promise(setImmediate);
  }
  return round;
}

interface Flood {
  name: string;
  rounds: number;
  frames(round: number): Buffer;
  /** Sent first. */
  before?: Buffer;
  settings?: Buffer;
}

const batch = (count: number, one: (index: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => one(index)));
const odd = (index: number): number => index * 2 + 1;

const floods: Flood[] = [
  {
    name: "rapid reset (CVE-2023-44487)",
    rounds: 400,
    frames: (round) =>
      batch(50, (i) => {
        const id = odd(round * 50 + i);
        return Buffer.concat([
          h2.request(id),
          h2.frame(h2.RST_STREAM, 0, id, Buffer.from([0, 0, 0, 8])),
        ]);
      }),
  },
  {
    name: "resets that the server is made to send (CVE-2025-8671)",
    rounds: 400,
    frames: (round) =>
      batch(50, (i) => {
        const id = odd(round * 50 + i);
        // A window update of nothing is a stream error (RFC 9113 6.9).
        return Buffer.concat([
          h2.frame(h2.HEADERS, h2.END_HEADERS, id, h2.fields(h2.basics("POST", "/up"))),
          h2.frame(h2.WINDOW_UPDATE, 0, id, Buffer.from([0, 0, 0, 0])),
        ]);
      }),
  },
  {
    name: "malformed requests",
    rounds: 400,
    frames: (round) => batch(50, (i) => h2.request(odd(round * 50 + i), [["connection", "close"]])),
  },
  {
    name: "CONTINUATION (CVE-2024-27316)",
    rounds: 2_000,
    before: h2.frame(h2.HEADERS, h2.END_STREAM, 1, h2.fields(h2.basics("GET"))),
    frames: () => h2.frame(h2.CONTINUATION, 0, 1, h2.fields([["x", "y".repeat(8_000)]])),
  },
  {
    name: "empty CONTINUATION",
    rounds: 2_000,
    before: h2.frame(h2.HEADERS, h2.END_STREAM, 1, h2.fields(h2.basics("GET"))),
    frames: () => batch(100, () => h2.frame(h2.CONTINUATION, 0, 1)),
  },
  {
    name: "SETTINGS",
    rounds: 2_000,
    frames: () =>
      batch(100, () => h2.frame(h2.SETTINGS, 0, 0, Buffer.from([0, 4, 0, 0, 255, 255]))),
  },
  {
    name: "PING",
    rounds: 2_000,
    frames: () => batch(100, () => h2.frame(h2.PING, 0, 0, Buffer.alloc(8))),
  },
  {
    name: "empty DATA",
    rounds: 2_000,
    before: h2.frame(h2.HEADERS, h2.END_HEADERS, 1, h2.fields(h2.basics("POST", "/up"))),
    frames: () => batch(100, () => h2.frame(h2.DATA, 0, 1)),
  },
  {
    name: "PRIORITY",
    rounds: 2_000,
    frames: () => batch(100, () => h2.frame(h2.PRIORITY, 0, 1, Buffer.from([0, 0, 0, 3, 16]))),
  },
  {
    name: "WINDOW_UPDATE",
    rounds: 2_000,
    frames: () => batch(100, () => h2.frame(h2.WINDOW_UPDATE, 0, 0, Buffer.from([0, 0, 0, 1]))),
  },
];

for (const item of floods) {
  test(`a flood of ${item.name} is cut short; memory stays flat and others are served`, async () => {
    await using server = await ServerProcess.start();
    expect(await served(server.port)).toBe(true);
    const before = await server.state();
    const client = await RawH2.open(server.port, item.settings);
    if (item.before !== undefined) client.send(item.before);
    const flooding = flood(client, item.rounds, item.frames);
    expect(await served(server.port)).toBe(true);
    const sent = await flooding;
    await client.until((one) => one.type === h2.GOAWAY);
    expect({
      cut:
        sent < item.rounds || client.closed || client.frames.some((one) => one.type === h2.GOAWAY),
    }).toEqual({ cut: true });
    expect(await served(server.port)).toBe(true);
    const after = await server.state();
    expect(after.rss - before.rss).toBeLessThan(64);
    client.end();
  }, 60_000);
}
