// Frames of an HTTP/2 backend in any order, some with a bit turned: every request comes to an end, and nothing is held.
import { expect, test } from "bun:test";
import { HeaderList } from "../../src/http/header-list.ts";
import { plainReceiver } from "../../src/upstream/receiver.ts";
import { UpstreamFault } from "../../src/upstream/fault.ts";
import { Upstream } from "../../src/upstream/upstream.ts";
import {
  CONTINUATION,
  DATA,
  fields,
  frame,
  GOAWAY,
  HEADERS,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from "../support/h2-frames.ts";
import { hello, startH2Origin, uint32 } from "../support/h2-origin.ts";
import { seededRandom } from "../support/random.ts";

const sections: [string, string][][] = [
  [[":status", "200"]],
  [
    [":status", "200"],
    ["content-length", "5"],
  ],
  [["x-sum", "7"]],
  [[":status", "103"]],
  [[":status", "204"]],
  [],
];
const settings = ["", "000300000001", "00047fffffff", "0004ffffffff", "0000000000"];

test.each([1, 2, 3])(
  "seed %d",
  async (seed) => {
    const { below, pick } = seededRandom(seed);
    await using origin = await startH2Origin();
    const upstream = new Upstream({
      name: "fuzz",
      backends: [origin.address],
      timeouts: { firstByteMs: 100, idleMs: 100 },
      retry: { attempts: 1 },
    });

    const piece = (id: number): Buffer => {
      const on = pick([id, id, id, id, id, 0, id + 2, 2]);
      const some = Buffer.alloc(below(20), below(256));
      switch (below(11)) {
        case 0:
        case 1:
        case 2:
          return frame(HEADERS, pick([4, 4, 5, 0, 12, 36]), on, fields(pick(sections)));
        case 3:
        case 4:
          return frame(DATA, pick([0, 1, 8]), on, some);
        case 5:
          return frame(RST_STREAM, 0, on, uint32(pick([0, 2, 7, 8])));
        case 6:
          return frame(WINDOW_UPDATE, 0, on, uint32(pick([0, 1, 0x7fffffff])));
        case 7:
          return frame(
            SETTINGS,
            pick([0, 0, 1]),
            pick([0, 0, 1]),
            Buffer.from(pick(settings), "hex"),
          );
        case 8:
          return frame(GOAWAY, 0, 0, Buffer.concat([uint32(pick([0, id])), uint32(below(12))]));
        case 9:
          return frame(CONTINUATION, pick([0, 4]), on, fields(pick(sections)));
        default:
          return frame(below(16), below(256), on, some);
      }
    };
    const request = (method: string) => ({
      method,
      target: "/",
      authority: undefined,
      headers: new HeaderList(),
      body: null,
    });
    const send = (method: string) => upstream.send(request(method), plainReceiver).outcome;

    const outcomes = new Set<unknown>();
    for (let i = 0; i < 120; i++) {
      origin.plan = (s) => {
        const head = frame(HEADERS, 4, s.id, fields(sections[0]!));
        const frames = Array.from({ length: 1 + below(5) }, () => piece(s.id));
        const all = Buffer.concat(below(2) === 0 ? [head, ...frames] : frames);
        if (below(8) === 0) all[below(all.length)]! ^= 1 << below(8);
        s.raw(all);
      };
      try {
        const { status, body } = await send(pick(["GET", "HEAD", "POST"]));
        outcomes.add(status);
        if (body === null || body instanceof Uint8Array) continue;
        for (let chunk = await body.pull(); chunk !== null;) chunk = await body.pull();
      } catch (error) {
        expect(error).toBeInstanceOf(UpstreamFault);
        outcomes.add((error as UpstreamFault).code);
      }
    }
    expect(outcomes.size).toBeGreaterThan(3);
    origin.plan = hello;
    expect((await send("GET")).status).toBe(200);
    expect(upstream.load).toEqual({ inFlight: 0, queued: 0 });
    expect(upstream.backends[0]?.transport.connections).toEqual({ open: 1, idle: 1 });
    upstream.close();
  },
  20_000,
);
